import { performance } from 'node:perf_hooks';

/** Time that never steps, for durations and waits; tests bring their own. */
export interface SteadyClock {
  /** In ms since some moment. */
  steadyMs(): number;
  /** Calls once, after this many ms. @returns a function that cancels it */
  after(ms: number, call: () => void): () => void;
}

export const steadyClock: SteadyClock = {
  steadyMs: () => performance.now(),
  after(ms, call) {
    const timer = setTimeout(call, ms);
    return () => clearTimeout(timer);
  },
};
