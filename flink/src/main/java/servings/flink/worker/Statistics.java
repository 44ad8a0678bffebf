package servings.flink.worker;

import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.ArrayDeque;
import java.util.Deque;

/** Counts what a worker does, for its heartbeats and for Flink's metrics. Percentiles are over the last 1,024 samples, the
 *  rate over the last ten seconds. */
public final class Statistics {
  /** Where the time of a record goes. */
  public enum Stage {
    QUEUE_WAIT("queueWait"),
    DECODE("decode"),
    INFERENCE("inference"),
    WRITE("write");

    public final String text;
    private final int place = ordinal();

    Stage(String text) {
      this.text = text;
    }
  }

  private static final long RATE_MS = 10_000;

  private final Samples[] stages = new Samples[Stage.values().length];
  private final Deque<long[]> marks = new ArrayDeque<>();
  private long processed;
  private long failed;
  private long expired;
  private long shared;
  private long rows;
  private long batches;
  private long maxRows;

  Statistics(long now) {
    for (int i = 0; i < stages.length; i++) stages[i] = new Samples();
    marks.add(new long[] {now, 0});
  }

  public void took(Stage stage, double ms) {
    stages[stage.place].add(ms);
  }

  public double percentile(Stage stage, double share) {
    return stages[stage.place].percentiles(share)[0];
  }

  public synchronized void batch(int batchRows) {
    rows += batchRows;
    batches++;
    maxRows = Math.max(maxRows, batchRows);
  }

  public synchronized double meanBatch() {
    return batches == 0 ? 0 : Math.round(rows * 10.0 / batches) / 10.0;
  }

  synchronized void finished(long count, long failures, long expirations, long sharers) {
    processed += count;
    failed += failures;
    expired += expirations;
    shared += sharers;
  }

  /** Records that are done with, answered or not. */
  synchronized long done() {
    return processed + expired;
  }

  public synchronized double recordsPerSecond(long now) {
    marks.add(new long[] {now, processed});
    while (marks.size() > 2 && marks.peekFirst()[0] < now - RATE_MS) marks.removeFirst();
    long[] first = marks.peekFirst();
    return Math.round((processed - first[1]) * 10_000.0 / Math.max(1, now - first[0])) / 10.0;
  }

  /** Adds the figures of a heartbeat, as in schemas/jobEvents.ts. */
  synchronized void report(ObjectNode heartbeat, long now) {
    heartbeat.put("processed", processed).put("failed", failed).put("expired", expired).put("shared", shared);
    heartbeat.put("recordsPerSecond", recordsPerSecond(now));
    heartbeat.putObject("batchSize").put("mean", meanBatch()).put("max", maxRows);
    ObjectNode latencies = heartbeat.putObject("latencyMs");
    for (Stage stage : Stage.values()) {
      double[] ms = stages[stage.place].percentiles(0.5, 0.95, 0.99);
      latencies.putObject(stage.text).put("p50", ms[0]).put("p95", ms[1]).put("p99", ms[2]);
    }
  }
}
