import type { LatencyReport } from './benchReport.ts';

/** Durations in buckets that are each 1 % wider than the one before, so that any number of them takes little memory and
 *  percentiles are at most 1 % above what was measured. */
export interface Histogram {
  readonly count: number;
  /** @param ms  a duration */
  add(ms: number): void;
  /** @param share  0 to 1 @returns ms; undefined while it is empty */
  percentile(share: number): number | undefined;
  /** @returns undefined while it is empty */
  report(): LatencyReport | undefined;
}

const leastMs = 0.001;
const growth = Math.log(1.01);

export function createHistogram(): Histogram {
  const buckets: number[] = [];
  let count = 0;
  let sum = 0;
  let max = 0;

  function percentile(share: number): number | undefined {
    if (count === 0) return undefined;
    const wanted = Math.max(1, Math.ceil(share * count));
    let seen = 0;
    for (let i = 0; i < buckets.length; i++) {
      seen += buckets[i] ?? 0;
      if (seen >= wanted) return Math.min(max, leastMs * Math.exp(i * growth));
    }
    return max;
  }

  return {
    get count() {
      return count;
    },
    add(ms) {
      const duration = Math.max(0, ms);
      const bucket = duration <= leastMs ? 0 : Math.ceil(Math.log(duration / leastMs) / growth - 1e-9);
      buckets[bucket] = (buckets[bucket] ?? 0) + 1;
      count += 1;
      sum += duration;
      max = Math.max(max, duration);
    },
    percentile,
    report() {
      if (count === 0) return undefined;
      const at = (share: number) => round(percentile(share) ?? 0);
      return { mean: round(sum / count), p50: at(0.5), p90: at(0.9), p99: at(0.99), max: round(max) };
    },
  };
}

export function round(ms: number): number {
  return Math.round(ms * 1000) / 1000;
}
