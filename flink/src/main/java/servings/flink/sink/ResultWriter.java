package servings.flink.sink;

import java.util.ArrayList;
import java.util.List;
import org.apache.flink.api.connector.sink2.SinkWriter;
import servings.flink.JobSpec;
import servings.flink.engine.Answers;
import servings.flink.queue.Answer;
import servings.flink.queue.Finisher;
import servings.flink.queue.QueuedRecord;
import servings.flink.queue.RedisTrouble;
import servings.flink.worker.Statistics;
import servings.flink.worker.Worker;

/** Writes on a thread of its own: what came together in the meantime goes together. A write is repeated until it succeeds,
 *  which is safe, since only a record that is still pending is answered. */
final class ResultWriter implements SinkWriter<Answers> {
  private static final int MAX_ANSWERS_PER_WRITE = 512;
  private static final int MAX_WAITING = 4096;
  private static final long FIRST_RETRY_MS = 50;
  private static final long LAST_RETRY_MS = 1_000;
  /** What is answered already is still written when the job is cancelled, if Redis takes it in this time. */
  private static final long LAST_WRITES_MS = 5_000;

  private final Worker worker;
  private final Finisher finisher;
  private final Thread writing;
  private List<Answer> waiting = new ArrayList<>();
  private boolean isWriting;
  private boolean isClosed;
  private RuntimeException bug;

  ResultWriter(JobSpec spec, int subtask) {
    worker = Worker.acquire(spec, subtask);
    finisher = new Finisher(spec, worker.id(), worker.redis());
    writing = new Thread(this::writeAll, "writing for " + worker.id());
    writing.setDaemon(true);
    writing.start();
  }

  @Override
  public synchronized void write(Answers answers, Context context) throws InterruptedException {
    while (waiting.size() > MAX_WAITING && bug == null) wait();
    if (bug != null) throw bug;
    waiting.addAll(answers.list);
    notifyAll();
  }

  @Override
  public synchronized void flush(boolean endOfInput) throws InterruptedException {
    while ((isWriting || !waiting.isEmpty()) && bug == null) wait();
    if (bug != null) throw bug;
  }

  private void writeAll() {
    try {
      for (List<Answer> next = next(); next != null; next = next()) {
        long start = System.nanoTime();
        if (!writeUntilDone(next)) return;
        worker.statistics().took(Statistics.Stage.WRITE, (System.nanoTime() - start) / 1e6);
        finished(next);
      }
    } catch (InterruptedException error) {
      // Closed.
    } catch (RuntimeException error) {
      worker.log().error("results cannot be written", error);
      synchronized (this) {
        bug = error;
        notifyAll();
      }
    }
  }

  /** @return null when closed and everything is written */
  private synchronized List<Answer> next() throws InterruptedException {
    isWriting = false;
    notifyAll();
    while (waiting.isEmpty() && !isClosed) wait();
    if (waiting.isEmpty()) return null;
    int count = Math.min(MAX_ANSWERS_PER_WRITE, waiting.size());
    List<Answer> next = new ArrayList<>(waiting.subList(0, count));
    waiting = new ArrayList<>(waiting.subList(count, waiting.size()));
    isWriting = true;
    return next;
  }

  private boolean writeUntilDone(List<Answer> answers) throws InterruptedException {
    for (long retryMs = FIRST_RETRY_MS; ; retryMs = Math.min(LAST_RETRY_MS, retryMs * 2)) {
      try {
        finisher.finish(answers);
        return true;
      } catch (RedisTrouble trouble) {
        if (retryMs == FIRST_RETRY_MS) worker.log().warn("{} waits for Redis: {}", worker.id(), trouble.getMessage());
        synchronized (this) {
          if (isClosed) return false;
        }
        Thread.sleep(retryMs);
      }
    }
  }

  private void finished(List<Answer> answers) {
    List<QueuedRecord> records = new ArrayList<>(answers.size());
    int answered = 0;
    int failures = 0;
    int expired = 0;
    int shared = 0;
    for (Answer answer : answers) {
      records.add(answer.record());
      answered += answer.answered();
      expired += answer.expired();
      shared += answer.shared();
      if (answer.isFailed()) failures++;
    }
    worker.finished(records, answered, failures, expired, shared);
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
    finisher.close();
    worker.release();
    if (wasInterrupted) Thread.currentThread().interrupt();
  }
}
