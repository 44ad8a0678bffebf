import type { Heartbeat, WorkerState } from '../../../schemas/jobEvents.ts';
import { heartbeatIntervalMs } from '../../../schemas/redisKeys.ts';
import type { RedisQueue } from '../queue/redisQueue.ts';
import { beat, isFull } from '../queue/workerRegistry.ts';
import type { Log } from './log.ts';

export interface VitalSigns {
  /** The first heartbeat, and from then on one a second. */
  start(): Promise<void>;
  /** The last heartbeat says that the worker is stopping. */
  stopping(): void;
  end(): void;
}

export interface VitalSignsOptions {
  readonly queue: RedisQueue;
  readonly heartbeat: (state: WorkerState) => Heartbeat;
  /** Somebody has asked for a stop by a word in Redis. */
  readonly onStopAsked: () => void;
  readonly log: Log;
}

/** `maxmemory` is looked at every so many heartbeats. */
const beatsPerMemoryCheck = 5;

/** What a worker does once a second beside its work: it says that it lives, keeps what it has in hand, frees what is
 *  answered, and looks whether Redis is full and whether it is asked to stop. */
export function createVitalSigns({ queue, heartbeat, onStopAsked, log }: VitalSignsOptions): VitalSigns {
  let state: WorkerState = 'ready';
  let beats = 0;
  let trimmedAt = -1;
  let ticker: NodeJS.Timeout | undefined;

  async function live(): Promise<void> {
    if (state !== 'stopping' && beats++ % beatsPerMemoryCheck === 0) {
      const full = await queue.run(isFull);
      if (full && state !== 'full')
        log.warn(
          'Redis has reached its maxmemory: clients are refused until results are read or the limit is raised.',
        );
      state = full ? 'full' : 'ready';
    }
    const now = heartbeat(state);
    if (await queue.run((redis) => beat(redis, now))) onStopAsked();
    await queue.keepAlive();
    const done = now.processed + now.expired;
    if (done === trimmedAt) return;
    await queue.trim();
    trimmedAt = done;
  }

  return {
    async start() {
      await live();
      ticker = setInterval(() => {
        // What goes wrong here goes wrong for the queue's own reads and writes too, which tell it.
        live().catch(() => undefined);
      }, heartbeatIntervalMs);
    },
    stopping() {
      state = 'stopping';
      live().catch(() => undefined);
    },
    end() {
      clearInterval(ticker);
    },
  };
}
