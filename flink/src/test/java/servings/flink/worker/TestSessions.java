package servings.flink.worker;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.util.ArrayList;
import java.util.List;
import servings.flink.queue.QueuedRecord;

/** Makes, for the tests of other rooms, what only a worker makes. */
public final class TestSessions {
  private TestSessions() {}

  /** A session of no process. */
  public static Session of(String consumer) {
    return new Session(consumer, null);
  }

  public static void give(InHand inHand, Session session, List<QueuedRecord> records) {
    inHand.add(session, records);
  }

  /** @param values  as {@link Answers} takes them */
  public static Answers answers(Session session, String... values) {
    List<byte[]> all = new ArrayList<>();
    for (String value : values) all.add(value.getBytes(UTF_8));
    return new Answers(session, "1".getBytes(UTF_8), all);
  }
}
