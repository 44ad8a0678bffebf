import type { Redis } from 'ioredis';
import { runsKey } from '../../../../schemas/redis/redisKeys.ts';

/* What a start and a shutdown ask of a Redis that they have begun, or are to end. */

/** The process of the Redis that answers; undefined where it does not say so. */
export async function readProcess(redis: Redis): Promise<number | undefined> {
  try {
    const pid = /process_id:(\d+)/.exec(await redis.info('server'))?.[1];
    return pid === undefined ? undefined : Number(pid);
  } catch {
    return undefined;
  }
}

/** A client that writes waits. A Redis that refuses goes on as it is. */
export async function pauseWrites(redis: Redis, ms: number): Promise<void> {
  await redis.client('PAUSE', ms, 'WRITE').catch(() => undefined);
}

export async function resumeWrites(redis: Redis): Promise<void> {
  await redis.client('UNPAUSE').catch(() => undefined);
}

/** How many keys are there, beside what a worker of the job leaves that never served: a stream without entries, and its
 *  note. */
export async function countKeysOfOthers(redis: Redis, jobName: string): Promise<number> {
  const keyspace = await redis.info('keyspace');
  const all = [...keyspace.matchAll(/keys=(\d+)/g)].reduce((sum, [, keys]) => sum + Number(keys), 0);
  const isStream = (await redis.type(jobName)) === 'stream';
  const emptyStreams = isStream && (await redis.xlen(jobName)) === 0 ? 1 : 0;
  return all - emptyStreams - (await redis.exists(runsKey(jobName)));
}

/** Redis answers a shutdown by closing the connection, which is no error here. */
export async function shutDown(redis: Redis): Promise<void> {
  await redis.shutdown().catch(() => undefined);
}
