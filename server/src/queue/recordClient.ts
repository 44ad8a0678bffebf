import type { Redis } from 'ioredis';
import {
  deadFields,
  deadStream,
  resultField,
  resultPrefix,
  servingGroup,
} from '../../../schemas/redisKeys.ts';
import { idFunctions, runScript, script } from './scripts.ts';

/** What clients do: put records in, wait for exactly their own results. */

export interface NewRecord {
  readonly uri: string;
  readonly data: string;
  readonly serde?: string;
}

/** Puts records into a job's stream, in order, in one round trip.
 *  @returns their ids @throws Redis's error reply if it is full */
export async function putRecords(
  redis: Redis,
  jobName: string,
  records: readonly NewRecord[],
): Promise<readonly string[]> {
  const pipeline = redis.pipeline();
  for (const { uri, data, serde } of records)
    pipeline.xadd(jobName, '*', 'uri', uri, 'data', data, ...(serde === undefined ? [] : ['serde', serde]));
  const ids: string[] = [];
  for (const [error, id] of (await pipeline.exec()) ?? []) {
    if (error) throw error;
    ids.push(String(id));
  }
  return ids;
}

/** Removes records that no worker was given yet. KEYS: stream. ARGV: group, ids. Returns how many. */
const takeBackScript = script(`
${idFunctions}
local last = '0-0'
for _, reply in ipairs(redis.call('XINFO', 'GROUPS', KEYS[1])) do
  local group = {}
  for i = 1, #reply, 2 do group[reply[i]] = reply[i + 1] end
  if group['name'] == ARGV[1] then last = group['last-delivered-id'] end
end
local removed = 0
for i = 2, #ARGV do
  if less(last, ARGV[i]) then removed = removed + redis.call('XDEL', KEYS[1], ARGV[i]) end
end
return removed
`);

/** Takes records back that are of no use any more; those that a worker has in hand are answered.
 *  @returns how many were taken back */
export async function takeBackRecords(
  redis: Redis,
  jobName: string,
  ids: readonly string[],
): Promise<number> {
  if (ids.length === 0 || (await redis.exists(jobName)) === 0) return 0;
  return Number(await runScript(redis, takeBackScript, [jobName], [servingGroup, ...ids]));
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
  const end = Date.now() + deadlineMs;
  let missing = [...uris];
  while (missing.length > 0 && Date.now() < end) {
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
  const field = (fields: readonly string[], name: string) => fields[fields.indexOf(name) + 1] ?? '';
  return new Map(
    letters.reverse().map(([, fields]) => [field(fields, 'uri'), field(fields, deadFields.reason)]),
  );
}
