import type { Redis } from 'ioredis';
import { ServingError } from '../../../../schemas/errors.ts';
import { resultPrefix } from '../../../../schemas/redis/redisKeys.ts';
import { connectRedis, type RedisAddress } from '../../queue/redis/connectRedis.ts';
import { readJobReports } from '../../queue/registry/jobReports.ts';
import { isGone } from '../backends.ts';
import { managedRedis, removeCrashedRedis, stopOwnRedis } from '../machine/redisServer.ts';
import type { StateFolder } from '../machine/stateFolder.ts';
import { stopJobs } from './stopJob.ts';

/** What goes when a Redis goes. */
export interface Loss {
  readonly jobs: readonly string[];
  readonly waiting: number;
  readonly unread: number;
  readonly dead: number;
  /** The Redis was started here, so it is stopped with the jobs. */
  readonly managedRedis: boolean;
}

/** Counts what a shutdown would lose; nothing is changed. undefined: nothing answers there. */
export async function countLoss(state: StateFolder, address: RedisAddress): Promise<Loss | undefined> {
  let redis: Redis;
  try {
    redis = await connectRedis(address);
  } catch (error) {
    if (error instanceof ServingError && error.code === 'redis-refused') return undefined;
    throw error;
  }
  try {
    const jobs = await readJobReports(redis, '', isGone);
    let unread = 0;
    for (const { jobName } of jobs) unread += await countKeys(redis, resultPrefix(jobName));
    return {
      jobs: jobs.map(({ jobName }) => jobName),
      waiting: jobs.reduce((sum, { queue }) => sum + queue.waiting + queue.pending, 0),
      dead: jobs.reduce((sum, { queue }) => sum + queue.dead, 0),
      unread,
      managedRedis: managedRedis(state, address.port) !== undefined,
    };
  } finally {
    redis.disconnect();
  }
}

/** Walks over the keys, which is right here only: once, before an end, asked for by a person. */
async function countKeys(redis: Redis, prefix: string): Promise<number> {
  let cursor = '0';
  let count = 0;
  do {
    const [next, keys] = await redis.scan(
      cursor,
      'MATCH',
      `${prefix.replace(/[\\*?[\]]/g, '\\$&')}*`,
      'COUNT',
      1000,
    );
    cursor = next;
    count += keys.length;
  } while (cursor !== '0');
  return count;
}

export interface ShutdownResult {
  /** Workers on machines, and jobs on Flink. */
  readonly stopped: number;
  readonly redis: 'removed' | 'stopped' | 'left' | 'absent';
}

/** Stops every job of a Redis and then the Redis: one started here with its data, unless `keepData`; another only with `foreignToo`. */
export async function shutdown(
  state: StateFolder,
  address: RedisAddress,
  { keepData, foreignToo }: { keepData: boolean; foreignToo: boolean },
): Promise<ShutdownResult> {
  const { workers, flinkJobs } = await stopJobs(state, address, () => true);
  const stopped = workers.length + flinkJobs.length;
  const own = managedRedis(state, address.port);
  if (own) {
    await stopOwnRedis(own, !keepData);
    return { stopped, redis: keepData ? 'stopped' : 'removed' };
  }
  let redis: Redis;
  try {
    redis = await connectRedis(address);
  } catch (error) {
    if (!(error instanceof ServingError) || error.code !== 'redis-refused') throw error;
    if (!keepData) removeCrashedRedis(state, address.port);
    return { stopped, redis: 'absent' };
  }
  if (!foreignToo) {
    redis.disconnect();
    return { stopped, redis: 'left' };
  }
  // Redis answers a shutdown by closing the connection, which is no error here.
  await redis.shutdown().catch(() => undefined);
  redis.disconnect();
  return { stopped, redis: 'stopped' };
}
