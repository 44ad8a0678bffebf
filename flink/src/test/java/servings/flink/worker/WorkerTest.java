package servings.flink.worker;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotSame;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static servings.flink.TestRedis.eventually;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import redis.clients.jedis.Protocol.Command;
import servings.flink.JobSpec;
import servings.flink.TestRedis;
import servings.flink.install.Installer;
import servings.flink.install.TestArchives;
import servings.flink.install.TestTask;
import servings.flink.queue.QueuedRecord;

/** The worker with a script in place of Node.js: what the process says are files of messages, and what it gets goes into the
 *  file `got`. */
@Timeout(180)
class WorkerTest {
  private static final String LISTEN = "exec cat <&3 >>got";

  @TempDir Path machine;
  @TempDir Path model;

  private final JobSpec spec = new JobSpec();
  private final BlockingQueue<Answers> answers = new LinkedBlockingQueue<>();
  private final AtomicInteger changes = new AtomicInteger();
  private TestRedis redis;
  private Worker worker;

  @BeforeEach
  void start() throws Exception {
    redis = new TestRedis();
    spec.jobName = "job";
    spec.jobId = model.getFileName().toString();
    spec.logName = "job";
    spec.claimIdleMs = 3_600_000;
    spec.batchSize = 4;
    spec.redis = new JobSpec.RedisSpec();
    spec.redis.host = "127.0.0.1";
    spec.redis.port = redis.port;
    spec.redis.timeoutMs = 60_000;
    spec.redis.password = null;
    spec.worker = new ObjectMapper().readTree("{\"any\":[1]}");
    says("ready", Message.of("ready", 1).add("x"));
    worker = Worker.acquire(spec, 3);
  }

  @AfterEach
  void stop() throws InterruptedException {
    if (worker != null) worker.release();
    redis.stop();
  }

  private static byte[] written(Message message) throws IOException {
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    message.writeTo(out);
    return out.toByteArray();
  }

  /** Messages that a script can say by `cat name >&4`. */
  private void says(String name, Message... messages) throws IOException {
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    for (Message message : messages) out.write(written(message));
    Files.write(model.resolve(name), out.toByteArray());
  }

  private void runs(String script) throws IOException {
    TestArchives archives = new TestArchives(machine);
    spec.program = new JobSpec.ProgramSpec();
    spec.program.node = archives.add("node.zip", Map.of("node", "#!/bin/sh\n" + script + "\n"));
    spec.program.worker = archives.add("worker.zip", Map.of("worker.mjs", ""));
    TestTask task = new TestTask(machine);
    Installer installer = new Installer(spec.program, task);
    installer.start(worker.installed());
    task.answer(archives.toArchives(), installer);
    worker.start(model, answers::add, changes::incrementAndGet);
  }

  private Session warm() throws InterruptedException {
    return eventually("a process that is ready", () -> {
      try {
        worker.requireLife();
        return worker.session(100);
      } catch (InterruptedException error) {
        throw new IllegalStateException(error);
      }
    });
  }

  /** What the process got, once it holds a text. */
  private String got(String part) throws InterruptedException {
    return eventually("the process gets " + part, () -> {
      try {
        String text = Files.exists(model.resolve("got")) ? Files.readString(model.resolve("got"), java.nio.charset.StandardCharsets.ISO_8859_1) : "";
        return text.contains(part) ? text : null;
      } catch (IOException error) {
        throw new UncheckedIOException(error);
      }
    });
  }

  private String failure() throws InterruptedException {
    eventually("the worker fails", () -> worker.hasFailed() ? true : null);
    return assertThrows(RuntimeException.class, worker::requireLife).getMessage();
  }

  private static QueuedRecord record(String id) {
    return new QueuedRecord(id.getBytes(UTF_8), List.of("uri".getBytes(UTF_8), "a".getBytes(UTF_8)), 2, -1);
  }

  /** @return the id of a record that Redis gave to the process */
  private QueuedRecord taken(Session session) throws InterruptedException {
    redis.call(Command.XADD, "job", "*", "uri", "a");
    List<QueuedRecord> records = eventually("the record", () -> {
      List<QueuedRecord> some = worker.taker().take(session, 10);
      return some.isEmpty() ? null : some;
    });
    assertTrue(worker.took(session, records));
    return records.get(0);
  }

  private long idleMs(String id) {
    List<?> entry = (List<?>) ((List<?>) redis.call(Command.XPENDING, "job", "serving", id, id, "1")).get(0);
    return (Long) entry.get(2);
  }

