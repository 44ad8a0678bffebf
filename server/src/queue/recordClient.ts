import type { Redis } from 'ioredis';
import {
  deadFields,
  deadStream,
  replyField,
  resultField,
  resultPrefix,
  servingGroup,
  sharedByField,
  typedSerde,
} from '../../../schemas/redis/redisKeys.ts';
import { traceparentName } from '../../../schemas/traceContext.ts';
import { fieldOf } from './fields.ts';
import { payloadOf, wholeOf, type Payload, type Pieces } from './payload.ts';
import { runScript, scripts } from './scripts/scripts.ts';

/** What clients do: put records in, wait for exactly their own results. */

export interface NewRecord {
  readonly uri: string;
  readonly data: Payload | Pieces;
  /** Absent for Arrow. */
  readonly serde?: string;
  /** Whether the result is to be of the typed form. */
  readonly wantsTyped?: boolean;
  /** The traces that it belongs to, as its field has them. */
  readonly traceparent?: string | undefined;
  /** How many requests share the record. */
  readonly sharedBy?: number;
}

/** The fields of a record's entry, names and values in turn. */
export function fieldsOf(record: NewRecord): (string | number | Buffer)[] {
  const { uri, data } = record;
  return ['uri', uri, 'data', wholeOf(data), ...marksOf(record)];
}

/** What a record's entry has beside its name and its payload. */
export function marksOf({
  serde,
  wantsTyped,
  sharedBy,
  traceparent,
}: Omit<NewRecord, 'uri' | 'data'>): (string | number)[] {
  const fields: (string | number)[] = [];
  if (serde !== undefined) fields.push('serde', serde);
  if (wantsTyped === true) fields.push(replyField, typedSerde);
  if (sharedBy !== undefined) fields.push(sharedByField, sharedBy);
  if (traceparent !== undefined) fields.push(traceparentName, traceparent);
  return fields;
}

/** Puts records into a job's stream, in order, in one round trip.
 *  @returns their ids @throws Redis's error reply if it is full */
export async function putRecords(
  redis: Redis,
  jobName: string,
  records: readonly NewRecord[],
): Promise<readonly string[]> {
  const pipeline = redis.pipeline();
  for (const record of records) pipeline.xadd(jobName, '*', ...fieldsOf(record));
  const ids: string[] = [];
  for (const [error, id] of (await pipeline.exec()) ?? []) {
    if (error) throw error;
    ids.push(String(id));
  }
  return ids;
}

/** Takes records back that are of no use any more; those in flight are answered.
 *  @returns how many were taken back */
export async function takeBackRecords(
  redis: Redis,
  jobName: string,
  ids: readonly string[],
): Promise<number> {
  if (ids.length === 0 || (await redis.exists(jobName)) === 0) return 0;
  return Number(await runScript(redis, scripts.takeBack, [jobName], [servingGroup, ...ids]));
}

const pollMs = 2;
const pageLength = 1_000;

/** Waits for results and removes what it has read; touches no other key.
 *  @returns by uri what came within the time */
export async function takeResults(
  redis: Redis,
  jobName: string,
  uris: readonly string[],
  deadlineMs: number,
): Promise<Map<string, Payload>> {
  const prefix = resultPrefix(jobName);
  const results = new Map<string, Payload>();
  const end = performance.now() + deadlineMs;
  let missing = [...new Set(uris)];
  while (missing.length > 0 && performance.now() < end) {
    const before = results.size;
    // All of them in turn: results may come in any order, and some never.
    for (let at = 0; at < missing.length; at += pageLength)
      await takePage(redis, prefix, missing.slice(at, at + pageLength), results);
    if (results.size > before) missing = missing.filter((uri) => !results.has(uri));
    else await new Promise((resolve) => setTimeout(resolve, pollMs));
  }
  return results;
}

async function takePage(
  redis: Redis,
  prefix: string,
  uris: readonly string[],
  results: Map<string, Payload>,
): Promise<void> {
  const pipeline = redis.pipeline();
  for (const uri of uris) pipeline.hgetBuffer(prefix + uri, resultField);
  const replies = (await pipeline.exec()) ?? [];
  const found: string[] = [];
  uris.forEach((uri, i) => {
    const [error, value] = replies[i] ?? [];
    if (error) throw error;
    if (!Buffer.isBuffer(value)) return;
    results.set(uri, payloadOf(value));
    found.push(uri);
  });
  if (found.length > 0) await redis.del(...found.map((uri) => prefix + uri));
}

const newestLetters = 1_000;

/** Why a record was given up, if it is one of the newest dead letters. */
export async function readReason(redis: Redis, jobName: string, uri: string): Promise<string | undefined> {
  return (await readReasons(redis, jobName)).get(uri);
}

/** Why records were given up, by uri, from the newest dead letters. */
export async function readReasons(redis: Redis, jobName: string): Promise<Map<string, string>> {
  const letters = await redis.xrevrange(deadStream(jobName), '+', '-', 'COUNT', newestLetters);
  return new Map(
    letters.reverse().flatMap(([, fields]) => {
      const uri = fieldOf(fields, 'uri');
      return uri === undefined ? [] : [[uri, fieldOf(fields, deadFields.reason) ?? '']];
    }),
  );
}
