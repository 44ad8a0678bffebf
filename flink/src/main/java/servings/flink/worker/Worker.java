package servings.flink.worker;

import com.fasterxml.jackson.databind.JsonNode;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.RejectedExecutionException;
import java.util.function.Consumer;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import redis.clients.jedis.exceptions.JedisDataException;
import servings.flink.JobSpec;
import servings.flink.install.Program;
import servings.flink.queue.Finisher;
import servings.flink.queue.QueuedRecord;
import servings.flink.queue.RedisTrouble;
import servings.flink.queue.Registry;
import servings.flink.queue.Taker;

/** One parallel part of the job as everybody sees it who sees its Redis: a worker like the embedded backend's. Its source,
 *  its operator and its sink run in one task and share it; its model is in a process of its own.
 *
 *  It keeps its name over restarts, so an attempt finds by that name what the one before it had in hand. */
public final class Worker {
  /** How long a process may take to end when it has answered everything. */
  private static final long END_MS = 10_000;
  /** Those that run, by their names. */
  private static final Map<String, Worker> RUNNING = new HashMap<>();

  final JobSpec spec;
  final Registry registry;
  private final String workerId;
  private final Logger log;
  private final InHand inHand = new InHand();
  private final Taker taker;
  private final Finisher finisher;
  private final CompletableFuture<Program> installed = new CompletableFuture<>();
  private int users;
  private Supervisor supervisor;
  private Session session;
  private Throwable failure;
  private boolean isEnding;
  private volatile boolean isInputEnded;
  private volatile boolean isStopAsked;
  private volatile Runnable onChange = () -> {};

  private Worker(JobSpec spec, String workerId) {
    this.spec = spec;
    this.workerId = workerId;
    log = LoggerFactory.getLogger(spec.logName);
    registry = new Registry(spec, workerId);
    taker = new Taker(spec, registry, inHand);
    finisher = new Finisher(spec);
  }

