import type { InferenceCounts, TimedCount } from '../../../../schemas/jobEvents.ts';

/** Counts what is run and answered. */
export interface InferenceCounter {
  /** A run has ended. @param records  that it was for @param at  by the clock of the store */
  ran(records: number, rows: number, ms: number, at: number): void;
  /** @param requests  that were answered together @param ms  from their arrival on */
  answered(requests: number, ms: number): void;
  gaveUp(requests: number, ms: number): void;
  report(): InferenceCounts;
}

/** There are as many sizes of batches as a batch has rows at most; a model that takes any number of rows could make more. */
const maxSizes = 256;

interface Sum {
  count: number;
  sumMs: number;
}

export function createInferenceCounter(): InferenceCounter {
  const ran: Sum = { count: 0, sumMs: 0 };
  const succeeded: Sum = { count: 0, sumMs: 0 };
  const failed: Sum = { count: 0, sumMs: 0 };
  const bySize = new Map<number, Sum>();
  let runs = 0;
  let rowsRun = 0;
  let lastAt: number | undefined;
  return {
    ran(records, rows, ms, at) {
      add(ran, records, ms);
      runs += 1;
      rowsRun += rows;
      lastAt = at;
      const known = bySize.get(rows);
      if (known) add(known, 1, ms);
      else if (bySize.size < maxSizes) bySize.set(rows, { count: 1, sumMs: ms });
    },
    answered: (requests, ms) => add(succeeded, requests, ms),
    gaveUp: (requests, ms) => add(failed, requests, ms),
    report: () => ({
      runs,
      rows: rowsRun,
      ...(lastAt === undefined ? {} : { lastAt: Math.round(lastAt) }),
      ran: rounded(ran),
      succeeded: rounded(succeeded),
      failed: rounded(failed),
      batches: [...bySize].sort(([a], [b]) => a - b).map(([rows, sum]) => ({ rows, ...rounded(sum) })),
    }),
  };
}

/** @param ms  of each of them */
function add(sum: Sum, count: number, ms: number): void {
  sum.count += count;
  sum.sumMs += count * Math.max(0, ms);
}

/** To whole microseconds. */
function rounded({ count, sumMs }: Sum): TimedCount {
  return { count, sumMs: Math.round(sumMs * 1000) / 1000 };
}
