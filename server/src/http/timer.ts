import { durationBucketsMs, type DurationCounts } from '../../../schemas/jobEvents.ts';

/** Durations of one kind of thing: the last ones for percentiles, all of them for a Prometheus histogram. */
export interface Timer extends DurationCounts {
  /** @param ms  a duration */
  add(ms: number): void;
  /** The last durations, ascending. */
  sorted(): Float64Array;
}

/** As many as the reservoir of the original's timers holds. */
const kept = 1028;

export function createTimer(): Timer {
  const last = new Float64Array(kept);
  const perBucket = new Float64Array(durationBucketsMs.length);
  let count = 0;
  let sumMs = 0;
  return {
    add(ms) {
      last[count % kept] = ms;
      count += 1;
      sumMs += ms;
      for (let i = 0; i < durationBucketsMs.length; i++) {
        if (ms > (durationBucketsMs[i] ?? 0)) continue;
        perBucket[i] = (perBucket[i] ?? 0) + 1;
        return;
      }
    },
    get count() {
      return count;
    },
    get sumMs() {
      return sumMs;
    },
    get buckets() {
      let sum = 0;
      return Array.from(perBucket, (n) => (sum += n));
    },
    sorted: () => last.slice(0, Math.min(count, kept)).sort(),
  };
}

/** @param sorted  ascending; @param share  0..1 @returns 0 when there are none */
export function percentile(sorted: Float64Array, share: number): number {
  return sorted[Math.min(sorted.length - 1, Math.floor(share * sorted.length))] ?? 0;
}
