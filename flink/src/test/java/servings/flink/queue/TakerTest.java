package servings.flink.queue;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static servings.flink.TestRedis.eventually;

import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import redis.clients.jedis.Protocol.Command;
import redis.clients.jedis.exceptions.JedisDataException;
import servings.flink.worker.InHand;
import servings.flink.worker.Session;
import servings.flink.worker.TestSessions;

@Timeout(120)
class TakerTest {
  private static final Session OWN = TestSessions.of("cs-w1.own");
  private static final String OTHER = "cs-w2.other";

  private final InHand inHand = new InHand();
  private JobInRedis job;
  private Registry registry;
  private Taker taker;

  @BeforeEach
  void start() throws IOException, InterruptedException {
    job = new JobInRedis();
    registry = new Registry(job.spec, "w1");
    taker = new Taker(job.spec, registry, inHand);
  }

  @AfterEach
  void stop() throws InterruptedException {
    taker.close();
    registry.close();
    job.redis.stop();
  }

  /** Takes until something comes. */
  private List<QueuedRecord> takeSome(int max) throws InterruptedException {
    return eventually("a record", () -> {
      List<QueuedRecord> taken = taker.take(OWN, max);
      return taken.isEmpty() ? null : taken;
    });
  }

  /** A record that was given to another process, which is silent since then. */
  private String left(String uri, String owner, long idleMs) {
    registry.makeGroup(owner);
    String id = job.put(uri, "1");
    job.deliver(owner, 1);
    job.leaveIdle(owner, id, idleMs);
    return id;
  }

  @Test
  void newRecordsComeInTheirOrderAsTheirClientsWroteThem() {
    assertEquals(List.of(), taker.take(OWN, 10));
    List<String> ids = List.of(job.put("a", "\u732b"), job.put("b", ""), job.put("c", "1\r\n2"));
    List<QueuedRecord> taken = taker.take(OWN, 10);
    assertEquals(ids, JobInRedis.ids(taken));
    List<String> fields = new ArrayList<>();
    for (byte[] field : taken.get(0).fields) fields.add(new String(field, UTF_8));
    assertEquals(List.of("uri", "a", "x", "\u732b"), fields);
    for (QueuedRecord record : taken) {
      assertEquals(1, record.deliveries);
      assertEquals(-1, record.deaths);
      assertEquals("cs-w1.own", job.pending(record.id)[0]);
    }
    assertEquals(0, taker.takenOver());
  }

  @Test
  void noMoreComeThanAreAskedFor() {
    for (int i = 0; i < 10; i++) job.put("r" + i, "1");
    assertEquals(3, taker.take(OWN, 3).size());
    assertEquals(1, taker.take(OWN, 1).size());
    assertEquals(6, taker.take(OWN, 100).size());
  }

  @Test
  void ofLargeRecordsFewerComeInARead() {
    String large = "x".repeat(1 << 20);
    List<Integer> counts = new ArrayList<>();
    for (int read = 0; read < 3; read++) {
      for (int i = 0; i < 30; i++) job.put("r" + i, large);
      counts.add(taker.take(OWN, 30).size());
    }
    // The first read cannot know how large they are.
    assertEquals(30, counts.get(0));
    for (int count : counts.subList(1, 3)) assertTrue(count >= 1 && count <= 8, counts.toString());
    for (int i = 0; i < 400; i++) {
      job.put("small", "1");
      taker.take(OWN, 30);
    }
    // What is large counts less from record to record.
    for (int i = 0; i < 30; i++) job.put("small", "1");
    assertEquals(30, taker.take(OWN, 30).size());
  }

  @Test
  void whatADeadProcessLeftComesBeforeWhatIsNew() throws InterruptedException {
    String id = left("old", OTHER, JobInRedis.CLAIM_IDLE_MS + 1);
    String fresh = job.put("new", "1");
    QueuedRecord old = takeSome(10).get(0);
    assertEquals(id, old.id);
    assertEquals(2, old.deliveries);
    assertEquals("cs-w1.own", job.pending(id)[0]);
    assertEquals(1, taker.takenOver());
    TestSessions.give(inHand, OWN, List.of(old));
    assertEquals(List.of(fresh), JobInRedis.ids(takeSome(10)));
  }

