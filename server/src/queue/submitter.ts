import type { NewRecord } from './recordClient.ts';
import { steadyClock, type SteadyClock } from './steadyClock.ts';

export interface SubmitterOptions<T extends Submittable> {
  /** How long is collected before it is written, in ms; 0 writes what came in the same turn of the loop. */
  readonly timeWindowMs: number;
  /** This many end the wait early. */
  readonly countWindow: number;
  /** Makes records of what is written together. */
  readonly recordsOf: (items: readonly T[]) => readonly Submission[];
  /** Called after each write. */
  readonly onWritten: (items: number, ms: number) => void;
}

/** Where a submitter puts records. Each function throws what the store refused, as a sentence. */
export interface RecordSink {
  /** Puts records in by one command, whatever their number. @returns their ids, in order */
  put(records: readonly TimedRecord[]): Promise<readonly string[]>;
  /** Puts in one record that is too large for others beside it. Only one call at a time. @returns its id */
  putLarge(record: TimedRecord): Promise<string>;
  remove(ids: readonly string[]): Promise<void>;
}

export interface TimedRecord {
  readonly record: NewRecord;
  /** How long its result is waited for from now on, in ms. */
  readonly leftMs: number;
}

/** What may become a record, or a part of one. */
export interface Submittable {
  /** Of its payload. */
  readonly bytes: number;
}

export interface AwaitedRecord extends NewRecord {
  /** Until when its result is waited for, in ms by the monotonic clock. */
  readonly deadline: number;
}

export interface Submission {
  readonly record: AwaitedRecord;
  /** Called with the id of the record's entry. */
  readonly onPut: (id: string) => void;
  /** Called with what the write threw. */
  readonly onFailed: (error: unknown) => void;
}

export interface Submitter<T extends Submittable> {
  add(item: T): void;
  /** Takes records back that no worker may have been given yet. */
  withdraw(ids: readonly string[]): Promise<void>;
}

/** One write holds at most this much, so that Redis is never busy with one for long. */
const maxItems = 512;
const maxBytes = 8 * 1024 * 1024;
/** Without a window, this many do not wait for others of the same turn: workers begin while requests are still read. */
const eagerItems = 24;
const maxWrites = 4;
/** A record of this many bytes is written by itself and from where it lies: a script copies what it is given twice, the client
 *  library once. */
const largeBytes = 64 * 1024;
/** Writes records in batches: a lonely one goes at once, and what comes while a write is on its way goes together in
 *  the next, so that the number of commands does not grow with the load. */
export function createSubmitter<T extends Submittable>(
  options: SubmitterOptions<T>,
  sink: RecordSink,
  clock: SteadyClock = steadyClock,
): Submitter<T> {
  const { timeWindowMs } = options;
  /** The last large write: they go one after the other. */
  let lastLarge: Promise<unknown> = Promise.resolve();
  const full = timeWindowMs > 0 ? options.countWindow : eagerItems;
  let waiting: T[] = [];
  let writes = 0;
  let scheduled = false;
  /** The time of what waits has come, and it waits for a write to end. */
  let due = false;

  function onTime(): void {
    scheduled = false;
    due = true;
    if (writes === 0) void write();
  }

  async function write(): Promise<void> {
    const batch = nextBatch();
    if (batch.length === 0) return;
    if (waiting.length === 0) due = false;
    writes += 1;
    const submissions = options.recordsOf(batch);
    const start = clock.steadyMs();
    const isLarge = ({ record }: Submission) => record.data.length >= largeBytes;
    await Promise.all([
      putTogether(submissions.filter((one) => !isLarge(one))),
      ...submissions.filter(isLarge).map(putLarge),
    ]);
    writes -= 1;
    options.onWritten(batch.length, clock.steadyMs() - start);
    if (due || waiting.length >= full) void write();
  }

  async function putTogether(submissions: readonly Submission[]): Promise<void> {
    if (submissions.length === 0) return;
    try {
      const ids = await sink.put(submissions.map(({ record }) => timed(record)));
      submissions.forEach(({ onPut }, i) => onPut(ids[i] ?? ''));
    } catch (error) {
      for (const { onFailed } of submissions) onFailed(error);
    }
  }

  function putLarge({ record, onPut, onFailed }: Submission): Promise<void> {
    const written = lastLarge.then(() => sink.putLarge(timed(record))).then(onPut, onFailed);
    lastLarge = written;
    return written;
  }

  function timed(record: AwaitedRecord): TimedRecord {
    return { record, leftMs: Math.max(1, Math.round(record.deadline - clock.steadyMs())) };
  }

  function schedule(): void {
    if (scheduled) return;
    scheduled = true;
    if (timeWindowMs > 0) clock.after(timeWindowMs, onTime);
    else setImmediate(onTime);
  }

  function nextBatch(): T[] {
    let bytes = 0;
    let count = 0;
    while (count < maxItems && count < waiting.length) {
      bytes += waiting[count]?.bytes ?? 0;
      if (count > 0 && bytes > maxBytes) break;
      count += 1;
    }
    const batch = waiting.slice(0, count);
    waiting = waiting.slice(count);
    return batch;
  }

  return {
    add(item) {
      waiting.push(item);
      if (waiting.length >= full && writes < maxWrites) void write();
      else schedule();
    },
    async withdraw(ids) {
      if (ids.length > 0) await sink.remove(ids);
    },
  };
}
