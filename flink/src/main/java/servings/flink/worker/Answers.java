package servings.flink.worker;

import static java.nio.charset.StandardCharsets.US_ASCII;
import static java.nio.charset.StandardCharsets.UTF_8;

import java.util.ArrayList;
import java.util.List;

/** Answers that a worker process gave together, and that are written together. */
public final class Answers {
  private static final int BEFORE_RECORDS = 2;
  private static final int VALUES_OF_RECORD = 3;

  final Session session;
  /** The number of the process's call. */
  final byte[] call;
  private final List<byte[]> values;

  /** @param values  as the script that writes them takes them: the time, how many they are; id, uri and value of each; then
   *      number, reason and deliveries of each that was given up */
  Answers(Session session, byte[] call, List<byte[]> values) {
    this.session = session;
    this.call = call;
    this.values = values;
  }

  public String consumer() {
    return session.consumer;
  }

  public byte[] time() {
    return values.get(0);
  }

  public byte[] count() {
    return values.get(1);
  }

  public List<byte[]> rest() {
    return values.subList(BEFORE_RECORDS, values.size());
  }

  List<String> ids() {
    int count = Integer.parseInt(new String(count(), US_ASCII));
    List<String> ids = new ArrayList<>(count);
    for (int i = 0; i < count; i++) ids.add(new String(values.get(BEFORE_RECORDS + i * VALUES_OF_RECORD), UTF_8));
    return ids;
  }
}
