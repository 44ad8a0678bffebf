import type { Answer, QueuedRecord, RecordQueue } from '../../server/src/queue/recordQueue.ts';

let ids = 0;

/** A record as a queue hands it out. */
export function queued(more: Partial<QueuedRecord> = {}): QueuedRecord {
  ids += 1;
  return {
    id: `${ids}-0`,
    enqueuedAt: 0,
    uri: `uri-${ids}`,
    data: undefined,
    serde: undefined,
    wantsTyped: false,
    deadline: undefined,
    sharedBy: 1,
    deliveries: 1,
    deaths: 0,
    alone: false,
    ...more,
  };
}

/** A queue in memory whose takes and writes are in the test's hand. */
export interface MemoryQueue extends RecordQueue {
  /** Hands records out with the next `take`, or to the one that waits. */
  put(...records: readonly QueuedRecord[]): void;
  /** Every write that has ended, with its answers. */
  readonly writes: readonly (readonly Answer[])[];
  /** The answers of all writes, in their order. */
  readonly answers: readonly Answer[];
  /** How many each `take` was ready to get. */
  readonly takes: readonly number[];
  /** Writes end only after `release`. */
  hold(): void;
  release(): void;
  /** The next write throws this. */
  failNext(error: Error): void;
}

export function createMemoryQueue(): MemoryQueue {
  const waiting: QueuedRecord[] = [];
  const writes: (readonly Answer[])[] = [];
  const takes: number[] = [];
  let taker: (() => void) | undefined;
  let held: Promise<void> | undefined;
  let letGo: (() => void) | undefined;
  let failure: Error | undefined;
  return {
    writes,
    takes,
    get answers() {
      return writes.flat();
    },
    put(...records) {
      waiting.push(...records);
      taker?.();
    },
    hold() {
      held ??= new Promise((resolve) => {
        letGo = resolve;
      });
    },
    release() {
      letGo?.();
      held = undefined;
    },
    failNext(error) {
      failure = error;
    },
    now: () => 0,
    noteRunning: () => Promise.resolve(),
    open: () => Promise.resolve(),
    async take(max) {
      takes.push(max);
      if (waiting.length === 0)
        await new Promise<void>((resolve) => {
          taker = resolve;
        });
      taker = undefined;
      return waiting.splice(0, max);
    },
    wake() {
      taker?.();
      return Promise.resolve();
    },
    async finish(answers) {
      await held;
      if (failure) {
        const error = failure;
        failure = undefined;
        throw error;
      }
      writes.push(answers);
    },
    keepAlive: () => Promise.resolve(),
    trim: () => Promise.resolve(),
    close: () => Promise.resolve(),
  };
}
