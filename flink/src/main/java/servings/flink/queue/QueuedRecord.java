package servings.flink.queue;

import java.util.List;

/** A record as Redis gave it to a worker. */
public final class QueuedRecord {
  public final String id;
  /** Names and values in turn, as the client wrote them. */
  public final List<byte[]> fields;

  public final long deliveries;
  /** How many workers died while their model had it and nothing else; -1: no worker died while its model had it. One that is
   *  not -1 is worked on by itself. */
  public final long deaths;
  /** Bytes of its fields. */
  public final int size;

  @SuppressWarnings("unchecked")
  public QueuedRecord(byte[] id, Object fields, long deliveries, long deaths) {
    this.id = RedisLink.text(id);
    this.fields = fields == null ? List.of() : (List<byte[]>) fields;
    this.deliveries = deliveries;
    this.deaths = deaths;
    int bytes = 0;
    for (byte[] field : this.fields) bytes += field.length;
    this.size = bytes;
  }

  public boolean isAlone() {
    return deaths >= 0;
  }
}
