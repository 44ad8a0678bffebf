package servings.flink.sink;

import java.util.ArrayDeque;
import java.util.Queue;
import org.apache.flink.api.connector.sink2.SinkWriter;
import redis.clients.jedis.exceptions.JedisDataException;
import servings.flink.JobSpec;
import servings.flink.queue.Finisher;
import servings.flink.queue.RedisTrouble;
import servings.flink.worker.Answers;
import servings.flink.worker.Worker;

/** Writes on a thread of its own, so that answers come while others are written. What Redis refuses the process is told that
 *  gave the answers: it repeats them, which is safe, since only a record that is still pending is answered. */
final class ResultWriter implements SinkWriter<Answers> {
  /** What is answered already is still written when the job is cancelled, if Redis takes it in this time. */
  private static final long LAST_WRITES_MS = 5_000;

  private final Worker worker;
  private final Finisher finisher;
  private final Thread writing;
  private final Queue<Answers> waiting = new ArrayDeque<>();
  private boolean isClosed;

  ResultWriter(JobSpec spec, int subtask) {
    worker = Worker.acquire(spec, subtask);
    finisher = worker.finisher();
    writing = new Thread(this::writeAll, "writing for " + worker.id());
    writing.setDaemon(true);
    writing.start();
  }

  /** A process gives no more before it hears of these. */
  @Override
  public synchronized void write(Answers answers, Context context) {
    waiting.add(answers);
    notifyAll();
  }

  /** There is nothing left to wait for: the input ends when everything is written. */
  @Override
  public void flush(boolean endOfInput) {}

  private void writeAll() {
    try {
      for (Answers next = next(); next != null; next = next()) {
        try {
          finisher.finish(next);
          worker.written(next);
        } catch (RedisTrouble | JedisDataException error) {
          worker.refused(next, error);
        }
      }
    } catch (InterruptedException error) {
      // Closed.
    } catch (RuntimeException error) {
      worker.fail(error);
    }
  }

  /** @return null when closed and everything is written */
  private synchronized Answers next() throws InterruptedException {
    while (waiting.isEmpty() && !isClosed) wait();
    return waiting.poll();
  }

  @Override
  public void close() {
    synchronized (this) {
      isClosed = true;
      notifyAll();
    }
    boolean wasInterrupted = Thread.interrupted();
    try {
      writing.join(LAST_WRITES_MS);
    } catch (InterruptedException error) {
      wasInterrupted = true;
    }
    writing.interrupt();
    worker.release();
    if (wasInterrupted) Thread.currentThread().interrupt();
  }
}
