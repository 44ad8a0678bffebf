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

export interface Submitter {
  /** @returns the id of the record's entry. @throws what the write threw, for every record that was in it */
  add(record: NewRecord): Promise<string>;
  /** Takes records back that no worker may have been given yet. */
  withdraw(ids: readonly string[]): Promise<void>;
}

interface Waiting {
  readonly record: NewRecord;
  readonly resolve: (id: string) => void;
  readonly reject: (error: unknown) => void;
}

/** One write holds at most this much, so that Redis is never busy with one for long. */
const maxRecords = 512;
const maxBytes = 8 * 1024 * 1024;

/** Writes records in batches, one write at a time: what comes while a write is on its way goes together in the next.
 *  So a lonely record goes at once, and the number of commands does not grow with the load. */
export function createSubmitter(options: SubmitterOptions): Submitter {
  const { link, jobName, timeWindowMs, countWindow } = options;
  let waiting: Waiting[] = [];
  let writing = false;
  let scheduled: NodeJS.Timeout | NodeJS.Immediate | undefined;

  function schedule(): void {
    if (scheduled !== undefined) return;
    scheduled = timeWindowMs > 0 ? setTimeout(flush, timeWindowMs) : setImmediate(flush);
  }

  function flush(): void {
    if (scheduled !== undefined) clearTimeout(scheduled as NodeJS.Timeout);
    scheduled = undefined;
    if (!writing) void writeAll();
  }

  async function writeAll(): Promise<void> {
    writing = true;
    while (waiting.length > 0) {
      const batch = nextBatch();
      const args = batch.flatMap(({ record }) => [record.uri, record.data, record.serde ?? '']);
      const start = performance.now();
      try {
        const ids = (await link.run((redis) => runScript(redis, putScript, [jobName], args))) as string[];
        batch.forEach(({ resolve }, i) => resolve(ids[i] ?? ''));
      } catch (error) {
        for (const { reject } of batch) reject(error);
      }
      options.onWritten(batch.length, performance.now() - start);
      // With a window, what came meanwhile has the rest of its own window to fill.
      if (scheduled !== undefined && waiting.length < countWindow) break;
    }
    writing = false;
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
        if (timeWindowMs > 0 && waiting.length >= countWindow) flush();
        else schedule();
      });
    },
    async withdraw(ids) {
      if (ids.length > 0) await link.run((redis) => redis.xdel(jobName, ...ids));
    },
  };
}
