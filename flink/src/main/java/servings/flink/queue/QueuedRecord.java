package servings.flink.queue;

import java.util.List;

/** A record as Redis gave it to a worker. */
public final class QueuedRecord {
  public final String id;
  /** By Redis's clock, in ms since 1970. */
  public final long enqueuedAt;
  /** null where the record has no such field; likewise below. */
  public final byte[] uri;

  public final byte[] data;
  public final byte[] serde;
  /** Until when somebody waits for its result, in ms since 1970; 0: for ever. */
  public final long deadline;
  /** How many requests of an HTTP frontend share it; 1 for any other. */
  public final int sharedBy;

  public final int deliveries;
  /** Its last delivery: it is to be worked on by itself. */
  public final boolean isAlone;

  QueuedRecord(byte[] id, List<?> fields, int deliveries, boolean isAlone) {
    this.id = RedisLink.text(id);
    this.enqueuedAt = Long.parseLong(this.id.substring(0, this.id.indexOf('-')));
    this.uri = field(fields, "uri");
    this.data = field(fields, "data");
    this.serde = field(fields, "serde");
    this.deadline = number(field(fields, RedisKeys.DEADLINE_FIELD));
    this.sharedBy = (int) Math.max(1, number(field(fields, RedisKeys.SHARED_BY_FIELD)));
    this.deliveries = deliveries;
    this.isAlone = isAlone;
  }

  public boolean isExpired(long now) {
    return deadline > 0 && deadline <= now;
  }

  public int size() {
    return data == null ? 0 : data.length;
  }

  private static byte[] field(List<?> fields, String name) {
    for (int i = 0; i + 1 < fields.size(); i += 2) {
      byte[] key = (byte[]) fields.get(i);
      if (key.length == name.length() && RedisLink.text(key).equals(name)) return (byte[]) fields.get(i + 1);
    }
    return null;
  }

  /** One that cannot be read is none: the record is answered. */
  private static long number(byte[] text) {
    if (text == null) return 0;
    try {
      return Math.max(0, Long.parseLong(RedisLink.text(text)));
    } catch (NumberFormatException error) {
      return 0;
    }
  }
}
