import { rmSync } from 'node:fs';
import { join } from 'node:path';
import { ServingError } from '../../../../schemas/errors.ts';
import { startLimits } from '../../../../schemas/startLimits.ts';
import { openStore } from '../../queue/openStore.ts';
import { addressText } from '../../queue/redis/redisTrouble.ts';
import type { RedisAddress } from '../../queue/redis/redisAddress.ts';
import type { Store } from '../../queue/store.ts';
import type { LoadedConfig } from '../../workspace/loadConfig.ts';
import { withFileLock } from '../machine/fileLock.ts';
import { loopbackAddresses } from '../machine/loopback.ts';
import { pidFile } from '../machine/redisServer.ts';
import { beginRedis, connectBegunRedis, type BegunRedis } from '../machine/startRedis.ts';
import type { StateFolder } from '../machine/stateFolder.ts';
import type { Starting } from '../start/starting.ts';

export interface OpenedRedis {
  readonly store: Store;
  /** It was started for this job. */
  readonly isStarted: boolean;
}

export interface OpenRedisOptions {
  readonly state: StateFolder;
  readonly loaded: LoadedConfig;
  readonly address: RedisAddress;
  readonly undo: Starting['undo'];
  readonly signal: AbortSignal;
}

/** Connects to the Redis of a config. If nothing listens there, and it is this machine by a name that no other machine
 *  reaches, a Redis is started. Starts on one port go one after the other, from the search for Redis until `claim`, which
 *  leaves a key in it, is done: so that none takes a Redis away that another has just found.
 *  @throws ServingError "redis-…" */
export async function openRedis(
  options: OpenRedisOptions,
  claim: (opened: OpenedRedis) => Promise<void>,
): Promise<OpenedRedis> {
  const open = async () => {
    const opened = await findOrStart(options);
    await claim(opened);
    return opened;
  };
  return onPort(options, open);
}

async function onPort<T>({ state, address, signal }: OnPort, use: () => Promise<T>): Promise<T> {
  if (!(await loopbackAddresses(address.host))) return use();
  const file = join(state.path, `redis-${address.port}.lock`);
  return withFileLock({ file, waitMs: startLimits.portMs, doing: 'starting a job there', signal }, use);
}
type OnPort = Pick<OpenRedisOptions, 'state' | 'address'> & { readonly signal?: AbortSignal };

async function findOrStart({ state, loaded, address, undo, signal }: OpenRedisOptions): Promise<OpenedRedis> {
  const closeLater = (store: Store) => {
    undo.push(() => {
      store.close();
      return Promise.resolve();
    });
    return store;
  };
  try {
    return { store: closeLater(await openStore(address, signal)), isStarted: false };
  } catch (error) {
    const isAbsent = error instanceof ServingError && error.code === 'redis-refused';
    if (!isAbsent || !(await loopbackAddresses(address.host))) throw error;
  }
  const begun = await beginRedis(state, loaded.config, address, (redis) => {
    undo.push(() => onPort({ state, address }, () => takeBackRedis(redis, address, loaded.config.jobName)));
  });
  const { store, isBegun } = await connectBegunRedis(begun, address, signal);
  closeLater(store);
  if (!isBegun) await endBegun(begun);
  return { store, isStarted: isBegun };
}

/** Ends the Redis that a start has begun, unless others use it by now.
 *  @returns what was left, for people */
async function takeBackRedis(
  begun: BegunRedis,
  address: RedisAddress,
  jobName: string,
): Promise<string | undefined> {
  const store = begun.daemon.hasEnded ? undefined : await openStore(address).catch(() => undefined);
  try {
    if (store) {
      const { server } = store;
      // A client that writes now waits, and goes on with what is left, or learns that it ends.
      await server.pauseWrites(5_000);
      const keys = await server.countKeysOfOthers(jobName);
      if (keys > 0) {
        await server.resumeWrites();
        return `The Redis at ${addressText(address)} was started for it and goes on, because it holds ${keys} ${keys === 1 ? 'key' : 'keys'} by now: "cluster-serving shutdown" ends it.`;
      }
    }
    await endBegun(begun);
    return undefined;
  } finally {
    store?.close();
  }
}

/** Once: the folder may be that of another Redis afterwards. */
async function endBegun(begun: BegunRedis): Promise<void> {
  const { daemon, folder, isNew } = begun;
  if (begun.isTakenBack) return;
  begun.isTakenBack = true;
  await daemon.end(startLimits.redisMs);
  rmSync(pidFile(folder), { force: true });
  if (isNew) rmSync(folder, { recursive: true, force: true });
}
