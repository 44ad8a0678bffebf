import type { Redis } from 'ioredis';
import type { ChangeReport, MovedRecord, Undo } from '../../../../schemas/redis/queueReports.ts';
import {
  consumerPrefix,
  deadStream,
  killedReason,
  resultPrefix,
  servingGroup,
} from '../../../../schemas/redis/redisKeys.ts';
import { runScript, scripts } from '../scripts/scripts.ts';
import { readTime } from './redisClock.ts';
import { readQueueFigures } from '../registry/jobReports.ts';

/* What people change in a queue by hand. Long lists go in portions, so that Redis answers others between them; each
   portion is done as a whole or not at all. */

const portion = 100;
const portionBytes = 4 * 1024 * 1024;
/** Redis frees about a million entries a second. */
const trimPortion = 10_000;

/** Puts dead letters back into the queue they came from. */
export async function requeue(redis: Redis, jobName: string, ids: readonly string[]): Promise<ChangeReport> {
  const keys = [jobName, deadStream(jobName)];
  const refused: ChangeReport['refused'][number][] = [];
  const records: MovedRecord[] = [];
  for (let at = 0; at < ids.length; at += portion) {
    const some = ids.slice(at, at + portion);
    const done = (await runScript(redis, scripts.requeue, keys, [
      resultPrefix(jobName),
      ...some,
    ])) as readonly (PutBack | readonly [])[];
    some.forEach((id, i) => {
      const [moved = []] = [done[i]];
      if (moved.length === 0) refused.push({ id, why: 'It is not among the dead letters.' });
      else records.push(movedOf(moved));
    });
  }
  return { jobName, done: records.length, refused, ...undoOf('requeue', records) };
}

/** Puts all dead letters back that are there now, the oldest first; what dies meanwhile stays. */
export async function requeueAll(redis: Redis, jobName: string): Promise<ChangeReport> {
  const keys = [jobName, deadStream(jobName)];
  const [newest] = await redis.xrevrange(deadStream(jobName), '+', '-', 'COUNT', 1);
  const records: MovedRecord[] = [];
  if (newest) {
    const args = [resultPrefix(jobName), newest[0], portion, portionBytes];
    for (;;) {
      const moved = (await runScript(redis, scripts.requeueOldest, keys, args)) as readonly PutBack[];
      if (moved.length === 0) break;
      records.push(...moved.map(movedOf));
    }
  }
  return { jobName, done: records.length, refused: [], ...undoOf('requeue', records) };
}

/** The id of a record that was put back, 1 if its client had not read the NaN, and what its letter had beside it. */
type PutBack = readonly [id: string, hadNaN: number, words: readonly string[]];

function movedOf([id, hadNaN, words]: PutBack): MovedRecord {
  return { id, words, hadNaN: hadNaN === 1 };
}

function undoOf(change: Undo['change'], records: readonly MovedRecord[]): { readonly undo?: Undo } {
  return records.length === 0 ? {} : { undo: { change, records } };
}

/** Takes records out of the queue, whether they wait or a worker has them: they become dead letters, and their clients
 *  get NaN. @param resultTtlSeconds  how long that stays; 0 is until it is read */
export async function killRecords(
  redis: Redis,
  jobName: string,
  ids: readonly string[],
  resultTtlSeconds: number,
): Promise<ChangeReport> {
  const refused: ChangeReport['refused'][number][] = [];
  const records: MovedRecord[] = [];
  const time = await readTime(redis);
  for (let at = 0; at < ids.length; at += portion) {
    const some = ids.slice(at, at + portion);
    const outcomes = (await runScript(
      redis,
      scripts.kill,
      [jobName, deadStream(jobName)],
      [servingGroup, resultPrefix(jobName), resultTtlSeconds, time, killedReason, ...some],
    )) as string[];
    some.forEach((id, i) => {
      const outcome = outcomes[i] ?? 'missing';
      if (outcome === 'answered') refused.push({ id, why: 'It is answered already.' });
      else if (outcome === 'missing') refused.push({ id, why: 'It is not in the queue.' });
      else records.push({ id: outcome });
    });
  }
  return { jobName, done: records.length, refused, ...undoOf('kill', records) };
}

/** Forgets the records that no worker was given yet. Their clients get nothing. Other groups of the stream keep theirs.
 *  @returns how many there were */
export async function clearWaiting(redis: Redis, jobName: string): Promise<number> {
  const { waiting } = await readQueueFigures(redis, jobName);
  const args = [servingGroup, `${consumerPrefix}none`];
  if ((await runScript(redis, scripts.passWaiting, [jobName], args)) === 0) return 0;
  while (Number(await runScript(redis, scripts.trim, [jobName], [trimPortion])) > 0);
  await runScript(redis, scripts.trim, [jobName], [0]);
  return waiting;
}

/** Removes all dead letters. @returns how many there were */
export async function clearDead(redis: Redis, jobName: string): Promise<number> {
  const count = await redis.xlen(deadStream(jobName));
  await redis.unlink(deadStream(jobName));
  return count;
}

/** How many results of a job are unread. It walks over the keys, which is right only before an end that a person asks for. */
export async function countResults(redis: Redis, jobName: string): Promise<number> {
  const pattern = `${resultPrefix(jobName).replace(/[\\*?[\]]/g, '\\$&')}*`;
  let cursor = '0';
  let count = 0;
  do {
    const [next, keys] = await redis.scan(cursor, 'MATCH', pattern, 'COUNT', 1000);
    cursor = next;
    count += keys.length;
  } while (cursor !== '0');
  return count;
}
