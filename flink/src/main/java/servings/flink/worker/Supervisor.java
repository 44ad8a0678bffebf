package servings.flink.worker;

import static java.nio.charset.StandardCharsets.UTF_8;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import servings.flink.install.Program;
import servings.flink.queue.RedisTrouble;
import servings.flink.queue.Registry;

/** Starts a worker's process, hands on what it says, and starts it again when it dies. */
final class Supervisor {
  private static final ObjectMapper JSON = new ObjectMapper();
  /** A TaskManager that has never reached Redis may have no way to it, which its task is to tell by failing. */
  private static final long FIRST_CONTACT_MS = 15_000;

  private static final long RETRY_MS = 200;
  /** How often in a row a process may die before its model is warm, once it was warm. */
  private static final int MAX_FAILED_STARTS = 3;

  private final Worker worker;
  private final Registry registry;
  private final Path modelFolder;
  private final Consumer<Answers> onAnswers;
  private final Calls calls;
  private final Thread thread;
  private volatile JsonNode figures = JSON.createObjectNode();
  private volatile WorkerProcess process;

  Supervisor(Worker worker, Path modelFolder, Consumer<Answers> onAnswers) {
    this.worker = worker;
    this.registry = worker.registry;
    this.modelFolder = modelFolder;
    this.onAnswers = onAnswers;
    calls = new Calls(worker.id());
    thread = new Thread(this::run, "process of " + worker.id());
    thread.setDaemon(true);
  }

  void start() {
    thread.start();
  }

  JsonNode figures() {
    return figures;
  }

  private void run() {
    try {
      reachRedis();
      Program program = worker.installed().get();
      boolean wasReady = false;
      for (int failed = 0; ; ) {
        Session session = begin(program);
        String refusal = serve(session);
        String ending = session.process.ending();
        if (worker.isOver()) return;
        wasReady |= session.isReady();
        failed = session.isReady() ? 0 : failed + 1;
        String what = refusal != null ? refusal : "The worker's process " + session.process.pid() + " ended " + ending;
        if (failed == (wasReady ? MAX_FAILED_STARTS : 1)) throw new IllegalStateException(what);
        worker.log().error("{}; it is started again", what);
        worker.bury(session);
        TimeUnit.MILLISECONDS.sleep(failed * RETRY_MS);
      }
    } catch (ExecutionException error) {
      worker.fail(error.getCause());
    } catch (InterruptedException error) {
      // The task has ended.
    } catch (IOException | RuntimeException error) {
      worker.fail(error);
    }
  }

  private void reachRedis() throws InterruptedException {
    for (long start = InHand.steadyMs(); ; TimeUnit.MILLISECONDS.sleep(RETRY_MS)) {
      try {
        // What an earlier attempt had in hand nobody works on any more.
        registry.handBackAll();
        return;
      } catch (RedisTrouble trouble) {
        if (InHand.steadyMs() - start > FIRST_CONTACT_MS) throw trouble;
      }
    }
  }

  private Session begin(Program program) throws IOException {
    WorkerProcess started =
        new WorkerProcess(program.node(), program.worker(), modelFolder, line -> worker.log().warn("{}", line));
    process = started;
    Session session = new Session(registry.newConsumer(), started);
    if (!worker.begin(session)) started.kill();
    started.write(Message.of("job", 1).add(firstWords(program.runtime())));
    return session;
  }

  /** @param runtime  the folder of the libraries that were sent, or null */
  private String firstWords(Path runtime) throws JsonProcessingException {
    ObjectNode start = JSON.createObjectNode();
    start.set("job", worker.spec.worker);
    start.put("workerId", worker.id()).put("modelFolder", modelFolder.toString());
    start.put("runtimeFolder", runtime == null ? null : runtime.toString());
    ObjectNode redis = start.putObject("redis");
    redis.put("host", worker.spec.redis.host).put("port", worker.spec.redis.port);
    redis.put("timeoutMs", worker.spec.redis.timeoutMs);
    return JSON.writeValueAsString(start);
  }

  /** Hands on what a process says until it ends. @return why it could not serve, null where it has not said so */
  private String serve(Session session) {
    String refusal = null;
    try {
      for (List<byte[]> message = session.process.read(); message != null; message = session.process.read()) {
        String name = text(message.get(0));
        switch (name) {
          case "finish":
            onAnswers.accept(new Answers(session, message.get(1), message.subList(2, message.size())));
            break;
          case "log":
            log(text(message.get(1)), text(message.get(2)));
            break;
          case "ready":
            worker.ready(session);
            break;
          case "failed":
            refusal = text(message.get(1));
            break;
          default:
            List<byte[]> items = message.subList(2, message.size());
            calls.run(session, message.get(1), () -> doFor(session, name, items));
        }
      }
    } catch (RejectedExecutionException error) {
      // The task has ended.
      session.process.kill();
    }
    return refusal;
  }

  private Object[] doFor(Session session, String name, List<byte[]> items) {
    switch (name) {
      case "time":
        return new Object[] {registry.time()};
      case "renew":
        return renew(session, text(items.get(0)), text(items.get(1)));
      case "full":
        return new Object[] {registry.isFull() ? 1L : 0L};
      case "secret":
        return registry.secret(text(items.get(0)).equals("record"));
      case "note":
        registry.noteRunning(session.consumer(), items.get(0));
        break;
      case "spare":
        registry.forgetDeaths(items);
        break;
      case "trim":
        registry.trim();
        break;
      case "fail":
        registry.register(text(items.get(0)));
        break;
      case "forget":
        registry.unregister();
        break;
      default:
        throw new IllegalStateException("a worker's process asks for what is not known here: " + name);
    }
    return new Object[0];
  }

  private Object[] renew(Session session, String registration, String heartbeat) {
    Registry.Renewed renewed = registry.renew(session.consumer(), registration, heartbeat);
    registry.keepAlive(session.consumer(), worker.inHand().silentFor(worker.spec.claimIdleMs / 3));
    if (renewed.isStopAsked) worker.askedToStop();
    try {
      if (!heartbeat.isEmpty()) figures = JSON.readTree(heartbeat);
    } catch (JsonProcessingException error) {
      throw new IllegalStateException(error);
    }
    return new Object[] {renewed.redisMs, (long) worker.taker().takenOver(), (long) worker.reconnects()};
  }

  private void log(String level, String text) {
    if (level.equals("error")) worker.log().error("{}", text);
    else if (level.equals("warn")) worker.log().warn("{}", text);
    else worker.log().info("{}", text);
  }

  private static String text(byte[] item) {
    return new String(item, UTF_8);
  }

  /** @param ms  that the process may take to end by itself */
  void end(long ms) throws InterruptedException {
    if (ms > 0) thread.join(ms);
    if (process != null) process.close();
    thread.interrupt();
    thread.join();
    calls.close();
  }
}
