package servings.flink.queue;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import redis.clients.jedis.Protocol.Command;
import redis.clients.jedis.exceptions.JedisDataException;

@Timeout(120)
class RegistryTest {
  private static final String OWN = "cs-w1.own";

  private JobInRedis job;
  private Registry registry;

  @BeforeEach
  void start() throws IOException, InterruptedException {
    job = new JobInRedis();
    registry = new Registry(job.spec, "w1");
  }

  @AfterEach
  void stop() throws InterruptedException {
    registry.close();
    job.redis.stop();
  }

  private String taken(String consumer) {
    registry.makeGroup(consumer);
    String id = job.put("r", "1");
    job.deliver(consumer, 1);
    return id;
  }

  @Test
  void eachProcessHasANameOfItsOwnThatNamesItsWorker() {
    Set<String> names = new HashSet<>();
    for (int i = 0; i < 100; i++) names.add(registry.newConsumer());
    assertEquals(100, names.size());
    for (String name : names) assertTrue(name.startsWith("cs-w1."), name);
  }

  @Test
  void aRegistrationStandsUntilTheWorkerTakesItsLeave() {
    registry.register("{\"a\":1}");
    registry.register("{\"a\":2}");
    assertEquals("{\"a\":2}", job.redis.text(Command.HGET, RedisKeys.WORKERS_KEY, "w1"));
    job.redis.call(Command.HSET, RedisKeys.WORKERS_KEY, "w2", "{}");
    job.redis.call(Command.SET, RedisKeys.stopKey("w1"), "1");
    registry.renew(OWN, "{}", "{}");
    registry.unregister();
    assertNull(job.redis.text(Command.HGET, RedisKeys.WORKERS_KEY, "w1"));
    assertEquals("{}", job.redis.text(Command.HGET, RedisKeys.WORKERS_KEY, "w2"));
    for (String key : List.of(RedisKeys.heartbeatKey("w1"), RedisKeys.stopKey("w1")))
      assertNull(job.redis.text(Command.GET, key), key);
  }

  @Test
  void aRenewalWritesWhateverAFlushTookAndSaysWhatTimeItIs() {
    registry.renew(OWN, "{}", "{\"n\":1}");
    job.redis.call(Command.FLUSHALL);
    long before = registry.time();
    Registry.Renewed renewed = registry.renew(OWN, "{\"again\":1}", "{\"n\":2}");
    assertTrue(renewed.redisMs >= before && renewed.redisMs <= registry.time(), String.valueOf(renewed.redisMs));
    assertFalse(renewed.isStopAsked);
    assertEquals("{\"again\":1}", job.redis.text(Command.HGET, RedisKeys.WORKERS_KEY, "w1"));
    assertEquals("{\"n\":2}", job.redis.text(Command.GET, RedisKeys.heartbeatKey("w1")));
    assertEquals(List.of(OWN), job.consumers());
  }

  @Test
  void aHeartbeatExpiresAndBeforeTheFirstThereIsNone() {
    registry.renew(OWN, "{}", "");
    assertNull(job.redis.text(Command.GET, RedisKeys.heartbeatKey("w1")));
    registry.renew(OWN, "{}", "{}");
    long left = (Long) job.redis.call(Command.PTTL, RedisKeys.heartbeatKey("w1"));
    assertTrue(left <= RedisKeys.HEARTBEAT_TTL_MS && left != -1, left + " ms");
  }

  @Test
  void aStopIsSeenByTheWorkerThatItIsMeantFor() {
    job.redis.call(Command.SET, RedisKeys.stopKey("w2"), "1");
    assertFalse(registry.renew(OWN, "{}", "{}").isStopAsked);
    job.redis.call(Command.SET, RedisKeys.stopKey("w1"), "1");
    assertTrue(registry.renew(OWN, "{}", "{}").isStopAsked);
  }

  @Test
  void aGroupThatIsMadeAgainBeginsBehindWhatWasAcknowledged() {
    String first = taken(OWN);
    job.redis.call(Command.XACK, JobInRedis.NAME, "serving", first);
    registry.renew(OWN, "{}", "{}");
    String second = job.put("second", "1");
    job.redis.call(Command.XGROUP, "DESTROY", JobInRedis.NAME, "serving");
    registry.makeGroup(OWN);
    job.deliver(OWN, 10);
    assertNull(job.pending(first));
    assertEquals(OWN, job.pending(second)[0]);
  }

  @Test
  void recordsThatAreStillWorkedOnAreNoLongerIdleAndThoseOfOthersStayAsTheyAre() {
    String own = taken(OWN);
    String others = taken("cs-w2.other");
    job.leaveIdle(OWN, own, 1_000_000);
    job.leaveIdle("cs-w2.other", others, 1_000_000);
    registry.keepAlive(OWN, List.of(own, others, "1-1"));
    assertTrue(job.idleMs(own) < 900_000);
    assertTrue(job.idleMs(others) >= 1_000_000);
    assertEquals("cs-w2.other", job.pending(others)[0]);
  }

