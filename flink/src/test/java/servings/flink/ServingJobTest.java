package servings.flink;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static servings.flink.TestRedis.eventually;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import org.apache.flink.api.common.JobExecutionResult;
import org.apache.flink.api.common.JobStatus;
import org.apache.flink.core.execution.JobClient;
import org.apache.flink.runtime.testutils.MiniClusterResourceConfiguration;
import org.apache.flink.streaming.api.environment.StreamExecutionEnvironment;
import org.apache.flink.test.junit5.MiniClusterExtension;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import redis.clients.jedis.Protocol.Command;

class ServingJobTest {
  private static final Path FIXTURES = Path.of("..", "test", "fixtures").toAbsolutePath().normalize();
  /** The model "echo", encrypted with the secret "secret" and the salt "salt". */
  private static final String ENCRYPTED = "encrypted";
  private static final String JOB_NAME = "echo";
  private static final String JOB_ID = "00000000000000000000000000000001";

  @RegisterExtension
  static final MiniClusterExtension CLUSTER =
      new MiniClusterExtension(
          new MiniClusterResourceConfiguration.Builder()
              .setNumberTaskManagers(1)
              .setNumberSlotsPerTaskManager(2)
              .build());

  private static final TestProgram PROGRAM = TestProgram.pack();

  private TestProgram program = PROGRAM;
  private TestRedis redis;

  @BeforeEach
  void startRedis() throws IOException, InterruptedException {
    redis = new TestRedis();
  }

  @AfterEach
  void stopRedis() throws InterruptedException {
    redis.stop();
  }

  @Test
  void recordsAreAnsweredAndBadOnesBetweenThemToo() throws Exception {
    put("before", good());
    JobClient job = start(2);
    assertEquals(answer(), result("before"));
    for (int i = 0; i < 300; i++) put("r" + i, i % 3 == 0 ? "not base64 %%%" : good());
    for (int i = 0; i < 300; i++) assertEquals(i % 3 == 0 ? "NaN" : answer(), result("r" + i));
    assertEquals(100L, redis.call(Command.XLEN, JOB_NAME + ":dead"));
    assertEquals(JobStatus.RUNNING, job.getJobStatus().get());
    eventually("nothing is pending", () -> pending() == 0 ? true : null);
    eventually("what is answered is freed", () -> redis.call(Command.XLEN, JOB_NAME).equals(0L) ? true : null);
    cancel(job);
  }

  @Test
  void aWordInRedisEndsTheJobWhenAllIsAnswered() throws Exception {
    JobClient job = start(1);
    String workerId = eventually("a heartbeat", () -> redis.text(Command.GET, "cluster-serving:worker:" + worker(0)));
    assertTrue(workerId.contains("\"state\":\"ready\""));
    for (int i = 0; i < 50; i++) put("r" + i, good());
    redis.call(Command.SET, "cluster-serving:stop:" + worker(0), "1");
    JobExecutionResult ended = job.getJobExecutionResult().get(60, TimeUnit.SECONDS);
    assertEquals(job.getJobID(), ended.getJobID());
    assertEquals(0, pending());
    assertEquals(0L, redis.call(Command.HLEN, "cluster-serving:workers"));
  }

  @Test
  void aCancelledJobLeavesNothingPendingThatOthersCouldNotTake() throws Exception {
    int records = 5_000;
    String good = good();
    for (int i = 0; i < records; i++) put("r" + i, good);
    JobClient job = start(1);
    result("r0");
    cancel(job);
    // What is neither answered nor unread is pending, idle for as long as others wait for.
    List<?> idle =
        (List<?>) redis.call(Command.XPENDING, JOB_NAME, "serving", "IDLE", "30000", "-", "+", "100000");
    assertEquals(pending(), idle.size());
    JobClient next = start(1);
    String answer = answer();
    for (int i = 0; i < records; i++) assertEquals(answer, result("r" + i));
    cancel(next);
  }

  @Test
  void aJobThatNeverReachesRedisFailsAndIsTriedAgain() throws Exception {
    redis.stop();
    JobClient job = start(1);
    eventually("it has failed", () -> status(job) == JobStatus.RESTARTING ? true : null);
    cancel(job);
  }

  @Test
  void whatAFlushTookIsThereAgainThoughNoRecordComes() throws Exception {
    JobClient job = start(1);
    put("before", good());
    assertEquals(answer(), result("before"));
    redis.call(Command.FLUSHALL);
    eventually("the registration", () -> redis.text(Command.HGET, "cluster-serving:workers", worker(0)));
    eventually("the heartbeat", () -> redis.text(Command.GET, "cluster-serving:worker:" + worker(0)));
    List<?> consumers = (List<?>) redis.call(Command.XINFO, "CONSUMERS", JOB_NAME, "serving");
    assertEquals(1, consumers.size());
    // By then the read that the flush has ended was begun again.
    for (int i = 0; i < 100; i++) put("r" + i, good());
    for (int i = 0; i < 100; i++) assertEquals(answer(), result("r" + i));
    assertEquals(JobStatus.RUNNING, status(job));
    cancel(job);
  }

