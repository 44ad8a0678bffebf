import { ServingError, messageOf } from '../../../schemas/errors.ts';
import type { Model, ModelTensor } from './model.ts';
import type { Session } from './session.ts';

/** How long runs may take on the thread that talks to Redis. */
export interface QuickRuns {
  /** The largest batch takes at most this long, in ms: a thread's round trip, twice a wake-up, costs about as much. */
  readonly quickMs: number;
  /** A run of more than this many ms was not quick after all, for instance because its rows are longer. On a busy machine a
   *  run waits for a processor: both its time and the processor time that it took have to be longer. */
  readonly slowMs: number;
}

export const quickRuns: QuickRuns = { quickMs: 0.25, slowMs: 2 };

/** One slow run may be a pause of the machine; this many in a row are the model. */
const maxSlowRuns = 3;
/** Between runs the event loop gets its turn this often, or the connections would wait for all records in flight. */
const turnEveryMs = 2;
const measuredRuns = 5;

/** Runs on the calling thread, as long as runs are quick. */
export interface QuickModel {
  readonly isQuick: boolean;
  readonly run: Model['run'];
}

/** In ms since some moment. */
export interface RunClocks {
  readonly steady: () => number;
  /** Processor time of this process. */
  readonly processor: () => number;
}

const runClocks: RunClocks = {
  steady: () => performance.now(),
  processor() {
    const { user, system } = process.cpuUsage();
    return (user + system) / 1000;
  },
};

export function createQuickModel(
  session: Pick<Session, 'run'>,
  { slowMs }: QuickRuns,
  { steady, processor }: RunClocks = runClocks,
): QuickModel {
  let slowRuns = 0;
  /** The last run took long. Only then is the processor's clock asked: a system call for each run is a tenth of a quick one. */
  let wasLong = false;
  /** Since when the loop has not had its turn. */
  let since: number | undefined;
  return {
    get isQuick() {
      return slowRuns < maxSlowRuns;
    },
    async run(feeds) {
      if (since === undefined) {
        since = steady();
        setImmediate(() => {
          since = undefined;
        });
      } else if (steady() - since > turnEveryMs) await new Promise((resolve) => setImmediate(resolve));
      const start = steady();
      const spent = wasLong ? processor() : undefined;
      try {
        return await session.run(feeds);
      } catch (error) {
        throw new ServingError('model-run-failed', `The model failed: ${messageOf(error)}`);
      } finally {
        wasLong = steady() - start > slowMs;
        const isSlow = wasLong && (spent === undefined || processor() - spent > slowMs);
        slowRuns = isSlow ? slowRuns + 1 : 0;
      }
    },
  };
}

/** @param feeds  makes those of the largest batch. @returns ms of the quickest of some runs */
export async function timeOf(run: Model['run'], feeds: () => readonly ModelTensor[]): Promise<number> {
  let least = Infinity;
  for (let i = 0; i < measuredRuns; i++) {
    const given = feeds();
    const start = performance.now();
    await run(given);
    least = Math.min(least, performance.now() - start);
  }
  return least;
}
