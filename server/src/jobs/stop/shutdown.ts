import { ServingError } from '../../../../schemas/errors.ts';
import { openStore } from '../../queue/openStore.ts';
import type { StoreAddress } from '../../queue/storeAddress.ts';
import type { Store } from '../../queue/store.ts';
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
export async function countLoss(state: StateFolder, address: StoreAddress): Promise<Loss | undefined> {
  let store: Store;
  try {
    store = await openStore(address);
  } catch (error) {
    if (error instanceof ServingError && /^(?:redis|kafka)-refused$/.test(error.code)) return undefined;
    throw error;
  }
  try {
    const jobs = await store.registry.readJobReports('', isGone);
    let unread = 0;
    for (const { jobName } of jobs) unread += await store.queues.countResults(jobName);
    return {
      jobs: jobs.map(({ jobName }) => jobName),
      waiting: jobs.reduce((sum, { queue }) => sum + queue.waiting + queue.pending, 0),
      dead: jobs.reduce((sum, { queue }) => sum + queue.dead, 0),
      unread,
      managedRedis: address.kind === undefined && managedRedis(state, address.port) !== undefined,
    };
  } finally {
    store.close();
  }
}

export interface ShutdownResult {
  /** Workers on machines, and jobs on Flink. */
  readonly stopped: number;
  readonly redis: 'removed' | 'stopped' | 'left' | 'absent';
}

/** Stops every job of a store and then the Redis: one started here with its data, unless `keepData`; another only with `foreignToo`. */
export async function shutdown(
  state: StateFolder,
  address: StoreAddress,
  { keepData, foreignToo }: { keepData: boolean; foreignToo: boolean },
): Promise<ShutdownResult> {
  const { workers, flinkJobs } = await stopJobs(state, address, () => true);
  const stopped = workers.length + flinkJobs.length;
  // What is in Kafka is others' too, and its brokers have an operator.
  if (address.kind === 'kafka') return { stopped, redis: 'left' };
  const own = managedRedis(state, address.port);
  if (own) {
    await stopOwnRedis(own, !keepData);
    return { stopped, redis: keepData ? 'stopped' : 'removed' };
  }
  let store: Store;
  try {
    store = await openStore(address);
  } catch (error) {
    if (!(error instanceof ServingError) || error.code !== 'redis-refused') throw error;
    if (!keepData) removeCrashedRedis(state, address.port);
    return { stopped, redis: 'absent' };
  }
  if (!foreignToo) {
    store.close();
    return { stopped, redis: 'left' };
  }
  await store.server.shutDown();
  store.close();
  return { stopped, redis: 'stopped' };
}
