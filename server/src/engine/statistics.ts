import { createDurationCounter, type DurationCounts } from '../../../schemas/config/durations.ts';
import type { InferenceCounts, Percentiles, StageLatencies } from '../../../schemas/jobEvents.ts';
import { createInferenceCounter, type InferenceCounter } from './flow/inferenceCounter.ts';

const windowSize = 1024;

/** The durations of one stage, in ms. */
export interface Samples {
  add(ms: number): void;
  /** Of the last ones. */
  percentiles(): Percentiles;
  /** Of all. */
  counts(): DurationCounts;
}

export function createSamples(): Samples {
  const ring = new Float64Array(windowSize);
  const all = createDurationCounter();
  return {
    add(ms) {
      ring[all.count % windowSize] = ms;
      all.add(ms);
    },
    counts: () => ({ count: all.count, sumMs: round(all.sumMs), buckets: all.buckets }),
    percentiles() {
      const sorted = ring.slice(0, Math.min(all.count, windowSize)).sort();
      const at = (share: number) =>
        round(sorted[Math.min(sorted.length - 1, Math.floor(share * sorted.length))] ?? 0);
      return { p50: at(0.5), p95: at(0.95), p99: at(0.99) };
    },
  };
}

function round(ms: number): number {
  return Math.round(ms * 1000) / 1000;
}

/** What became of some records, as `Heartbeat` counts it. */
export interface Tally {
  readonly processed: number;
  readonly failed: number;
  readonly expired: number;
  readonly shared: number;
  /** Of `processed`: requests that came to the worker without the queue. */
  readonly overHttp: number;
}

export interface Statistics {
  readonly stages: Readonly<Record<keyof StageLatencies, Samples>>;
  readonly inferences: InferenceCounter;
  finished(tally: Tally): void;
  batch(rows: number): void;
  readonly processed: number;
  /** The figures since the last call, for a heartbeat. @param nowMs  by the monotonic clock */
  report(nowMs: number): StatisticsReport;
}

export interface StatisticsReport extends Tally {
  readonly recordsPerSecond: number;
  readonly batchSize: { readonly mean: number; readonly max: number };
  readonly latencyMs: StageLatencies;
  readonly durations: Readonly<Record<keyof StageLatencies, DurationCounts>>;
  readonly inferences: InferenceCounts;
}

/** Counts what a worker does. @param startMs  by the monotonic clock. Percentiles are over the last 1,024 samples, the rate over the last ten seconds. */
export function createStatistics(startMs: number): Statistics {
  const stages = {
    queueWait: createSamples(),
    decode: createSamples(),
    inference: createSamples(),
    write: createSamples(),
  };
  const inferences = createInferenceCounter();
  const marks: { at: number; processed: number }[] = [{ at: startMs, processed: 0 }];
  let processed = 0;
  let failed = 0;
  let expired = 0;
  let shared = 0;
  let overHttp = 0;
  let rows = 0;
  let batches = 0;
  let maxRows = 0;
  return {
    stages,
    inferences,
    finished(tally) {
      processed += tally.processed;
      failed += tally.failed;
      expired += tally.expired;
      shared += tally.shared;
      overHttp += tally.overHttp;
    },
    batch(batchRows) {
      rows += batchRows;
      batches += 1;
      maxRows = Math.max(maxRows, batchRows);
    },
    get processed() {
      return processed;
    },
    report(nowMs) {
      marks.push({ at: nowMs, processed });
      while (marks.length > 2 && (marks[1]?.at ?? nowMs) <= nowMs - 10_000) marks.shift();
      const [first] = marks as [{ at: number; processed: number }];
      return {
        processed,
        failed,
        expired,
        shared,
        overHttp,
        recordsPerSecond:
          Math.round(((processed - first.processed) * 10_000) / Math.max(1, nowMs - first.at)) / 10,
        batchSize: { mean: batches === 0 ? 0 : Math.round((rows * 10) / batches) / 10, max: maxRows },
        durations: {
          queueWait: stages.queueWait.counts(),
          decode: stages.decode.counts(),
          inference: stages.inference.counts(),
          write: stages.write.counts(),
        },
        inferences: inferences.report(),
        latencyMs: {
          queueWait: stages.queueWait.percentiles(),
          decode: stages.decode.percentiles(),
          inference: stages.inference.percentiles(),
          write: stages.write.percentiles(),
        },
      };
    },
  };
}
