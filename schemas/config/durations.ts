/** How long things take, as histograms count it. */

/** Upper bounds of the buckets of durations, in ms. */
export const durationBucketsMs = [
  0.25, 0.5, 1, 2.5, 5, 10, 25, 50, 100, 250, 500, 1_000, 2_500, 5_000, 10_000, 60_000,
] as const;

/** All durations of one kind since the start. */
export interface DurationCounts {
  readonly count: number;
  readonly sumMs: number;
  /** How many were at most as long as each of `durationBucketsMs`. */
  readonly buckets: readonly number[];
}

export interface DurationCounter extends DurationCounts {
  /** @param ms  a duration */
  add(ms: number): void;
}

/** Counts durations; what it holds at any time is read from it. It is called for each record and request. */
export function createDurationCounter(): DurationCounter {
  const perBucket = new Float64Array(durationBucketsMs.length);
  let count = 0;
  let sumMs = 0;
  return {
    add(ms) {
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
  };
}
