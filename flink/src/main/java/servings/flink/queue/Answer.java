package servings.flink.queue;

/** What becomes of a record. */
public final class Answer {
  final QueuedRecord record;
  /** null: nobody waits for it, and none is written. */
  final byte[] value;
  /** Why it was given up, to be kept as a dead letter; null if it was not. */
  final String reason;

  public Answer(QueuedRecord record, byte[] value, String reason) {
    this.record = record;
    this.value = value;
    this.reason = reason;
  }

  public QueuedRecord record() {
    return record;
  }

  /** It is kept as a dead letter. Those that share a record ask anew, each by itself. */
  public boolean isFailed() {
    return reason != null && record.sharedBy == 1;
  }

  /** How many requests are answered, with NaN or a result. */
  public int answered() {
    if (isExpired()) return 0;
    return reason == null || record.sharedBy == 1 ? record.sharedBy : 0;
  }

  /** How many of both are not the first of their record. */
  public int shared() {
    return answered() + expired() > 0 ? record.sharedBy - 1 : 0;
  }

  /** How many requests are not answered, for nobody waits. */
  public int expired() {
    return isExpired() ? record.sharedBy : 0;
  }

  private boolean isExpired() {
    return value == null && reason == null;
  }
}
