package servings.flink.worker;

import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.lang.management.ManagementFactory;
import java.net.InetAddress;
import java.net.UnknownHostException;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicLong;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import servings.flink.JobSpec;
import servings.flink.model.Model;
import servings.flink.model.TensorInfo;
import servings.flink.queue.QueuedRecord;
import servings.flink.queue.RedisKeys;
import servings.flink.queue.RedisTrouble;
import servings.flink.queue.RedisView;
import servings.flink.queue.Registry;

/** One parallel part of the job as everybody sees it who sees its Redis: a worker like the embedded engine's. Its source,
 *  its operator and its sink run in one task and share it.
 *
 *  It keeps its name over restarts, so an attempt finds by that name what the one before it had in hand. */
public final class Worker {
  private static final ObjectMapper JSON = new ObjectMapper();
  private static final int BEATS_PER_MEMORY_CHECK = 5;
  private static final long END_MS = 10_000;
  /** Those that run, by their names. */
  private static final Map<String, Worker> RUNNING = new HashMap<>();

  private final JobSpec spec;
  private final Logger log;
  private final String workerId;
  private final RedisView redis = new RedisView();
  private final Registry registry;
  private final Thread beating;
  private final Statistics statistics = new Statistics(System.currentTimeMillis());
  private long startedAt;
  private final Map<String, Long> inHand = new ConcurrentHashMap<>();
  private final AtomicLong bytesInHand = new AtomicLong();
  private int users;
  private volatile Model model;
  private volatile String modelFile = "";
  private volatile boolean isStopAsked;
  private volatile boolean isEnding;
  private volatile String failure;
  private volatile int takenOver;
  private volatile int reconnects;

  private Worker(JobSpec spec, String workerId) {
    this.spec = spec;
    this.log = LoggerFactory.getLogger(spec.logName);
    this.workerId = workerId;
    this.registry = new Registry(spec, workerId, redis);
    this.beating = new Thread(this::live, "heartbeat of " + workerId);
    beating.setDaemon(true);
  }

  /** The worker of a task: made by the first of its parts that asks, ended when the last one has let go. */
  public static Worker acquire(JobSpec spec, int subtask) {
    String workerId = "flink-" + spec.jobId + "-" + subtask;
    synchronized (RUNNING) {
      Worker worker = RUNNING.get(workerId);
      if (worker == null) {
        worker = new Worker(spec, workerId);
        worker.beating.start();
        RUNNING.put(workerId, worker);
      }
      worker.users++;
      return worker;
    }
  }

  public void release() {
    synchronized (RUNNING) {
      if (--users > 0) return;
      RUNNING.remove(workerId, this);
    }
    end();
  }

  public String id() {
    return workerId;
  }

  /** Its lines are what `cluster-serving logs` finds. */
  public Logger log() {
    return log;
  }

  public Statistics statistics() {
    return statistics;
  }

  public RedisView redis() {
    return redis;
  }

  public Set<String> inHand() {
    return inHand.keySet();
  }

  public long bytesInHand() {
    return bytesInHand.get();
  }

  /** Somebody has asked for a stop by a word in Redis: what is in hand is finished, and nothing more is taken. */
  public boolean isStopAsked() {
    return isStopAsked;
  }

  /** The model is warm: from the next heartbeat on the worker counts as ready. */
  public void ready(Model warm, String file) {
    modelFile = file;
    model = warm;
    log.info("worker {} of job {} is ready: {}", workerId, spec.jobName, file);
    synchronized (this) {
      notifyAll();
    }
  }

  /** Leaves the reason where whoever waits for the start looks. */
  public void failed(String reason) {
    failure = reason;
    synchronized (this) {
      notifyAll();
    }
  }

  public void took(List<QueuedRecord> records, int takenOverSoFar, int reconnectsSoFar) {
    long now = redis.now();
    takenOver = takenOverSoFar;
    reconnects = reconnectsSoFar;
    for (QueuedRecord record : records) {
      inHand.put(record.id, RedisView.steadyMs());
      bytesInHand.addAndGet(record.size());
      statistics.took(Statistics.Stage.QUEUE_WAIT, Math.max(0, now - record.enqueuedAt));
    }
  }

  /** @param answered  requests, of which {@code failures} with NaN
   *  @param expired  requests that were not answered, for nobody waits
   *  @param shared  how many of both are not the first of their record */
  public void finished(List<QueuedRecord> records, int answered, int failures, int expired, int shared) {
    for (QueuedRecord record : records)
      if (inHand.remove(record.id) != null) bytesInHand.addAndGet(-record.size());
    statistics.finished(answered, failures, expired, shared);
  }

