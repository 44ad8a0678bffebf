import { createHash } from 'node:crypto';
import type { Redis } from 'ioredis';
import type { Config } from '../../../schemas/configKeys.ts';
import type { FlinkJobRecord, Heartbeat, Registration } from '../../../schemas/jobEvents.ts';
import {
  flinkJobsKey,
  heartbeatKey,
  heartbeatTtlMs,
  stopKey,
  workersKey,
} from '../../../schemas/redisKeys.ts';
import { heartbeatScript, lockScript, runScript, setFieldScript } from './scripts.ts';

/** What workers tell of themselves in Redis, so that whoever sees this Redis can list them without a scan. */

export async function register(redis: Redis, registration: Registration): Promise<void> {
  await runScript(redis, setFieldScript, [workersKey], [registration.workerId, JSON.stringify(registration)]);
}

/** Forgets a worker that has stopped, or that died and was taken note of. */
export async function unregister(redis: Redis, workerId: string): Promise<void> {
  await redis.multi().hdel(workersKey, workerId).del(heartbeatKey(workerId), stopKey(workerId)).exec();
}

/** Tells whoever sees this Redis of a job on a Flink cluster. */
export async function saveFlinkJob(redis: Redis, record: FlinkJobRecord): Promise<void> {
  await runScript(redis, setFieldScript, [flinkJobsKey], [record.jobId, JSON.stringify(record)]);
}

export async function readFlinkJobs(redis: Redis): Promise<FlinkJobRecord[]> {
  return Object.values(await redis.hgetall(flinkJobsKey)).map((text) => JSON.parse(text) as FlinkJobRecord);
}

export async function forgetFlinkJob(redis: Redis, jobId: string): Promise<void> {
  await redis.hdel(flinkJobsKey, jobId);
}

/** Says that the worker lives. @returns whether somebody has asked it to stop */
export async function beat(redis: Redis, heartbeat: Heartbeat): Promise<boolean> {
  const asked = await runScript(
    redis,
    heartbeatScript,
    [heartbeatKey(heartbeat.workerId), stopKey(heartbeat.workerId)],
    [JSON.stringify(heartbeat), heartbeatTtlMs],
  );
  return asked !== null;
}

/** @returns whether the key was free and is ours now */
export async function takeLock(redis: Redis, key: string, holder: string, ms: number): Promise<boolean> {
  return (await runScript(redis, lockScript, [key], [holder, ms])) === 1;
}

/** Asks a worker, on whatever machine, to stop. It looks once a second. */
export async function askToStop(redis: Redis, workerId: string): Promise<void> {
  await takeLock(redis, stopKey(workerId), '1', 60_000);
}

/** How much Redis may hold and holds; `maxBytes` 0 is no limit. */
export async function readMemoryInfo(
  redis: Redis,
): Promise<{ usedBytes: number; maxBytes: number; policy: string }> {
  const info = await redis.info('memory');
  const read = (name: string) => new RegExp(`^${name}:(\\S+)`, 'm').exec(info)?.[1] ?? '';
  return {
    usedBytes: Number(read('used_memory')),
    maxBytes: Number(read('maxmemory')),
    policy: read('maxmemory_policy'),
  };
}

/** Whether Redis has reached its maxmemory, so that clients cannot put anything in. */
export async function isFull(redis: Redis): Promise<boolean> {
  const { usedBytes, maxBytes } = await readMemoryInfo(redis);
  return maxBytes > 0 && usedBytes >= maxBytes;
}

/** Equal for configs that serve alike, wherever their files lie. Secrets show as stars, so they do not count. */
export function configDigest(config: Config): string {
  return createHash('sha1').update(JSON.stringify(config)).digest('hex').slice(0, 12);
}
