package servings.flink.queue;

/** What becomes of a record. */
public final class Answer {
  final QueuedRecord record;
  /** null: nobody waits for it, and none is written. */
  final byte[] value;
  /** Why it was given up; null if it was not. */
  final String reason;

  public Answer(QueuedRecord record, byte[] value, String reason) {
    this.record = record;
    this.value = value;
    this.reason = reason;
  }

  public QueuedRecord record() {
    return record;
  }

  public boolean isFailed() {
    return reason != null;
  }

  public boolean isExpired() {
    return value == null && reason == null;
  }
}
