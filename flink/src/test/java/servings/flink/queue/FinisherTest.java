package servings.flink.queue;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import redis.clients.jedis.Protocol.Command;
import servings.flink.worker.Session;
import servings.flink.worker.TestSessions;

@Timeout(120)
class FinisherTest {
  private static final String OWN = "cs-w1.own";
  private static final Session SESSION = TestSessions.of(OWN);

  private JobInRedis job;
  private Registry registry;
  private Finisher finisher;

  @BeforeEach
  void start() throws IOException, InterruptedException {
    job = new JobInRedis();
    registry = new Registry(job.spec, "w1");
    registry.makeGroup(OWN);
    finisher = new Finisher(job.spec);
  }

  @AfterEach
  void stop() throws InterruptedException {
    finisher.close();
    registry.close();
    job.redis.stop();
  }

  private List<String> taken(int count) {
    List<String> ids = new ArrayList<>();
    for (int i = 0; i < count; i++) ids.add(job.put("r" + i, "1"));
    job.deliver(OWN, count);
    return ids;
  }

  private String result(String uri) {
    return job.redis.text(Command.HGET, "cluster-serving_" + JobInRedis.NAME + ":" + uri, "value");
  }

  private long timeToLive(String uri) {
    return (Long) job.redis.call(Command.TTL, "cluster-serving_" + JobInRedis.NAME + ":" + uri);
  }

  @Test
  void resultsAreWrittenAndTheirRecordsAcknowledgedAndFreed() {
    List<String> ids = taken(3);
    finisher.finish(TestSessions.answers(SESSION, "1700", "2", ids.get(0), "r0", "\u732b", ids.get(2), "r2", "[3]"));
    assertEquals("\u732b", result("r0"));
    assertEquals("[3]", result("r2"));
    assertNull(result("r1"));
    assertNull(job.pending(ids.get(0)));
    assertNull(job.pending(ids.get(2)));
    assertEquals(OWN, job.pending(ids.get(1))[0]);
    assertEquals(1L, job.redis.call(Command.XLEN, JobInRedis.NAME));
    assertEquals(-1, timeToLive("r0"));
  }

  @Test
  void resultsExpireWhereTheJobSaysSo() {
    job.spec.resultTtlSeconds = 1_000;
    String id = taken(1).get(0);
    finisher.finish(TestSessions.answers(SESSION, "1700", "1", id, "r0", "[1]"));
    long seconds = timeToLive("r0");
    assertTrue(seconds > 800 && seconds <= 1_000, seconds + " s");
  }

  @Test
  void whatIsWrittenTwiceIsAnsweredOnce() {
    String id = taken(1).get(0);
    finisher.finish(TestSessions.answers(SESSION, "1700", "1", id, "r0", "[1]"));
    // Another process may have had it meanwhile, and the client may have read and removed its result.
    job.redis.call(Command.DEL, "cluster-serving_" + JobInRedis.NAME + ":r0");
    finisher.finish(TestSessions.answers(SESSION, "1700", "1", id, "r0", "[2]"));
    assertNull(result("r0"));
  }

  @Test
  void aRecordThatIsGivenUpBecomesADeadLetterWithItsReason() {
    String id = taken(1).get(0);
    finisher.finish(TestSessions.answers(SESSION, "1700", "1", id, "r0", "NaN", "1", "too \u732b", "4"));
    assertEquals("NaN", result("r0"));
    assertNull(job.pending(id));
    List<?> letters = (List<?>) job.redis.call(Command.XRANGE, RedisKeys.deadStream(JobInRedis.NAME), "-", "+");
    assertEquals(1, letters.size());
    List<String> fields = new ArrayList<>();
    for (Object field : (List<?>) ((List<?>) letters.get(0)).get(1)) fields.add(RedisLink.text(field));
    for (String expected : List.of("r0", "too \u732b", "4", id, OWN)) assertTrue(fields.contains(expected), expected);
  }

  @Test
  void answersOfNoRecordChangeNothing() {
    String id = taken(1).get(0);
    finisher.finish(TestSessions.answers(SESSION, "1700", "0"));
    assertEquals(OWN, job.pending(id)[0]);
  }

  @Test
  void aResultThatHasNoPlaceBecomesADeadLetterAndKeepsNoOtherBack() {
    List<String> ids = taken(2);
    job.redis.call(Command.SET, "cluster-serving_" + JobInRedis.NAME + ":r0", "a text of the client's");
    finisher.finish(TestSessions.answers(SESSION, "1700", "2", ids.get(0), "r0", "[0]", ids.get(1), "r1", "[1]"));
    assertEquals("[1]", result("r1"));
    assertEquals("a text of the client's", job.redis.text(Command.GET, "cluster-serving_" + JobInRedis.NAME + ":r0"));
    assertEquals(1L, job.redis.call(Command.XLEN, RedisKeys.deadStream(JobInRedis.NAME)));
  }

  @Test
  void aFullRedisStillTakesResultsWhichFreeTheirRecords() {
    List<String> ids = taken(2);
    job.redis.call(Command.CONFIG, "SET", "maxmemory", "1");
    finisher.finish(TestSessions.answers(SESSION, "1700", "2", ids.get(0), "r0", "[0]", ids.get(1), "r1", "[1]"));
    assertEquals("[0]", result("r0"));
    assertEquals("[1]", result("r1"));
    assertEquals(0L, job.redis.call(Command.XLEN, JobInRedis.NAME));
  }

  @Test
  void aRedisThatRefusesWritesKeepsEveryRecordPending() {
    String id = taken(1).get(0);
    job.redis.call(Command.CONFIG, "SET", "min-replicas-to-write", "1");
    assertThrows(RedisTrouble.class, () -> finisher.finish(TestSessions.answers(SESSION, "1700", "1", id, "r0", "[0]")));
    job.redis.call(Command.CONFIG, "SET", "min-replicas-to-write", "0");
    assertNull(result("r0"));
    assertEquals(OWN, job.pending(id)[0]);
    finisher.finish(TestSessions.answers(SESSION, "1700", "1", id, "r0", "[0]"));
    assertEquals("[0]", result("r0"));
  }

  @Test
  void aStreamThatHasGoneTakesItsRecordsWithIt() {
    String id = taken(1).get(0);
    job.redis.call(Command.DEL, JobInRedis.NAME);
    finisher.finish(TestSessions.answers(SESSION, "1700", "1", id, "r0", "[1]"));
    assertNull(result("r0"));
  }
}
