import { setTimeout } from 'node:timers/promises';
import type { ResultSource } from '../../resultWaiter.ts';
import type { ResultFollower } from './resultFollower.ts';

/** One fetch waits for this long where nothing comes, in ms. */
const waitMs = 2_000;
const firstRetryMs = 100;
const lastRetryMs = 2_000;

/** Where a job's workers write results. Each is seen once, as it is written, so there is nothing to ask for later.
 *  @param follow  connects, where that is still to be done */
export function createKafkaSource(follow: () => Promise<ResultFollower>): ResultSource {
  /** What went wrong last, until results can be followed again. */
  let trouble: unknown;

  return {
    read: (uris) =>
      trouble === undefined ? Promise.resolve(uris.map(() => undefined)) : Promise.reject(asError(trouble)),
    // Others may read the same results.
    remove: () => Promise.resolve(),
    listen(onAnswered) {
      let closed = false;
      const isClosed = () => closed;
      void run();
      return {
        // It follows on by itself.
        reconnect: () => undefined,
        close() {
          closed = true;
        },
      };

      async function run(): Promise<void> {
        let retryMs = firstRetryMs;
        while (!isClosed()) {
          try {
            const follower = await follow();
            await follower.open();
            // Results are announced from now on, and need not be asked for.
            if (!isClosed()) onAnswered([]);
            for (;;) {
              const results = await follower.next(waitMs);
              if (isClosed()) return;
              trouble = undefined;
              retryMs = firstRetryMs;
              if (results.length > 0) onAnswered(results);
            }
          } catch (error) {
            trouble = error;
            if (isClosed()) return;
            await setTimeout(retryMs);
            retryMs = Math.min(lastRetryMs, retryMs * 2);
          }
        }
      }
    },
  };
}

function asError(thrown: unknown): Error {
  return thrown instanceof Error ? thrown : new Error(String(thrown));
}