  @Test
  void whatIsHandedBackMayBeTakenByOthersAtOnce() {
    String own = taken(OWN);
    String kept = taken(OWN);
    registry.handBack(OWN, List.of());
    assertTrue(job.idleMs(own) < JobInRedis.CLAIM_IDLE_MS);
    registry.handBack(OWN, List.of(own));
    assertTrue(job.idleMs(own) >= JobInRedis.CLAIM_IDLE_MS);
    assertTrue(job.idleMs(kept) < JobInRedis.CLAIM_IDLE_MS);
  }

  @Test
  void allProcessesOfTheWorkerHandBackAndNoneOfAWorkerWithALongerName() {
    String first = taken(OWN);
    String second = taken("cs-w1.before");
    String foreign = taken("cs-w10.other");
    String close = taken("cs-w1");
    registry.handBackAll();
    for (String id : List.of(first, second)) assertTrue(job.idleMs(id) >= JobInRedis.CLAIM_IDLE_MS);
    for (String id : List.of(foreign, close)) assertTrue(job.idleMs(id) < JobInRedis.CLAIM_IDLE_MS);
  }

  @Test
  void whatAModelHadIsRememberedOnlyWhileItIsPending() {
    String id = taken(OWN);
    registry.makeGroup("cs-w1.done");
    registry.noteRunning(OWN, id.getBytes(UTF_8));
    registry.noteRunning("cs-w1.done", "1-1 1-2".getBytes(UTF_8));
    registry.handBackAll();
    String runs = RedisKeys.runsKey(JobInRedis.NAME);
    assertEquals(id, job.redis.text(Command.HGET, runs, "running:" + OWN));
    assertNull(job.redis.text(Command.HGET, runs, "running:cs-w1.done"));
    registry.forgetDeaths(List.of(("running:" + OWN).getBytes(UTF_8), "none".getBytes(UTF_8)));
    assertEquals(0L, job.redis.call(Command.EXISTS, runs));
  }

  @Test
  void withoutItsStreamThereIsNothingToHandBack() {
    registry.handBackAll();
    job.redis.call(Command.SET, JobInRedis.NAME, "text");
    registry.handBackAll();
    assertEquals("text", job.redis.text(Command.GET, JobInRedis.NAME));
  }

  @Test
  void acknowledgedEntriesAreFreedAndNoOther() {
    String first = taken(OWN);
    String second = taken(OWN);
    String waiting = job.put("waiting", "1");
    job.redis.call(Command.XACK, JobInRedis.NAME, "serving", first);
    registry.trim();
    List<?> left = (List<?>) job.redis.call(Command.XRANGE, JobInRedis.NAME, "-", "+");
    assertEquals(2, left.size());
    assertEquals(second, RedisLink.text(((List<?>) left.get(0)).get(0)));
    assertEquals(waiting, RedisLink.text(((List<?>) left.get(1)).get(0)));
  }

  @Test
  void secretsOfTheModelAndOfRecordsAreApartAndMayBeMissingInPart() {
    assertArrayEquals(new Object[] {"", ""}, registry.secret(false));
    job.redis.call(Command.HSET, RedisKeys.SECRETS_KEY, "secret", "s\u00e9cret");
    assertArrayEquals(new Object[] {"s\u00e9cret", ""}, registry.secret(false));
    job.redis.call(Command.HSET, RedisKeys.RECORD_SECRETS_KEY, "secret", "a", "salt", "b");
    assertArrayEquals(new Object[] {"a", "b"}, registry.secret(true));
    job.redis.call(Command.SET, RedisKeys.SECRETS_KEY, "text");
    assertThrows(JedisDataException.class, () -> registry.secret(false));
  }

  @Test
  void aFullRedisIsFoundOutWithoutAWriteThatStays() {
    assertFalse(registry.isFull());
    job.redis.call(Command.CONFIG, "SET", "maxmemory", "1");
    assertTrue(registry.isFull());
    job.redis.call(Command.CONFIG, "SET", "maxmemory", "0");
    assertFalse(registry.isFull());
    assertEquals(0L, job.redis.call(Command.EXISTS, RedisKeys.WRITE_PROBE_KEY));
  }

  @Test
  void anyOtherTroubleDoesNotCountAsFull() throws IOException {
    try (ScriptedRedis loading = new ScriptedRedis("-LOADING", ScriptedRedis.HANG_UP, "-OOM full")) {
      job.spec.redis = loading.spec(60_000);
      try (Registry other = new Registry(job.spec, "w1")) {
        assertFalse(other.isFull());
        assertFalse(other.isFull());
        assertTrue(other.isFull());
      }
    }
  }

  @Test
  void timesAreWholeMillisecondsOfRedis() throws IOException {
    try (ScriptedRedis redis = new ScriptedRedis("*2\r\n$10\r\n1700000000\r\n$6\r\n999999", "*2\r\n$1\r\n0\r\n$3\r\n999")) {
      job.spec.redis = redis.spec(60_000);
      try (Registry other = new Registry(job.spec, "w1")) {
        assertEquals(1_700_000_000_999L, other.time());
        assertEquals(0, other.time());
      }
    }
  }
}