  @Test
  void theProcessIsToldItsJobAndWhereRedisIsButNoPassword() throws Exception {
    runs(LISTEN);
    String text = got("\"redis\"");
    JsonNode words = new ObjectMapper().readTree(text.substring(text.indexOf('{'), text.lastIndexOf('}') + 1));
    assertEquals(1, words.path("job").path("any").path(0).asInt());
    assertEquals(worker.id(), words.path("workerId").asText());
    assertEquals(model.toString(), words.path("modelFolder").asText());
    assertTrue(words.path("runtimeFolder").isNull());
    assertEquals(redis.port, words.path("redis").path("port").asInt());
    assertFalse(text.contains("assword"));
    assertNull(worker.session(1));
  }

  @Test
  void recordsGoToTheProcessAndItsAnswersComeBack() throws Exception {
    says("answers", Message.of("finish", 6).add("9").add("1700").add("1").add("1-1").add("a").add("[1]"));
    runs("cat ready >&4; head -c 60 <&3 >>got; cat answers >&4; " + LISTEN);
    Session session = warm();
    assertTrue(worker.took(session, List.of(record("1-1"), record("1-2"))));
    worker.send(session, List.of(record("1-1"), record("1-2")));
    got("*2\r\n*4\r\n$3\r\n1-1\r\n:2\r\n:-1\r\n*2\r\n$3\r\nuri\r\n$1\r\na\r\n*4\r\n$3\r\n1-2\r\n");
    Answers first = answers.poll(60, TimeUnit.SECONDS);
    assertEquals(List.of("1-1"), first.ids());
    assertEquals(2, worker.inHand().size());
    worker.written(first);
    assertEquals(1, worker.inHand().size());
    got("$2\r\nok\r\n:9\r\n");
    worker.refused(first, new IllegalStateException("away"));
    got("$2\r\nno\r\n:9\r\n:0\r\n$4\r\naway\r\n");
  }

  @Test
  void whatTheProcessAsksOfRedisIsAnswered() throws Exception {
    redis.call(Command.HSET, "model_secured", "secret", "a", "salt", "b");
    redis.call(Command.HSET, "cluster-serving:runs:job", "deaths:1-1", "2");
    says(
        "calls",
        Message.of("secret", 2).add("1").add("model"),
        Message.of("secret", 2).add("2").add("record"),
        Message.of("full", 1).add("3"),
        Message.of("spare", 2).add("4").add("deaths:1-1"),
        Message.of("what is that", 1).add("5"),
        Message.of("renew", 1).add("6"),
        Message.of("renew", 3).add("7").add("{\"r\":1}").add("{\"recordsPerSecond\":8.5}"));
    runs("cat ready >&4; cat calls >&4; " + LISTEN);
    String text = got(":7\r\n");
    assertTrue(text.contains("$2\r\nok\r\n:1\r\n$1\r\na\r\n$1\r\nb\r\n"), text);
    assertTrue(text.contains("$2\r\nok\r\n:2\r\n$0\r\n\r\n$0\r\n\r\n"), text);
    assertTrue(text.contains("$2\r\nok\r\n:3\r\n:0\r\n"), text);
    assertTrue(text.contains("$2\r\nok\r\n:4\r\n"), text);
    assertTrue(text.contains("$2\r\nno\r\n:5\r\n:0\r\n"), text);
    assertTrue(text.contains("what is that"), text);
    // A call without its items keeps no other from being done.
    assertTrue(text.contains("$2\r\nno\r\n:6\r\n:0\r\n"), text);
    assertEquals(8.5, worker.figures().path("recordsPerSecond").asDouble());
    assertEquals("{\"r\":1}", redis.text(Command.HGET, "cluster-serving:workers", worker.id()));
    assertEquals(0L, redis.call(Command.HEXISTS, "cluster-serving:runs:job", "deaths:1-1"));
    assertFalse(worker.isStopAsked());
  }

  @Test
  void aStopThatIsAskedForInRedisIsSeenAtTheNextRenewal() throws Exception {
    redis.call(Command.SET, "cluster-serving:stop:" + worker.id(), "1");
    says("calls", Message.of("renew", 3).add("7").add("{}").add(""));
    runs("cat ready >&4; cat calls >&4; " + LISTEN);
    got(":7\r\n");
    assertTrue(worker.isStopAsked());
  }

  @Test
  void aModelThatCannotServeSaysWhyAndEndsTheTask() throws Exception {
    says("failed", Message.of("failed", 1).add("model-unloadable: \u732b"));
    runs("cat failed >&4; exit 1");
    assertEquals("model-unloadable: \u732b", failure());
    assertEquals(1, changes.get());
  }

  @Test
  void aProcessThatDiesBeforeItsModelIsWarmEndsTheTaskWithItsLastWords() throws Exception {
    runs("echo 'cannot open shared object file'; exit 3");
    String why = failure();
    assertTrue(why.contains("with code 3; cannot open shared object file"), why);
  }