  @Test
  void aGroupThatIsMadeAgainAnswersNothingTwice() throws Exception {
    // Another group keeps what is answered in the stream.
    redis.call(Command.XGROUP, "CREATE", JOB_NAME, "audit", "0", "MKSTREAM");
    JobClient job = start(1);
    for (int i = 0; i < 20; i++) put("r" + i, good());
    for (int i = 0; i < 20; i++) assertEquals(answer(), result("r" + i));
    eventually("a heartbeat that knows it", () -> processed() == 20 ? true : null);
    for (int i = 0; i < 20; i++) redis.call(Command.DEL, key("r" + i));
    redis.call(Command.XGROUP, "DESTROY", JOB_NAME, "serving");
    put("after", good());
    assertEquals(answer(), result("after"));
    eventually("the next heartbeat", () -> processed() == 21 ? true : null);
    for (int i = 0; i < 20; i++) assertEquals(0L, redis.call(Command.EXISTS, key("r" + i)));
    cancel(job);
  }

  @Test
  void recordsAreAnsweredWhateverStandsBesideTheirData() throws Exception {
    JobClient job = start(1);
    String good = good();
    List<?> time = (List<?>) redis.call(Command.TIME);
    String past = new String((byte[]) time.get(0), UTF_8) + "000";
    put("expired", good, "deadline", past);
    put("absurd", good, "deadline", "1", "shared-by", "4294967298");
    put("shared", good, "shared-by", "3");
    put("typed", "\u0001 any", "serde", "typed");
    // After this id Redis gives no other.
    redis.call(Command.XADD, JOB_NAME, "18446744073709551615-7", "uri", "chosen", "data", good);
    for (String uri : List.of("absurd", "shared", "chosen")) assertEquals(answer(), result(uri));
    assertEquals("NaN", result("typed"));
    eventually("the figures", () -> processed() == 6 ? true : null);
    assertTrue(heartbeat().contains("\"failed\":1,\"expired\":1,\"shared\":2"));
    assertEquals(0L, redis.call(Command.EXISTS, key("expired")));
    List<?> letters = (List<?>) redis.call(Command.XRANGE, JOB_NAME + ":dead", "-", "+");
    List<?> fields = (List<?>) ((List<?>) letters.get(0)).get(1);
    assertTrue(fields.stream().anyMatch(field -> new String((byte[]) field, UTF_8).contains("record-undecodable")));
    assertEquals(JobStatus.RUNNING, status(job));
    cancel(job);
  }

  @Test
  void aModelThatEndsItsProcessIsServedOnAndItsRecordPutAside() throws Exception {
    JobClient job = start(1, "divided");
    for (int i = 0; i < 20; i++) put("r" + i, divide(8, 2), "serde", "stream");
    // Where the processor does not trap it, it is answered.
    put("poison", divide(Integer.MIN_VALUE, -1), "serde", "stream");
    for (int i = 20; i < 40; i++) put("r" + i, divide(8, 2), "serde", "stream");
    String answer = result("r0");
    for (int i = 0; i < 40; i++) assertEquals(answer, result("r" + i));
    if (System.getProperty("os.arch").equals("amd64")) assertEquals("NaN", result("poison"));
    eventually("nothing is pending", () -> pending() == 0 ? true : null);
    assertEquals(JobStatus.RUNNING, status(job));
    cancel(job);
    assertEquals(0L, redis.call(Command.HLEN, "cluster-serving:workers"));
  }

  @Test
  void aProgramThatDoesNotRunHereFailsTheJobBeforeItTakesARecord() throws Exception {
    Path zip = Files.createTempFile("node", ".zip");
    String words = "libc.so.6: version GLIBC_9.99 not found";
    program = PROGRAM.withNode(TestProgram.node(zip, "echo '" + words + "' >&2; exit 1"));
    put("waiting", good());
    JobClient job = start(1);
    eventually("it has failed", () -> status(job) == JobStatus.RESTARTING ? true : null);
    cancel(job);
    program = PROGRAM;
    JobClient next = start(1);
    assertEquals(answer(), result("waiting"));
    cancel(next);
  }

  @Test
  void anEncryptedModelWaitsForItsSecretAndGetsItByThePipe() throws Exception {
    JobClient job = start(1, ENCRYPTED);
    eventually("a worker that waits", () -> heartbeat().contains("waiting-for-secret") ? true : null);
    assertTrue(heartbeat().contains("model-secret-missing"));
    redis.call(Command.HSET, "model_secured", "secret", "wrong", "salt", "salt");
    eventually("a worker that says so", () -> heartbeat().contains("model-secret-wrong") ? true : null);
    redis.call(Command.HSET, "model_secured", "secret", "secret");
    put("one", good());
    assertEquals(answer(), result("one"));
    assertEquals(JobStatus.RUNNING, status(job));
    cancel(job);
  }

