package servings.flink.source;

import java.util.ArrayDeque;
import java.util.List;
import java.util.Queue;
import java.util.concurrent.CompletableFuture;
import org.apache.flink.api.connector.source.ReaderOutput;
import org.apache.flink.api.connector.source.SourceReader;
import org.apache.flink.core.io.InputStatus;
import servings.flink.JobSpec;
import servings.flink.queue.QueuedRecord;
import servings.flink.queue.RedisTrouble;
import servings.flink.queue.Taker;
import servings.flink.worker.Worker;

/** Reads the job's stream as one consumer of its group, on a thread of its own: the next read runs while the model does. */
final class RecordReader implements SourceReader<Taken, StreamSplit> {
  /** So many records may be in hand at the least: a read costs almost the same whatever it brings. */
  private static final int LEAST_IN_HAND = 1024;

  private static final long MAX_BYTES_IN_HAND = 32L * 1024 * 1024;
  /** Reads that wait for the model; more would only make records older. */
  private static final int MAX_WAITING = 2;

  /** A TaskManager that has never reached Redis may have no way to it, which its task is to tell by failing. */
  private static final long FIRST_CONTACT_MS = 15_000;

  private static final long FIRST_RETRY_MS = 50;
  private static final long LAST_RETRY_MS = 1_000;
  private static final long END_MS = 5_000;

  private final Worker worker;
  private final Taker taker;
  private final int maxInHand;
  private final Thread reading;
  private final Queue<Taken> waiting = new ArrayDeque<>();
  private CompletableFuture<Void> available = new CompletableFuture<>();
  private boolean isClosed;
  private boolean hasEnded;
  private RuntimeException bug;

  RecordReader(JobSpec spec, int subtask) {
    worker = Worker.acquire(spec, subtask);
    taker = new Taker(spec, worker.id(), worker.inHand(), worker.redis());
    maxInHand = Math.max(LEAST_IN_HAND, 4 * spec.batchSize);
    reading = new Thread(this::readAll, "reading for " + worker.id());
    reading.setDaemon(true);
  }

  @Override
  public void start() {
    reading.start();
  }

  private void readAll() {
    long retryMs = FIRST_RETRY_MS;
    boolean isTroubled = true;
    boolean hasGroup = false;
    long start = System.nanoTime();
    try {
      while (awaitRoom()) {
        try {
          if (!hasGroup) taker.makeGroup();
          hasGroup = true;
          List<QueuedRecord> records = taker.take(maxInHand - worker.inHand().size());
          if (isTroubled) worker.log().info("{} reads", worker.id());
          isTroubled = false;
          retryMs = FIRST_RETRY_MS;
          if (records.isEmpty()) continue;
          worker.took(records, taker.takenOver(), taker.reconnects());
          hand(new Taken(records));
          if (records.get(0).isAlone) awaitEmpty();
        } catch (RedisTrouble trouble) {
          if (isClosed()) break;
          if (!hasGroup && System.nanoTime() - start > FIRST_CONTACT_MS * 1_000_000) throw trouble;
          if (!isTroubled) worker.log().warn("{} waits for Redis: {}", worker.id(), trouble.getMessage());
          isTroubled = true;
          Thread.sleep(retryMs);
          retryMs = Math.min(LAST_RETRY_MS, retryMs * 2);
          taker.hurry();
        }
      }
    } catch (InterruptedException error) {
      // Closed.
    } catch (RuntimeException error) {
      // Redis is not there, or answers otherwise than it may, such as for a stream that is none: Flink is told, and begins
      // anew.
      if (!isClosed()) bug = error;
    }
    end();
  }

  /** @return false when nothing more is to be taken */
  private synchronized boolean awaitRoom() throws InterruptedException {
    while (!isClosed && !worker.isStopAsked()) {
      int inHand = worker.inHand().size();
      boolean hasRoom = inHand == 0 || (inHand < maxInHand && worker.bytesInHand() < MAX_BYTES_IN_HAND);
      if (waiting.size() < MAX_WAITING && hasRoom) return true;
      // Woken by the next poll; what the sink finishes shows within this time.
      wait(waiting.size() < MAX_WAITING ? 1 : 100);
    }
    return false;
  }

  private synchronized void awaitEmpty() throws InterruptedException {
    while (!isClosed && !worker.inHand().isEmpty()) wait(5);
  }

  private synchronized void hand(Taken taken) {
    waiting.add(taken);
    available.complete(null);
  }

  private synchronized void end() {
    hasEnded = true;
    available.complete(null);
  }

  private synchronized boolean isClosed() {
    return isClosed;
  }

  @Override
  public InputStatus pollNext(ReaderOutput<Taken> output) {
    Taken next;
    synchronized (this) {
      next = waiting.poll();
      notifyAll();
      if (next == null) {
        if (bug != null) throw bug;
        if (hasEnded) return InputStatus.END_OF_INPUT;
        if (available.isDone()) available = new CompletableFuture<>();
        return InputStatus.NOTHING_AVAILABLE;
      }
    }
    output.collect(next);
    return InputStatus.MORE_AVAILABLE;
  }

  @Override
  public synchronized CompletableFuture<Void> isAvailable() {
    return waiting.isEmpty() && !hasEnded ? available : CompletableFuture.completedFuture(null);
  }

  /** What is in hand is known by Redis: a restarted reader asks it, and needs no state of Flink's. */
  @Override
  public List<StreamSplit> snapshotState(long checkpointId) {
    return List.of();
  }

  @Override
  public void addSplits(List<StreamSplit> splits) {}

  @Override
  public void notifyNoMoreSplits() {}

  @Override
  public void close() {
    synchronized (this) {
      isClosed = true;
      notifyAll();
    }
    taker.close();
    reading.interrupt();
    boolean wasInterrupted = Thread.interrupted();
    try {
      reading.join(END_MS);
    } catch (InterruptedException error) {
      wasInterrupted = true;
    }
    worker.release();
    if (wasInterrupted) Thread.currentThread().interrupt();
  }
}