  @Test
  void aProgramThatCouldNotBeBroughtEndsTheTaskWithItsReason() throws Exception {
    worker.installed().completeExceptionally(new IOException("no space left"));
    worker.start(model, answers::add, changes::incrementAndGet);
    assertTrue(failure().contains("no space left"));
  }

  @Test
  void aDeadProcessIsStartedAgainAndWhatItHadGoesBackAtOnce() throws Exception {
    runs("cat ready >&4; if [ -e second ]; then " + LISTEN + "; else touch second; while [ ! -e die ]; do sleep 0.02; done; kill -9 $$; fi");
    Session first = warm();
    QueuedRecord record = taken(first);
    assertTrue(idleMs(record.id) < spec.claimIdleMs);
    Files.createFile(model.resolve("die"));
    Session second = eventually("the next process", () -> {
      try {
        Session now = worker.session(50);
        return now == first ? null : now;
      } catch (InterruptedException error) {
        throw new IllegalStateException(error);
      }
    });
    assertFalse(first.consumer().equals(second.consumer()));
    assertEquals(0, worker.inHand().size());
    assertTrue(idleMs(record.id) >= spec.claimIdleMs);
    assertFalse(worker.hasFailed());
    // What was read for the first comes too late.
    assertFalse(worker.took(first, List.of(record("1-1"))));
    assertEquals(0, worker.inHand().size());
  }

  @Test
  void aProcessThatDiesAgainAndAgainBeforeItIsWarmEndsTheTask() throws Exception {
    runs("echo x >>starts; [ $(wc -l <starts) = 1 ] && cat ready >&4; exit 4");
    String why = failure();
    assertTrue(why.contains("with code 4"), why);
    assertEquals(4, Files.readAllLines(model.resolve("starts")).size());
  }

  @Test
  void whatIsNoMessageEndsTheProcess() throws Exception {
    runs("echo 'Hello, I am a library that prints' >&4; " + LISTEN);
    String why = failure();
    assertTrue(why.contains("no message of a worker"), why);
  }

  @Test
  void atTheEndOfItsInputTheProcessIsAskedToEndAndIsNotStartedAgain() throws Exception {
    runs("echo x >>starts; cat ready >&4; head -c 1 <&3 >/dev/null; while ! grep -q end got 2>/dev/null; do head -c 1 <&3 >>got; done");
    warm();
    worker.endInput();
    eventually("the process is over", () -> worker.isOver() ? true : null);
    String id = worker.id();
    worker.release();
    worker = null;
    assertEquals(1, Files.readAllLines(model.resolve("starts")).size());
    assertNull(redis.text(Command.HGET, "cluster-serving:workers", id));
  }

  @Test
  void aProcessThatHasNothingAndIsNotWarmIsEndedWithItsInput() throws Exception {
    runs("echo x >>starts; " + LISTEN);
    got("workerId");
    worker.endInput();
    long before = System.nanoTime();
    worker.release();
    worker = null;
    assertTrue(System.nanoTime() - before < TimeUnit.SECONDS.toNanos(60));
    assertEquals(1, Files.readAllLines(model.resolve("starts")).size());
  }

  @Test
  void aCancelledTaskHandsBackWhatItHadAndTakesItsLeave() throws Exception {
    redis.call(Command.HSET, "cluster-serving:workers", worker.id(), "{}");
    runs("cat ready >&4; " + LISTEN);
    QueuedRecord record = taken(warm());
    Thread.currentThread().interrupt();
    String id = worker.id();
    worker.release();
    worker = null;
    assertTrue(Thread.interrupted());
    assertTrue(idleMs(record.id) >= spec.claimIdleMs);
    assertNull(redis.text(Command.HGET, "cluster-serving:workers", id));
  }

  @Test
  void aWorkerThatFailedStaysInTheRegistryForItsNextAttempt() throws Exception {
    redis.call(Command.HSET, "cluster-serving:workers", worker.id(), "{}");
    worker.fail(new IllegalStateException("first"));
    worker.fail(new IllegalStateException("second"));
    assertEquals("first", failure());
    assertNull(worker.session(1));
    String id = worker.id();
    worker.release();
    worker = null;
    assertEquals("{}", redis.text(Command.HGET, "cluster-serving:workers", id));
  }

  @Test
  void thePartsOfATaskShareAWorkerUntilTheLastOneLetsGo() {
    Worker sink = Worker.acquire(spec, 3);
    Worker other = Worker.acquire(spec, 4);
    assertSame(worker, sink);
    assertNotSame(worker, other);
    other.release();
    sink.release();
    Worker again = Worker.acquire(spec, 3);
    assertSame(worker, again);
    again.release();
    worker.release();
    worker = Worker.acquire(spec, 3);
    assertNotSame(again, worker);
    assertEquals(again.id(), worker.id());
  }
}