  /** Once a second: it says that it lives, keeps what it has in hand, and frees what is answered. What a Redis has lost of
   *  the worker is there again with the next beat. */
  private void live() {
    boolean isFull = false;
    long trimmedAt = -1;
    for (int beats = 0; !isEnding; beats++) {
      try {
        if (startedAt == 0) registry.askTime();
        if (startedAt == 0) startedAt = redis.now();
        boolean isReady = model != null;
        if (isReady && beats % BEATS_PER_MEMORY_CHECK == 0) isFull = registry.isFull();
        if (registry.renew(registration(), isReady ? heartbeat(isFull) : "")) isStopAsked = true;
        if (isReady) {
          keepAlive();
          long done = statistics.done();
          if (done != trimmedAt) registry.trim();
          trimmedAt = done;
        }
      } catch (RedisTrouble trouble) {
        // The source and the sink meet the same trouble, and tell it.
      } catch (RuntimeException error) {
        log.warn("the heartbeat of {} failed", workerId, error);
      }
      rest(beats == 0);
    }
  }

  /** A second, or less when there is something to tell. */
  private synchronized void rest(boolean isFirst) {
    try {
      if (isEnding || (isFirst && (model != null || failure != null))) return;
      wait(RedisKeys.HEARTBEAT_INTERVAL_MS);
    } catch (InterruptedException error) {
      isEnding = true;
    }
  }

  private void keepAlive() {
    long now = RedisView.steadyMs();
    List<String> old = new ArrayList<>();
    inHand.forEach((id, at) -> {
      if (at < now - spec.claimIdleMs / 3) old.add(id);
    });
    registry.keepAlive(old);
    for (String id : old) inHand.computeIfPresent(id, (key, at) -> now);
  }

  /** What it has in hand and will not answer goes to others at once. */
  private void end() {
    synchronized (this) {
      isEnding = true;
      notifyAll();
    }
    // A task that is cancelled is interrupted; its last words in Redis must be said nevertheless.
    boolean wasInterrupted = Thread.interrupted();
    try {
      beating.join(END_MS);
      if (beating.isAlive()) beating.interrupt();
      registry.handBackAll();
      if (failure == null) registry.unregister();
      // The last beat may have been before it.
      else registry.renew(registration(), "");
    } catch (InterruptedException error) {
      wasInterrupted = true;
    } catch (RuntimeException error) {
      log.warn("{} could not take its leave of Redis: {}", workerId, error.getMessage());
    } finally {
      registry.close();
      if (wasInterrupted) Thread.currentThread().interrupt();
    }
  }

  private String registration() {
    ObjectNode json = JSON.createObjectNode();
    json.put("workerId", workerId).put("jobName", spec.jobName).put("backend", "flink").put("host", host());
    json.put("pid", ProcessHandle.current().pid()).put("configPath", spec.configPath);
    json.put("configDigest", spec.configDigest).put("logFile", "").put("startedAt", startedAt);
    // A longer text would make the entry none.
    if (failure != null)
      json.put("failure", failure.substring(0, Math.min(failure.length(), RedisKeys.MAX_REGISTRY_TEXT)));
    return json.toString();
  }

  private String heartbeat(boolean isFull) {
    long now = System.currentTimeMillis();
    ObjectNode json = JSON.createObjectNode();
    json.put("workerId", workerId).put("jobName", spec.jobName).put("at", redis.now());
    json.put("state", isStopAsked ? "stopping" : isFull ? "full" : "ready");
    json.put("modelType", "onnx").put("modelFile", modelFile);
    infos(json.putArray("inputs"), model.inputs());
    infos(json.putArray("outputs"), model.outputs());
    json.put("batched", model.batched());
    // A filter makes one text of a record, whatever its rows.
    json.put("rowsPerRecord", model.batched() && spec.postProcessing == null ? spec.batchSize : 1);
    statistics.report(json, now);
    json.put("inHand", inHand.size()).put("takenOver", takenOver);
    json.put("reconnects", reconnects + registry.reconnects());
    json.put("clockAheadMs", redis.aheadMs());
    // Of the whole TaskManager: its parts have no memory of their own.
    Runtime runtime = Runtime.getRuntime();
    long heap = runtime.totalMemory() - runtime.freeMemory();
    json.put("rssBytes", heap + ManagementFactory.getMemoryMXBean().getNonHeapMemoryUsage().getUsed());
    return json.toString();
  }

  private static void infos(ArrayNode into, List<TensorInfo> infos) {
    for (TensorInfo info : infos) {
      ObjectNode one = into.addObject().put("name", info.name).put("type", info.type);
      ArrayNode shape = one.putArray("shape");
      for (Integer size : info.shape) shape.add(size);
    }
  }

  private static String host() {
    try {
      return InetAddress.getLocalHost().getHostName();
    } catch (UnknownHostException error) {
      return "unknown";
    }
  }
}
