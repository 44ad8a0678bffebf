import { steadyClock, type SteadyClock } from '../queue/steadyClock.ts';

/** Time as the engine sees it; tests bring their own. */
export interface Clock extends SteadyClock {
  /** ms since 1970 by the clock of the store, which deadlines and ids of records are written by. */
  storeMs(): number;
}

/** @param storeMs  the store's time, as far as it is known */
export function systemClock(storeMs: () => number = Date.now): Clock {
  return { ...steadyClock, storeMs };
}
