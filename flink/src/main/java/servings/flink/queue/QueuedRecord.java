package servings.flink.queue;

import java.util.List;

/** A record as Redis gave it to a worker. */
public final class QueuedRecord {
  public final String id;
  /** By Redis's clock, in ms since 1970; when it was read, if its client chose the id. */
  public final long enqueuedAt;
  /** null where the record has no such field; likewise below. */
  public final byte[] uri;

  public final byte[] data;
  public final byte[] serde;
  /** Until when somebody waits for its result, in ms since 1970 by Redis's clock; 0: for ever. */
  public final long deadline;
  /** How many requests of an HTTP frontend share it; 1 for any other. */
  public final int sharedBy;

  public final int deliveries;
  /** Its last delivery: it is to be worked on by itself. */
  public final boolean isAlone;

  /** @param now  by Redis's clock */
  QueuedRecord(byte[] id, List<?> fields, int deliveries, boolean isAlone, long now) {
    this.id = RedisLink.text(id);
    String time = this.id.substring(0, this.id.indexOf('-'));
    this.enqueuedAt = number(time, now - RedisKeys.MAX_WAIT_MS, now + RedisKeys.MAX_WAIT_MS, now);
    this.uri = field(fields, "uri");
    this.data = field(fields, "data");
    this.serde = field(fields, "serde");
    String deadline = textOf(field(fields, RedisKeys.DEADLINE_FIELD));
    this.deadline = number(deadline, RedisKeys.MIN_TIME, RedisKeys.MAX_TIME, 0);
    String sharers = textOf(field(fields, RedisKeys.SHARED_BY_FIELD));
    this.sharedBy = (int) number(sharers, RedisKeys.MIN_SHARED_BY, RedisKeys.MAX_SHARED_BY, 1);
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

  private static String textOf(byte[] value) {
    return value == null ? "" : RedisLink.text(value);
  }

  /** One that cannot be read, or is absurd, is none: the record is answered. */
  private static long number(String text, long min, long max, long absent) {
    if (!text.matches("[0-9]{1,16}")) return absent;
    long number = Long.parseLong(text);
    return number >= min && number <= max ? number : absent;
  }
}
