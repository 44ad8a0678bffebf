import type { Redis } from 'ioredis';
import type { ChangeReport } from '../../../../schemas/redis/queueReports.ts';
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
  for (let at = 0; at < ids.length; at += portion) {
    const some = ids.slice(at, at + portion);
    const done = (await runScript(redis, scripts.requeue, keys, [
      resultPrefix(jobName),
      ...some,
    ])) as number[];
    some.forEach((id, i) => {
      if (done[i] !== 1) refused.push({ id, why: 'It is not among the dead letters.' });
    });
  }
  return { jobName, done: ids.length - refused.length, refused };
}

/** Puts all dead letters back that are there now, the oldest first; what dies meanwhile stays. */
export async function requeueAll(redis: Redis, jobName: string): Promise<ChangeReport> {
  const keys = [jobName, deadStream(jobName)];
  const [newest] = await redis.xrevrange(deadStream(jobName), '+', '-', 'COUNT', 1);
  let done = 0;
  if (newest) {
    const args = [resultPrefix(jobName), newest[0], portion, portionBytes];
    for (;;) {
      const moved = (await runScript(redis, scripts.requeueOldest, keys, args)) as number;
      if (moved === 0) break;
      done += moved;
    }
  }
  return { jobName, done, refused: [] };
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
      if (outcomes[i] === 'answered') refused.push({ id, why: 'It is answered already.' });
      else if (outcomes[i] !== 'dead') refused.push({ id, why: 'It is not in the queue.' });
    });
  }
  return { jobName, done: ids.length - refused.length, refused };
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
