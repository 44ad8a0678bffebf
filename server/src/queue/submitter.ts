import type { Redis } from 'ioredis';
import { putScript } from './scripts/clientScripts.ts';
import { deadlineField } from '../../../schemas/redis/redisKeys.ts';
import { Pieces } from './payload.ts';
import { fieldsOf, marksOf, type NewRecord } from './recordClient.ts';
import { commandPieces, exchange } from './redis/rawCommand.ts';
import { createRedisClock, setClock } from './redis/redisClock.ts';
import type { RedisLink } from './redis/redisLink.ts';
import { runScript } from './scripts/scripts.ts';

export interface SubmitterOptions<T extends Submittable> {
  readonly link: RedisLink;
  /** For large records, past the client library: nothing else may use it. */
  readonly largeLink: RedisLink;
  /** The stream. */
  readonly jobName: string;
  /** How long is collected before it is written, in ms; 0 writes what came in the same turn of the loop. */
  readonly timeWindowMs: number;
  /** This many end the wait early. */
  readonly countWindow: number;
  /** Makes records of what is written together. */
  readonly recordsOf: (items: readonly T[]) => readonly Submission[];
  /** Called after each write. */
  readonly onWritten: (items: number, ms: number) => void;
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
/** Redis's clock is read again after this time. */
const clockMs = 10_000;

/** Writes records in batches: a lonely one goes at once, and what comes while a write is on its way goes together in
 *  the next, so that the number of commands does not grow with the load. */
export function createSubmitter<T extends Submittable>(options: SubmitterOptions<T>): Submitter<T> {
  const { link, largeLink, jobName, timeWindowMs } = options;
  const clock = createRedisClock();
  let clockAt = -Infinity;
  /** The last large write: they go one after the other. */
  let lastLarge: Promise<unknown> = Promise.resolve();
  const full = timeWindowMs > 0 ? options.countWindow : eagerItems;
  let waiting: T[] = [];
  let writes = 0;
  let scheduled: NodeJS.Timeout | NodeJS.Immediate | undefined;
  /** The time of what waits has come, and it waits for a write to end. */
  let due = false;

  function onTime(): void {
    scheduled = undefined;
    due = true;
    if (writes === 0) void write();
  }

  async function write(): Promise<void> {
    const batch = nextBatch();
    if (batch.length === 0) return;
    if (waiting.length === 0) due = false;
    writes += 1;
    const submissions = options.recordsOf(batch);
    const start = performance.now();
    const isLarge = ({ record }: Submission) => record.data.length >= largeBytes;
    await Promise.all([
      putTogether(submissions.filter((one) => !isLarge(one))),
      ...submissions.filter(isLarge).map(putLarge),
    ]);
    writes -= 1;
    options.onWritten(batch.length, performance.now() - start);
    if (due || waiting.length >= full) void write();
  }

  async function putTogether(submissions: readonly Submission[]): Promise<void> {
    if (submissions.length === 0) return;
    const args = submissions.flatMap(({ record }) => {
      const fields = fieldsOf(record);
      return [fields.length, leftMs(record), ...fields];
    });
    try {
      const ids = (await link.run((redis) => runScript(redis, putScript, [jobName], args))) as string[];
      submissions.forEach(({ onPut }, i) => onPut(ids[i] ?? ''));
    } catch (error) {
      for (const { onFailed } of submissions) onFailed(error);
    }
  }

  function putLarge({ record, onPut, onFailed }: Submission): Promise<void> {
    const put = async (redis: Redis) => {
      if (performance.now() - clockAt > clockMs) {
        await setClock(clock, redis);
        clockAt = performance.now();
      }
      const deadline = Math.round(clock.now() + leftMs(record));
      const payload = record.data instanceof Pieces ? record.data.all : [Buffer.from(record.data)];
      const fields = ['uri', record.uri, 'data', payload, ...marksOf(record), deadlineField, deadline];
      return exchange(redis, commandPieces(['XADD', jobName, '*', ...fields]));
    };
    const written = lastLarge.then(() => largeLink.run(put)).then((id) => onPut(String(id)), onFailed);
    lastLarge = written;
    return written;
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
      else scheduled ??= timeWindowMs > 0 ? setTimeout(onTime, timeWindowMs) : setImmediate(onTime);
    },
    async withdraw(ids) {
      if (ids.length > 0) await link.run((redis) => redis.xdel(jobName, ...ids));
    },
  };
}

function leftMs({ deadline }: AwaitedRecord): number {
  return Math.max(1, Math.round(deadline - performance.now()));
}
