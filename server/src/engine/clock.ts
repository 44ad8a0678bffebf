import { performance } from 'node:perf_hooks';

/** Time as the engine sees it; tests bring their own. */
export interface Clock {
  /** ms since 1970 by the clock of the store, which deadlines and ids of records are written by. */
  storeMs(): number;
  /** ms that never step: for durations. */
  steadyMs(): number;
  /** Calls once, after this many ms. @returns a function that cancels it */
  after(ms: number, call: () => void): () => void;
}

/** @param storeMs  the store's time, as far as it is known */
export function systemClock(storeMs: () => number = Date.now): Clock {
  return {
    storeMs,
    steadyMs: () => performance.now(),
    after(ms, call) {
      const timer = setTimeout(call, ms);
      return () => clearTimeout(timer);
    },
  };
}
