import type { Redis } from 'ioredis';
import { deadFields, deadStream, resultField, resultPrefix } from '../../../schemas/redisKeys.ts';
import { fieldOf } from './fields.ts';

/** What clients do: put records in, wait for exactly their own results. */

export interface NewRecord {
  readonly uri: string;
  readonly data: string;
  readonly serde?: string;
}

/** Puts records into a job's stream, in order, in one round trip. @throws Redis's error reply if it is full */
export async function putRecords(
  redis: Redis,
  jobName: string,
  records: readonly NewRecord[],
): Promise<void> {
  const pipeline = redis.pipeline();
  for (const { uri, data, serde } of records)
    pipeline.xadd(jobName, '*', 'uri', uri, 'data', data, ...(serde === undefined ? [] : ['serde', serde]));
  for (const [error] of (await pipeline.exec()) ?? []) if (error) throw error;
}

const pollMs = 2;

/** Waits for results and removes what it has read; touches no other key.
 *  @returns by uri what came within the time */
export async function takeResults(
  redis: Redis,
  jobName: string,
  uris: readonly string[],
  deadlineMs: number,
): Promise<Map<string, string>> {
  const prefix = resultPrefix(jobName);
  const results = new Map<string, string>();
  const end = performance.now() + deadlineMs;
  let missing = [...uris];
  while (missing.length > 0 && performance.now() < end) {
    const page = missing.slice(0, 1000);
    const pipeline = redis.pipeline();
    for (const uri of page) pipeline.hget(prefix + uri, resultField);
    const replies = (await pipeline.exec()) ?? [];
    const found: string[] = [];
    page.forEach((uri, i) => {
      const [error, value] = replies[i] ?? [];
      if (error) throw error;
      if (typeof value !== 'string') return;
      results.set(uri, value);
      found.push(uri);
    });
    if (found.length > 0) {
      await redis.del(...found.map((uri) => prefix + uri));
      missing = missing.filter((uri) => !results.has(uri));
    } else await new Promise((resolve) => setTimeout(resolve, pollMs));
  }
  return results;
}

const newestLetters = 1_000;

/** Why records were given up, by uri, as the newest dead letters tell. */
export async function readReasons(redis: Redis, jobName: string): Promise<Map<string, string>> {
  const letters = await redis.xrevrange(deadStream(jobName), '+', '-', 'COUNT', newestLetters);
  return new Map(
    letters.reverse().flatMap(([, fields]) => {
      const uri = fieldOf(fields, 'uri');
      return uri === undefined ? [] : [[uri, fieldOf(fields, deadFields.reason) ?? '']];
    }),
  );
}