  /** The worker of a task: made by the first of its parts that asks, ended when the last one has let go. */
  public static Worker acquire(JobSpec spec, int subtask) {
    String workerId = "flink-" + spec.jobId + "-" + subtask;
    synchronized (RUNNING) {
      Worker worker = RUNNING.computeIfAbsent(workerId, id -> new Worker(spec, id));
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

  public InHand inHand() {
    return inHand;
  }

  public Taker taker() {
    return taker;
  }

  public Finisher finisher() {
    return finisher;
  }

  /** Completed when what the process runs on is on this machine, or cannot be brought here. */
  public CompletableFuture<Program> installed() {
    return installed;
  }

  /** Begins with the process that has the model.
   *  @param modelFolder  holds the model for as long as the worker lives
   *  @param onAnswers  gets what it answers, on another thread
   *  @param whenChanged  called, on other threads, when the worker has failed or the end of its input has come nearer */
  public synchronized void start(Path modelFolder, Consumer<Answers> onAnswers, Runnable whenChanged) {
    onChange = whenChanged;
    supervisor = new Supervisor(this, modelFolder, onAnswers);
    supervisor.start();
  }

  /** A figure of the last heartbeat, for Flink's metrics. */
  public JsonNode figures() {
    return supervisor.figures();
  }

  /** A stop was asked for by a key in Redis: what is in hand is finished, and nothing more is taken. */
  public boolean isStopAsked() {
    return isStopAsked;
  }

  void askedToStop() {
    isStopAsked = true;
  }

  /** Ends the task with that. */
  public void fail(Throwable error) {
    synchronized (this) {
      if (isEnding || failure != null) return;
      failure = error;
      notifyAll();
    }
    changed();
  }

  public synchronized boolean hasFailed() {
    return failure != null;
  }

  /** @throws RuntimeException that has ended the worker */
  public synchronized void requireLife() {
    if (failure instanceof RuntimeException) throw (RuntimeException) failure;
    if (failure != null) throw new IllegalStateException(failure.getMessage(), failure);
  }

  private void changed() {
    try {
      onChange.run();
    } catch (RejectedExecutionException error) {
      // The task has ended.
    }
  }

  /** The process that records are taken for: one whose model is warm.
   *  @return null when there is none after some time */
  public synchronized Session session(long ms) throws InterruptedException {
    if (!isServing() && failure == null) wait(ms);
    return isServing() ? session : null;
  }

  private boolean isServing() {
    return session != null && session.isReady();
  }

  /** @return false when the task has ended meanwhile */
  synchronized boolean begin(Session begun) {
    session = begun;
    return !isEnding;
  }

  synchronized void ready(Session warm) {
    warm.ready();
    if (isInputEnded) warm.process.write(Message.of("end", 0));
    notifyAll();
  }

  /** Whether a process that has ended is not to be started again. */
  synchronized boolean isOver() {
    return isEnding || (isInputEnded && inHand.size() == 0);
  }

  /** What a dead process had goes back to the queue at once, and comes again by the rule that holds for the death of any
   *  worker. */
  void bury(Session dead) {
    List<String> ids;
    synchronized (this) {
      session = null;
      ids = inHand.removeAllOf(dead);
    }
    handBack(dead, ids);
    if (isInputEnded) changed();
  }

  private void handBack(Session dead, List<String> ids) {
    try {
      registry.handBack(dead.consumer(), ids);
    } catch (RedisTrouble | JedisDataException error) {
      log.warn("{} records wait until they may be taken over: {}", ids.size(), error.getMessage());
    }
  }

  /** Takes note of what was read for a process. @return false when it has died meanwhile: the records are not its any more */
  public boolean took(Session reader, List<QueuedRecord> records) {
    synchronized (this) {
      if (reader == session) {
        inHand.add(reader, records);
        return true;
      }
    }
    List<String> ids = new ArrayList<>(records.size());
    for (QueuedRecord record : records) ids.add(record.id);
    handBack(reader, ids);
    return false;
  }

  public void send(Session to, List<QueuedRecord> records) {
    Message message = Message.of("records", 1).array(records.size());
    for (QueuedRecord record : records) {
      message.array(4).add(record.id).add(record.deliveries).add(record.deaths).array(record.fields.size());
      for (byte[] field : record.fields) message.add(field);
    }
    to.process.write(message);
  }

  /** Nothing more comes: the process ends when it has answered everything. */
  public synchronized void endInput() {
    isInputEnded = true;
    if (isServing()) session.process.write(Message.of("end", 0));
    // One that has been given nothing has nothing to answer: it may wait for the secret of its model.
    else if (session != null && inHand.size() == 0) session.process.kill();
  }

  public void written(Answers answers) {
    inHand.remove(answers.ids());
    answers.session.process.write(Calls.succeeded(answers.call));
    if (isInputEnded) changed();
  }

  /** The process decides what becomes of them. */
  public void refused(Answers answers, RuntimeException error) {
    answers.session.process.write(Calls.failed(answers.call, error));
  }

  int reconnects() {
    return taker.reconnects() + finisher.reconnects() + registry.reconnects();
  }

  /** What it has in hand and will not answer goes to others at once. */
  private void end() {
    synchronized (this) {
      isEnding = true;
      if (session != null && !isInputEnded) session.process.kill();
      notifyAll();
    }
    // A task that is cancelled is interrupted; its last words in Redis must be said nevertheless.
    boolean wasInterrupted = Thread.interrupted();
    try {
      if (supervisor != null) supervisor.end(isInputEnded ? END_MS : 0);
      registry.handBackAll();
      if (failure == null) registry.unregister();
    } catch (InterruptedException error) {
      wasInterrupted = true;
    } catch (RuntimeException error) {
      log.warn("{} could not take its leave of Redis: {}", workerId, error.getMessage());
    } finally {
      taker.close();
      finisher.close();
      registry.close();
      if (wasInterrupted) Thread.currentThread().interrupt();
    }
  }
}
