import { hostname } from 'node:os';
import type { Redis } from 'ioredis';
import { ServingError } from '../../../schemas/errors.ts';
import type { FlinkJobRecord, Registration } from '../../../schemas/jobEvents.ts';
import { heartbeatKey, workersKey } from '../../../schemas/redisKeys.ts';
import { connectRedis, type RedisAddress } from '../queue/connectRedis.ts';
import { askToStop, readFlinkJobs, unregister } from '../queue/workerRegistry.ts';
import { stopFlinkJobs, type StoppedFlinkJob } from './flink/stopFlinkJobs.ts';
import { endProcess, isOurProcess, waitUntil } from './machine/processes.ts';
import { isGone } from './knownRedis.ts';
import type { StateFolder } from './machine/stateFolder.ts';

export interface StoppedWorker {
  readonly registration: Registration;
  /** It did not end in time and was killed; what it had in hand goes to another worker. */
  readonly forced: boolean;
  /** It had died before. */
  readonly wasDead: boolean;
}

export interface StoppedJobs {
  readonly workers: readonly StoppedWorker[];
  readonly flinkJobs: readonly StoppedFlinkJob[];
}

const politeMs = 32_000;

/** Stops the jobs that `wanted` chooses by their names: workers on this machine by a signal, on others by a word in
 *  Redis, jobs on Flink through their cluster; each finishes what it has in hand. Nothing to stop is no error.
 *  @throws ServingError "job-not-stopping" if a worker goes on that is not a process of this machine */
export async function stopJobs(
  state: StateFolder,
  address: RedisAddress,
  wanted: (jobName: string) => boolean,
): Promise<StoppedJobs> {
  let redis: Redis | undefined;
  try {
    redis = await connectRedis(address);
  } catch (error) {
    if (!(error instanceof ServingError)) throw error;
    // Redis is away: what was started from this machine can be stopped all the same.
  }
  const isHere = (job: { redis: { host: string; port: number } }) =>
    job.redis.host === address.host && job.redis.port === address.port;
  try {
    const found = new Map<string, Registration>();
    for (const job of state.jobs().filter(isHere)) found.set(job.workerId, job);
    if (redis) for (const text of Object.values(await redis.hgetall(workersKey))) remember(found, text);
    const onFlink = new Map<string, FlinkJobRecord>();
    for (const job of [...state.flinkJobs().filter(isHere), ...(redis ? await readFlinkJobs(redis) : [])])
      onFlink.set(job.jobId, job);

    const registrations = [...found.values()].filter(({ jobName }) => wanted(jobName));
    const processes = registrations.filter(({ backend }) => backend === 'embedded');
    const [workers, flinkJobs] = await Promise.all([
      Promise.all(processes.map((worker) => stopWorker(state, redis, worker))),
      stopFlinkJobs({
        state,
        redis,
        jobs: [...onFlink.values()].filter(({ jobName }) => wanted(jobName)),
        workers: registrations.filter(({ backend }) => backend === 'flink'),
      }),
    ]);
    return { workers, flinkJobs };
  } finally {
    redis?.disconnect();
  }
}

function remember(found: Map<string, Registration>, text: string): void {
  const registration = JSON.parse(text) as Registration;
  found.set(registration.workerId, registration);
}

async function stopWorker(
  state: StateFolder,
  redis: Redis | undefined,
  registration: Registration,
): Promise<StoppedWorker> {
  const { workerId, pid, host } = registration;
  const wasDead = isGone(registration) || registration.failure !== undefined;
  let forced = false;
  if (!wasDead && host === hostname()) {
    if (process.platform === 'win32' && redis) {
      // Windows has no signal that a process could answer; the word in Redis is the polite way there.
      await askToStop(redis, workerId);
      await waitUntil(() => !isOurProcess(pid, workerId), politeMs);
    }
    forced = await endProcess(pid, workerId, politeMs);
  } else if (!wasDead && redis) await stopElsewhere(redis, registration);
  if (redis) await unregister(redis, workerId);
  state.forgetJob(workerId);
  return { registration, forced, wasDead };
}

async function stopElsewhere(redis: Redis, { workerId, jobName, host }: Registration): Promise<void> {
  await askToStop(redis, workerId);
  const beats = async () => (await redis.exists(heartbeatKey(workerId))) === 1;
  if (await waitUntil(async () => !(await beats()), politeMs)) return;
  throw new ServingError(
    'job-not-stopping',
    `The worker of "${jobName}" on ${host} did not stop within ${politeMs / 1000} s.`,
  );
}
