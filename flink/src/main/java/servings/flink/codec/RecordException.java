package servings.flink.codec;

/** Why one record cannot be answered: the reason of its dead letter. It never ends the job. */
public final class RecordException extends RuntimeException {
  private final String code;

  public RecordException(String code, String message) {
    // A stack would cost more than the record, and its place is known by the message.
    super(message, null, false, false);
    this.code = code;
  }

  /** The payload cannot be read; {@code where} names the column or the position. */
  public static RecordException undecodable(String where, String what) {
    return new RecordException("record-undecodable", where.isEmpty() ? what : where + ": " + what);
  }

  public String code() {
    return code;
  }

  /** As dead letters and the log tell it. */
  public String reason() {
    return code + ": " + getMessage();
  }
}
