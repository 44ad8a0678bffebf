import { putScript } from './clientScripts.ts';
import type { NewRecord } from './recordClient.ts';
import type { RedisLink } from './redisLink.ts';
import { runScript } from './scripts.ts';

export interface SubmitterOptions {
  readonly link: RedisLink;
  /** The stream. */
  readonly jobName: string;
  /** How long records are collected before they are written, in ms; 0 writes what came in the same turn of the loop. */
  readonly timeWindowMs: number;
  /** So many records end the wait early. */
  readonly countWindow: number;
  /** Told of each write. */
  readonly onWritten: (records: number, ms: number) => void;
}

export interface AwaitedRecord extends NewRecord {
  /** Until when its result is waited for, in ms since 1970. */
  readonly deadline: number;
}

export interface Submitter {
  /** @returns the id of the record's entry. @throws what the write threw, for every record that was in it */
  add(record: AwaitedRecord): Promise<string>;
  /** Takes records back that no worker may have been given yet. */
  withdraw(ids: readonly string[]): Promise<void>;
}

interface Waiting {
  readonly record: AwaitedRecord;
  readonly resolve: (id: string) => void;
  readonly reject: (error: unknown) => void;
}

/** One write holds at most this much, so that Redis is never busy with one for long. */
const maxRecords = 512;
const maxBytes = 8 * 1024 * 1024;
/** Without a window, so many records do not wait for others of the same turn: workers begin while we still read. */
const eagerRecords = 24;
const maxWrites = 4;

/** Writes records in batches: a lonely record goes at once, and what comes while a write is on its way goes together in
 *  the next, so that the number of commands does not grow with the load. */
export function createSubmitter(options: SubmitterOptions): Submitter {
  const { link, jobName, timeWindowMs } = options;
  const full = timeWindowMs > 0 ? options.countWindow : eagerRecords;
  let waiting: Waiting[] = [];
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
    const args = batch.flatMap(({ record: { uri, data, deadline, serde } }) => [
      uri,
      data,
      deadline,
      serde ?? '',
    ]);
    const start = performance.now();
    try {
      const ids = (await link.run((redis) => runScript(redis, putScript, [jobName], args))) as string[];
      batch.forEach(({ resolve }, i) => resolve(ids[i] ?? ''));
    } catch (error) {
      for (const { reject } of batch) reject(error);
    }
    writes -= 1;
    options.onWritten(batch.length, performance.now() - start);
    if (due || waiting.length >= full) void write();
  }

  function nextBatch(): Waiting[] {
    let bytes = 0;
    let count = 0;
    while (count < maxRecords && count < waiting.length) {
      bytes += waiting[count]?.record.data.length ?? 0;
      if (count > 0 && bytes > maxBytes) break;
      count += 1;
    }
    const batch = waiting.slice(0, count);
    waiting = waiting.slice(count);
    return batch;
  }

  return {
    add(record) {
      return new Promise((resolve, reject) => {
        waiting.push({ record, resolve, reject });
        if (waiting.length >= full && writes < maxWrites) void write();
        else scheduled ??= timeWindowMs > 0 ? setTimeout(onTime, timeWindowMs) : setImmediate(onTime);
      });
    },
    async withdraw(ids) {
      if (ids.length > 0) await link.run((redis) => redis.xdel(jobName, ...ids));
    },
  };
}
