import { existsSync, statSync } from 'node:fs';
import { hostname } from 'node:os';
import type { Config } from '../../../../schemas/config/configKeys.ts';
import { ServingError } from '../../../../schemas/errors.ts';
import type { Registration } from '../../../../schemas/jobEvents.ts';
import { openStore } from '../../queue/openStore.ts';
import { readStoreText, storeAddress, storeText, type StoreAddress } from '../../queue/storeAddress.ts';
import type { Store } from '../../queue/store.ts';
import { knownRedis } from '../watch/knownRedis.ts';
import { loadConfig, type LoadedConfig } from '../../workspace/loadConfig.ts';
import { openStateFolder } from '../machine/stateFolder.ts';

/** Which queue is meant. */
export interface QueueChoice {
  readonly config: string;
  /** host:port, where several have a job of this name. */
  readonly redis?: string;
  /** Else that of the config. */
  readonly jobName: string | undefined;
}

export interface OpenQueue {
  /** The caller that opened the queue closes it. */
  readonly store: Store;
  readonly jobName: string;
  /** Where the store is. */
  readonly address: StoreAddress;
  /** The job's config, where it can be read here. */
  readonly config: Config | undefined;
}

/** Finds the Redis that holds a job's queue, whether the job runs or not, and connects to it.
 *  @throws ServingError "job-unknown", "wrong-use" where the name alone is ambiguous, "config-…", "redis-…" */
export async function openQueue({ config: path, redis, jobName }: QueueChoice): Promise<OpenQueue> {
  const loaded = jobName === undefined ? loadConfig(path) : loadIfSound(path);
  const own = loaded && storeAddress(loaded.config, loaded.folder);
  const isOwn = (name: string | undefined) => name === undefined || name === loaded?.config.jobName;
  if (loaded && own && isOwn(jobName) && (redis === undefined || redis === storeText(own)))
    return {
      store: await openStore(own),
      address: own,
      jobName: loaded.config.jobName,
      config: loaded.config,
    };
  const name = jobName ?? loaded?.config.jobName ?? '';
  const found = await Promise.allSettled(chooseRedis(path, redis).map((address) => findJob(address, name)));
  const [queue, ...others] = found.flatMap((one) => (one.status === 'fulfilled' ? (one.value ?? []) : []));
  for (const other of others) other.store.close();
  const failed = found.find((one) => one.status === 'rejected');
  // It may be in a Redis that does not answer.
  if (!queue && failed) throw failed.reason;
  if (!queue)
    throw new ServingError(
      'job-unknown',
      `No job "${name}" is known. "cluster-serving queue list" shows the queues that are; -c names the config of another.`,
    );
  if (others.length > 0) {
    queue.store.close();
    throw new ServingError(
      'wrong-use',
      `Several servers have a job "${name}". Name one with --redis host:port, or the config with -c.`,
    );
  }
  return queue;
}

/** With a given name, a config that cannot be read is no reason to stop. */
function loadIfSound(path: string): LoadedConfig | undefined {
  try {
    return existsSync(path) ? loadConfig(path) : undefined;
  } catch {
    return undefined;
  }
}

/** The Redis servers to search: all known ones, or the one that is named.
 *  @throws ServingError "config-invalid" if none is known and the config does not say */
export function chooseRedis(configPath: string, named: string | undefined): readonly StoreAddress[] {
  const { addresses: known, problem } = knownRedis(openStateFolder(), configPath);
  if (named === undefined) {
    if (known.length === 0 && problem) throw problem;
    return known;
  }
  const chosen = known.filter((address) => storeText(address) === named);
  if (chosen.length > 0) return chosen;
  const address = readStoreText(named);
  if (address) return [address];
  throw new ServingError(
    'wrong-use',
    `--redis takes host:port, for example localhost:6379, or kafka://host:port, not "${named}".`,
  );
}

async function findJob(address: StoreAddress, jobName: string): Promise<OpenQueue | undefined> {
  const store = await openStore(address);
  const registrations = await store.registry.readRegistrations();
  const workers = registrations.filter((registration) => registration.jobName === jobName);
  if (workers.length > 0) return { store, address, jobName, config: configOf(workers) };
  store.close();
  return undefined;
}

/** A worker of this machine names its config; it may have changed since, or gone. */
function configOf(workers: readonly Registration[]): Config | undefined {
  for (const { host, configPath } of workers) {
    const loaded = host === hostname() && isFile(configPath) ? loadIfSound(configPath) : undefined;
    if (loaded) return loaded.config;
  }
  return undefined;
}

/** Anyone who can write to Redis can name a path: a device or a pipe would be read for ever. */
function isFile(path: string): boolean {
  try {
    return statSync(path).isFile();
  } catch {
    return false;
  }
}