  @Test
  void aWorkerThatWaitsForItsSecretIsStoppedByAWordInRedis() throws Exception {
    JobClient job = start(1, ENCRYPTED);
    eventually("a worker that waits", () -> heartbeat().contains("waiting-for-secret") ? true : null);
    redis.call(Command.SET, "cluster-serving:stop:" + worker(0), "1");
    job.getJobExecutionResult().get(60, TimeUnit.SECONDS);
    assertEquals(0L, redis.call(Command.HLEN, "cluster-serving:workers"));
  }

  private static String divide(int x, int y) {
    return "{\"instances\":[{\"x\":[" + x + "],\"y\":[" + y + "]}]}";
  }

  /** The jobs of all tests have one id: the next one begins when nothing of this one is left. */
  private static void cancel(JobClient job) throws Exception {
    job.cancel().get();
    eventually("it is cancelled", () -> status(job) == JobStatus.CANCELED ? true : null);
  }

  private String heartbeat() {
    String beat = redis.text(Command.GET, "cluster-serving:worker:" + worker(0));
    return beat == null ? "{}" : beat;
  }

  private int processed() {
    try {
      return new ObjectMapper().readTree(heartbeat()).path("processed").asInt(-1);
    } catch (IOException error) {
      throw new AssertionError(error);
    }
  }

  private static JobStatus status(JobClient job) {
    try {
      return job.getJobStatus().get();
    } catch (Exception error) {
      throw new AssertionError(error);
    }
  }

  private JobClient start(int parallelism) throws Exception {
    return start(parallelism, "echo");
  }

  /** @param model  a folder of the fixtures with one file of its name */
  private JobClient start(int parallelism, String model) throws Exception {
    ObjectNode spec = new ObjectMapper().createObjectNode();
    spec.put("jobName", JOB_NAME).put("logName", "cluster-serving." + JOB_NAME).put("jobId", JOB_ID);
    spec.put("configPath", "/config.yaml").put("host", "here").put("parallelism", parallelism);
    spec.put("batchSize", 16).put("claimIdleMs", 30_000).put("resultTtlSeconds", 0);
    spec.putObject("redis").put("host", "127.0.0.1").put("port", redis.port).put("timeoutMs", 5_000);
    boolean isEncrypted = model.equals(ENCRYPTED);
    Path file = FIXTURES.resolve(isEncrypted ? "encrypted/echo.onnx" : "models/" + model + "/" + model + ".onnx");
    spec.putObject("model").put("path", file.toString());
    spec.set("program", program.spec());
    ObjectNode worker = spec.putObject("worker");
    worker.put("jobName", JOB_NAME).put("configPath", "/config.yaml").put("configDigest", "0").put("copies", 1);
    worker.put("threads", 1).put("batchSize", 16).put("batchTimeoutMs", 0).put("batching", model.equals("divided") ? "off" : "auto");
    worker.put("runtime", "auto").put("python", "").put("precision", "f32").put("allowPickle", false);
    worker.put("maxDeliveries", 3).putNull("imageResize").putNull("postProcessing");
    worker.put("labelResults", false).put("inputAlreadyBatched", false);
    worker.put("modelEncrypted", isEncrypted).put("recordEncrypted", false);
    StreamExecutionEnvironment environment = StreamExecutionEnvironment.getExecutionEnvironment();
    ServingJob.build(
        environment,
        JobSpec.parse(spec.toString()),
        spec.toString(),
        Map.of(file.getFileName().toString(), new org.apache.flink.core.fs.Path(file.toUri())),
        program.files());
    return environment.executeAsync(JOB_NAME);
  }

  private static String worker(int subtask) {
    return "flink-" + JOB_ID + "-" + subtask;
  }

  private void put(String uri, String data, String... more) {
    List<String> words = new ArrayList<>(List.of(JOB_NAME, "*", "uri", uri, "data", data));
    words.addAll(List.of(more));
    redis.call(Command.XADD, words.toArray(new String[0]));
  }

  private String result(String uri) throws InterruptedException {
    return eventually("a result for " + uri, () -> redis.text(Command.HGET, key(uri), "value"));
  }

  private static String key(String uri) {
    return "cluster-serving_" + JOB_NAME + ":" + uri;
  }

  private long pending() {
    return (Long) ((List<?>) redis.call(Command.XPENDING, JOB_NAME, "serving")).get(0);
  }

  private static String good() {
    return recorded().get("data").textValue();
  }

  private static String answer() {
    return recorded().get("answer").get("value").textValue();
  }

  /** A record as the original's client writes it, and what the embedded engine answers. */
  private static JsonNode recorded() {
    try {
      for (JsonNode one : new ObjectMapper().readTree(FIXTURES.resolve("engine/cases.json").toFile()))
        if (one.get("name").textValue().equals("client/dense-1d.json")) return one;
    } catch (IOException error) {
      throw new AssertionError(error);
    }
    throw new AssertionError("the case is gone");
  }
}
