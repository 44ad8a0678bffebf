package servings.flink.source;

import java.util.ArrayDeque;
import java.util.List;
import java.util.Queue;
import java.util.concurrent.CompletableFuture;
import org.apache.flink.api.connector.source.ReaderOutput;
import org.apache.flink.api.connector.source.SourceEvent;
import org.apache.flink.api.connector.source.SourceReader;
import org.apache.flink.api.connector.source.SourceReaderContext;
import org.apache.flink.core.io.InputStatus;
import servings.flink.JobSpec;
import servings.flink.install.Installer;
import servings.flink.install.Piece;
import servings.flink.queue.QueuedRecord;
import servings.flink.queue.RedisTrouble;
import servings.flink.queue.Taker;
import servings.flink.worker.Session;
import servings.flink.worker.Worker;

/** Reads the job's stream as a consumer of its group, on a thread of its own: the next read runs while the model does. */
final class RecordReader implements SourceReader<Taken, StreamSplit> {
  /** So many records may be in hand at the least: a read costs almost the same whatever it brings. */
  private static final int LEAST_IN_HAND = 1024;

  private static final long MAX_BYTES_IN_HAND = 32L * 1024 * 1024;
  /** Reads that wait for the model; more would only make records older. */
  private static final int MAX_WAITING = 2;

  private static final long SESSION_MS = 1_000;
  private static final long FIRST_RETRY_MS = 50;
  private static final long LAST_RETRY_MS = 1_000;
  private static final long ROOM_MS = 100;
  private static final long END_MS = 5_000;

  private final Worker worker;
  private final Installer installer;
  private final Taker taker;
  private final int maxInHand;
  private final Thread reading;
  private final Queue<Taken> waiting = new ArrayDeque<>();
  private CompletableFuture<Void> available = new CompletableFuture<>();
  private boolean isClosed;
  private boolean hasEnded;

  RecordReader(JobSpec spec, SourceReaderContext context) {
    worker = Worker.acquire(spec, context.getIndexOfSubtask());
    installer = new Installer(spec.program, context);
    taker = worker.taker();
    maxInHand = Math.max(LEAST_IN_HAND, 4 * spec.batchSize);
    reading = new Thread(this::readAll, "reading for " + worker.id());
    reading.setDaemon(true);
  }

  @Override
  public void start() {
    installer.start(worker.installed());
    reading.start();
  }

  @Override
  public void handleSourceEvents(SourceEvent event) {
    installer.take((Piece) event);
  }

  private void readAll() {
    try {
      long retryMs = FIRST_RETRY_MS;
      while (isReading()) {
        if (!worker.inHand().awaitRoom(maxInHand, MAX_BYTES_IN_HAND, ROOM_MS)) continue;
        Session session = worker.session(SESSION_MS);
        if (session == null) continue;
        try {
          List<QueuedRecord> records = taker.take(session, maxInHand - worker.inHand().size());
          retryMs = FIRST_RETRY_MS;
          if (records.isEmpty() || !worker.took(session, records)) continue;
          hand(new Taken(session, records));
          if (records.get(0).isAlone()) worker.inHand().awaitEmpty();
        } catch (RedisTrouble trouble) {
          if (!isReading()) break;
          if (retryMs == FIRST_RETRY_MS) worker.log().warn("{} waits for Redis: {}", worker.id(), trouble.getMessage());
          Thread.sleep(retryMs);
          retryMs = Math.min(LAST_RETRY_MS, retryMs * 2);
          taker.hurry();
        }
      }
    } catch (InterruptedException error) {
      // Closed.
    } catch (RuntimeException error) {
      // Redis answers otherwise than it may, such as for a stream that is none: Flink is told, and begins again.
      worker.fail(error);
    }
    end();
  }

  private synchronized boolean isReading() {
    return !isClosed && !worker.isStopAsked() && !worker.hasFailed();
  }

  private synchronized void hand(Taken taken) throws InterruptedException {
    waiting.add(taken);
    available.complete(null);
    while (waiting.size() >= MAX_WAITING && !isClosed) wait();
  }

  /** A worker that has failed ends by its failure. */
  private synchronized void end() {
    if (worker.hasFailed()) return;
    hasEnded = true;
    available.complete(null);
  }

  @Override
  public InputStatus pollNext(ReaderOutput<Taken> output) {
    Taken next;
    synchronized (this) {
      next = waiting.poll();
      notifyAll();
      if (next == null) {
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
