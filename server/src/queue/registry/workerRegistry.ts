import { createHash } from 'node:crypto';
import type { Redis } from 'ioredis';
import type { Config } from '../../../../schemas/config/configKeys.ts';
import type {
  EarlyBeat,
  FlinkJobRecord,
  Heartbeat,
  Registration,
  ReloadReport,
  ReloadRequest,
  ReloadWish,
} from '../../../../schemas/jobEvents.ts';
import {
  consumerPrefix,
  flinkJobsKey,
  heartbeatKey,
  heartbeatTtlMs,
  reloadKey,
  servingGroup,
  stopKey,
  workersKey,
  writeProbeKey,
} from '../../../../schemas/redis/redisKeys.ts';
import { isDenied, isReply } from '../redis/redisTrouble.ts';
import { createRedisClock, setClock } from '../redis/redisClock.ts';
import { parseFlinkJob, parseHeartbeat, parseRegistration } from './registryEntries.ts';
import { reloadText, requestOf } from './reloadRequest.ts';
import { runScript, scripts } from '../scripts/scripts.ts';

/** What workers write about themselves into Redis, so that any program with this Redis can list them without a scan. */

export async function register(redis: Redis, registration: Registration): Promise<void> {
  await runScript(
    redis,
    scripts.setField,
    [workersKey],
    [registration.workerId, JSON.stringify(registration)],
  );
}

/** The workers that this Redis knows, dead ones too. Entries that are none are left out; see `readBrokenEntries`. */
export async function readRegistrations(redis: Redis): Promise<Registration[]> {
  return (await readEntries(redis, workersKey, parseRegistration)).whole;
}

/** An entry of the registry that is not what it should be. It is left out everywhere. */
export interface BrokenEntry {
  readonly key: string;
  /** undefined: the key is not a hash at all. */
  readonly field: string | undefined;
}

/** What another program wrote into the registry, or left there half-written. */
export async function readBrokenEntries(redis: Redis): Promise<readonly BrokenEntry[]> {
  const [workers, flinkJobs] = await Promise.all([
    readEntries(redis, workersKey, parseRegistration),
    readEntries(redis, flinkJobsKey, parseFlinkJob),
  ]);
  return [...workers.broken, ...flinkJobs.broken];
}

async function readEntries<T>(
  redis: Redis,
  key: string,
  parse: (field: string, json: string) => T | undefined,
): Promise<{ readonly whole: T[]; readonly broken: readonly BrokenEntry[] }> {
  let texts: Readonly<Record<string, string>>;
  try {
    texts = await redis.hgetall(key);
  } catch (error) {
    if (!isReply(error, 'WRONGTYPE')) throw error;
    return { whole: [], broken: [{ key, field: undefined }] };
  }
  const whole: T[] = [];
  const broken: BrokenEntry[] = [];
  for (const [field, json] of Object.entries(texts)) {
    const entry = parse(field, json);
    if (entry === undefined) broken.push({ key, field });
    else whole.push(entry);
  }
  return { whole, broken };
}

/** Forgets a worker that has stopped, or that died and was taken note of. */
export async function unregister(redis: Redis, workerId: string): Promise<void> {
  await Promise.all([
    redis.hdel(workersKey, workerId),
    redis.del(heartbeatKey(workerId), stopKey(workerId), reloadKey(workerId)),
  ]);
}

/** Announces a job on a Flink cluster to every program with this Redis. */
export async function saveFlinkJob(redis: Redis, record: FlinkJobRecord): Promise<void> {
  await runScript(redis, scripts.setField, [flinkJobsKey], [record.jobId, JSON.stringify(record)]);
}

export async function readFlinkJobs(redis: Redis): Promise<FlinkJobRecord[]> {
  return (await readEntries(redis, flinkJobsKey, parseFlinkJob)).whole;
}

export async function forgetFlinkJob(redis: Redis, jobId: string): Promise<void> {
  await redis.hdel(flinkJobsKey, jobId);
}

/** What a renewal returns. */
export interface Renewed {
  readonly stopAsked: boolean;
  readonly reloadAsked: ReloadRequest | undefined;
  /** By Redis's clock, in ms since 1970. */
  readonly redisMs: number;
  /** The entry up to which all is acknowledged. */
  readonly acknowledged: string;
}

/** Says that a worker lives, and writes again whatever of it a Redis that lost its data does not have any more: the
 *  registration, the heartbeat, the consumer group and the consumer.
 *  @param heartbeat  undefined before the first
 *  @param acknowledged  what the last renewal returned */
