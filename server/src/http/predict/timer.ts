import { createDurationCounter, type DurationCounter } from '../../../../schemas/config/durations.ts';

/** Durations of one kind of thing: the last ones for percentiles, all of them for a Prometheus histogram. */
export interface Timer extends DurationCounter {
  /** The last durations, ascending. */
  sorted(): Float64Array;
}

/** As many as the reservoir of the original's timers holds. */
const kept = 1028;

export function createTimer(): Timer {
  const last = new Float64Array(kept);
  const all = createDurationCounter();
  return {
    add(ms) {
      last[all.count % kept] = ms;
      all.add(ms);
    },
    get count() {
      return all.count;
    },
    get sumMs() {
      return all.sumMs;
    },
    get buckets() {
      return all.buckets;
    },
    sorted: () => last.slice(0, Math.min(all.count, kept)).sort(),
  };
}

/** @param sorted  ascending; @param share  0..1 @returns 0 when there are none */
export function percentile(sorted: Float64Array, share: number): number {
  return sorted[Math.min(sorted.length - 1, Math.floor(share * sorted.length))] ?? 0;
}