  @Test
  void whatAnotherProcessMayStillWorkOnStaysWithIt() {
    String id = left("busy", OTHER, JobInRedis.CLAIM_IDLE_MS / 2);
    assertEquals(List.of(), taker.take(OWN, 10));
    assertEquals(OTHER, job.pending(id)[0]);
  }

  @Test
  void aRecordThatWasLostWithAConnectionComesAgainSooner() throws InterruptedException {
    String id = left("lost", "cs-w1.own", 5_000);
    List<QueuedRecord> taken = takeSome(10);
    assertEquals(List.of(id), JobInRedis.ids(taken));
    assertEquals(2, taken.get(0).deliveries);
  }

  @Test
  void whatTheWorkerStillHasIsNotTakenAgainHoweverLongItTakes() {
    String id = left("slow", "cs-w1.own", JobInRedis.CLAIM_IDLE_MS + 1);
    List<byte[]> fields = List.of("uri".getBytes(UTF_8), "slow".getBytes(UTF_8));
    TestSessions.give(inHand, OWN, List.of(new QueuedRecord(id.getBytes(UTF_8), fields, 1, -1)));
    assertEquals(List.of(), taker.take(OWN, 10));
    taker.hurry();
    assertEquals(List.of(), taker.take(OWN, 10));
    assertEquals(0, taker.takenOver());
  }

  @Test
  void aRecordThatADyingModelHadAloneComesAlone() throws InterruptedException {
    String poison = left("poison", OTHER, JobInRedis.CLAIM_IDLE_MS + 1);
    registry.noteRunning(OTHER, poison.getBytes(UTF_8));
    String other = left("other", OTHER, JobInRedis.CLAIM_IDLE_MS + 1);
    // First what was never suspected, then the other by itself.
    List<QueuedRecord> first = takeSome(10);
    assertEquals(List.of(other), JobInRedis.ids(first));
    TestSessions.give(inHand, OWN, first);
    taker.hurry();
    List<QueuedRecord> second = takeSome(10);
    assertEquals(List.of(poison), JobInRedis.ids(second));
    assertTrue(second.get(0).isAlone());
    assertEquals(1, second.get(0).deaths);
  }

  @Test
  void aRecordThatItsClientRemovedIsPassedOver() {
    String id = left("removed", OTHER, JobInRedis.CLAIM_IDLE_MS + 1);
    job.redis.call(Command.XDEL, JobInRedis.NAME, id);
    assertEquals(List.of(), taker.take(OWN, 10));
    assertNull(job.pending(id));
  }

  @Test
  void aFlushedRedisHasItsGroupAgainAndLosesNoRecordThatComesAfterIt() throws InterruptedException {
    taker.take(OWN, 10);
    for (int round = 0; round < 3; round++) {
      job.redis.call(Command.FLUSHALL);
      String id = job.put("after " + round, "1");
      assertEquals(List.of(id), JobInRedis.ids(takeSome(10)), "round " + round);
    }
  }

  @Test
  void aKeyThatIsNoStreamIsNotWaitedOut() {
    job.redis.call(Command.SET, JobInRedis.NAME, "text");
    JedisDataException error = assertThrows(JedisDataException.class, () -> taker.take(OWN, 10));
    assertTrue(error.getMessage().contains("WRONGTYPE"), error.getMessage());
    assertEquals("text", job.redis.text(Command.GET, JobInRedis.NAME));
  }

  @Test
  void eachProcessOfAWorkerReadsUnderItsOwnName() {
    job.put("a", "1");
    job.put("b", "1");
    Session next = TestSessions.of("cs-w1.next");
    String first = taker.take(OWN, 1).get(0).id;
    String second = taker.take(next, 1).get(0).id;
    assertEquals("cs-w1.own", job.pending(first)[0]);
    assertEquals("cs-w1.next", job.pending(second)[0]);
  }

  @Test
  void anEndInterruptsARead() {
    taker.take(OWN, 10);
    taker.close();
    assertThrows(RedisTrouble.class, () -> taker.take(OWN, 10));
  }
}
