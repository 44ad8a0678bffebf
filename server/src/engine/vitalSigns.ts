import type { EarlyBeat, Heartbeat, Registration, WorkerState } from '../../../schemas/jobEvents.ts';
import { heartbeatIntervalMs, maxClockSkewMs } from '../../../schemas/redis/redisKeys.ts';
import type { RecordQueue, WorkerStore } from '../queue/recordQueue.ts';
import { skewText } from '../queue/redis/redisClock.ts';
import type { Log } from './log.ts';

export interface VitalSigns {
  /** Registers the worker, and renews that from then on once a second. */
  start(): Promise<void>;
  /** What is reported in place of a heartbeat until the first. */
  early(beat: () => EarlyBeat): Promise<void>;
  /** The first heartbeat; from then on each renewal has one.
   *  @param registration  with what is known since the model is loaded */
  ready(heartbeat: (state: WorkerState) => Heartbeat, registration: Registration): Promise<void>;
  /** The last heartbeat says that the worker is stopping. */
  stopping(): void;
  /** Resolves when nothing is written any more: what is forgotten after that stays forgotten. */
  end(): Promise<void>;
}

export interface VitalSignsOptions {
  readonly queue: Pick<RecordQueue, 'keepAlive' | 'trim'> & WorkerStore;
  readonly registration: Registration;
  /** A stop was requested by a key in Redis. */
  readonly onStopAsked: () => void;
  readonly log: Log;
}

/** `maxmemory` is checked once per this many heartbeats, and the queue is trimmed although nothing was answered since: other
 *  groups of the stream may acknowledge later than the worker has answered. */
const beatsPerLook = 5;

/** What a worker does once a second beside its work: it beats, renews its claim on the records in flight, frees what is
 *  answered, and looks whether Redis is full and whether it is asked to stop. What a Redis has lost of the worker is
 *  there again with the next beat. */
export function createVitalSigns({ queue, onStopAsked, log, ...options }: VitalSignsOptions): VitalSigns {
  let { registration } = options;
  let heartbeat: ((state: WorkerState) => Heartbeat) | undefined;
  let early: (() => EarlyBeat) | undefined;
  let state: WorkerState = 'ready';
  let beats = 0;
  let trimmedAt = -1;
  let isSkewed = false;
  let ticker: NodeJS.Timeout | undefined;
  let beating: Promise<void> | undefined;
  let ended = false;
  const hasEnded = () => ended;

  async function beat(): Promise<void> {
    const looks = heartbeat !== undefined && beats++ % beatsPerLook === 0;
    if (looks) await checkRoom();
    const now = heartbeat?.(state);
    if (hasEnded()) return;
    const stopAsked = await queue.renew(registration, now ?? early?.());
    noteSkew(queue.clockAheadMs);
    if (stopAsked) onStopAsked();
    if (!now || hasEnded()) return;
    await queue.keepAlive();
    const done = now.processed + now.expired;
    // While Redis is full no record comes that would free the room which clients wait for.
    if (done === trimmedAt && !looks && state !== 'full') return;
    await queue.trim();
    trimmedAt = done;
  }

  async function checkRoom(): Promise<void> {
    if (state === 'stopping') return;
    // A Redis that refuses to say is met by the renewal and by the queue's own writes, which say it.
    const full = await queue.isFull().catch(() => state === 'full');
    if (full && state !== 'full')
      log.warn(
        'Redis has reached its maxmemory: clients are refused until results are read or the limit is raised.',
      );
    // It may have been asked to stop meanwhile.
    if ((state as WorkerState) !== 'stopping') state = full ? 'full' : 'ready';
  }

  function noteSkew(aheadMs: number): void {
    const now = Math.abs(aheadMs) > maxClockSkewMs;
    if (now && !isSkewed)
      log.warn(`this machine's clock is ${skewText(aheadMs)}; deadlines of records go by Redis's clock`);
    if (!now && isSkewed) log.info("this machine's clock and Redis's agree again");
    isSkewed = now;
  }

  /** One beat at a time. */
  function next(): Promise<void> {
    const before = beating ?? Promise.resolve();
    const mine = before.catch(() => undefined).then(beat);
    beating = mine;
    const done = () => {
      if (beating === mine) beating = undefined;
    };
    mine.then(done, done);
    return mine;
  }

  return {
    async start() {
      await next();
      ticker = setInterval(() => {
        // What goes wrong here goes wrong for the queue's own reads and writes too, which say it.
        if (!beating) next().catch(() => undefined);
      }, heartbeatIntervalMs);
    },
    async early(beat) {
      early = beat;
      await next();
    },
    async ready(of, registered) {
      heartbeat = of;
      registration = registered;
      await next();
    },
    stopping() {
      state = 'stopping';
      if (!hasEnded()) next().catch(() => undefined);
    },
    async end() {
      ended = true;
      clearInterval(ticker);
      await beating?.catch(() => undefined);
    },
  };
}