export async function renew(
  redis: Redis,
  registration: Registration,
  heartbeat: Heartbeat | EarlyBeat | undefined,
  acknowledged: string,
): Promise<Renewed> {
  const { workerId, jobName } = registration;
  const [asked, redisMs, now, reload] = (await runScript(
    redis,
    scripts.renew,
    [heartbeatKey(workerId), workersKey, stopKey(workerId), jobName, reloadKey(workerId)],
    [
      workerId,
      JSON.stringify(registration),
      heartbeat ? JSON.stringify(heartbeat) : '',
      heartbeatTtlMs,
      servingGroup,
      consumerPrefix + workerId,
      acknowledged,
    ],
  )) as [number, string, string, string];
  return {
    stopAsked: asked === 1,
    reloadAsked: requestOf(reload),
    redisMs: Number(redisMs),
    acknowledged: now,
  };
}

/** @returns whether the key was free and is taken now */
export async function takeLock(redis: Redis, key: string, holder: string, ms: number): Promise<boolean> {
  return (await runScript(redis, scripts.lock, [key], [holder, ms])) === 1;
}

/** Asks a worker, on whatever machine, to stop. It looks once a second. */
export async function askToStop(redis: Redis, workerId: string): Promise<void> {
  await takeLock(redis, stopKey(workerId), '1', 60_000);
}

/** Asks a worker, on whatever machine, for a reload, for one step back, or for what concerns a rollout. It looks once a second.
 *  @param id  by which what came of it is found in its heartbeats */
export async function askToReload(
  redis: Redis,
  workerId: string,
  wish: ReloadWish,
  id: string,
): Promise<void> {
  await takeLock(redis, reloadKey(workerId), reloadText(wish, id), 60_000);
}

/** What came of the last reload of a worker; undefined before the first, and of one that is dead. */
export async function readReload(
  redis: Redis,
  registration: Registration,
): Promise<ReloadReport | undefined> {
  const json = await redis.get(heartbeatKey(registration.workerId));
  return parseHeartbeat(registration, json ?? '')?.reload;
}

/** Those of these workers that have sent a heartbeat just now, of whatever kind. */
export async function readLiving(redis: Redis, workers: readonly Registration[]): Promise<Registration[]> {
  if (workers.length === 0) return [];
  const beats = await redis.mget(workers.map(({ workerId }) => heartbeatKey(workerId)));
  return workers.filter((_, i) => beats[i] !== null);
}

/** Whether the worker has been ready and lives. */
export async function isServing(redis: Redis, registration: Registration): Promise<boolean> {
  const [beat] = await redis.mget(heartbeatKey(registration.workerId));
  return parseHeartbeat(registration, beat ?? '') !== undefined;
}

/** How much Redis may hold and holds; `maxBytes` 0 is no limit.
 *  @returns undefined where the user may not ask, which is the rule on a managed Redis */
export async function readMemoryInfo(
  redis: Redis,
): Promise<{ maxBytes: number; policy: string } | undefined> {
  let info: string;
  try {
    info = await redis.info('memory');
  } catch (error) {
    if (isDenied(error)) return undefined;
    throw error;
  }
  const read = (name: string) => new RegExp(`^${name}:(\\S+)`, 'm').exec(info)?.[1] ?? '';
  return {
    maxBytes: Number(read('maxmemory')),
    policy: read('maxmemory_policy'),
  };
}

/** Tries a write that changes nothing: a key that is not there is not made by it. It is refused where any write would be.
 *  @throws Redis's error reply, for example OOM, READONLY, MISCONF */
export async function tryWrite(redis: Redis): Promise<void> {
  await redis.setrange(writeProbeKey, 0, '');
}

/** Whether Redis has reached its maxmemory, so that clients cannot put anything in. */
export async function isFull(redis: Redis): Promise<boolean> {
  try {
    await tryWrite(redis);
    return false;
  } catch (error) {
    if (isReply(error, 'OOM')) return true;
    throw error;
  }
}

/** How far this machine's clock is ahead of Redis's, in ms. */
export async function readClockAhead(redis: Redis): Promise<number> {
  const clock = createRedisClock();
  await setClock(clock, redis);
  return clock.aheadMs();
}

/** Equal for configs that serve alike, wherever their files lie. Secrets show as stars, so they do not count. */
export function configDigest(config: Config): string {
  return createHash('sha1').update(JSON.stringify(config)).digest('hex').slice(0, 12);
}
