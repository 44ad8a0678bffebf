import type { Redis } from 'ioredis';
import type {
  Heartbeat,
  JobReport,
  JobState,
  QueueFigures,
  Registration,
  TensorInfo,
  WorkerReport,
} from '../../../schemas/jobEvents.ts';
import { deadStream, heartbeatKey, servingGroup, workersKey } from '../../../schemas/redisKeys.ts';
import { queueFiguresScript, runScript } from './scripts.ts';

/** How long a worker may take from its registration to its first heartbeat: loading and warming a large model. */
const firstHeartbeatMs = 120_000;

/** All jobs that a Redis knows, dead ones too, in O(jobs): two round trips, however long the queues are.
 *  @param isDead  tells of a worker on this machine whether its process has gone, sooner than its heartbeat expires */
export async function readJobReports(
  redis: Redis,
  redisText: string,
  isDead: (registration: Registration) => boolean,
): Promise<JobReport[]> {
  const registrations = Object.values(await redis.hgetall(workersKey)).map(
    (text) => JSON.parse(text) as Registration,
  );
  if (registrations.length === 0) return [];
  const byJob = groupByJob(registrations);
  const jobNames = [...byJob.keys()].sort();
  const [heartbeats, figures] = await Promise.all([
    redis.mget(registrations.map(({ workerId }) => heartbeatKey(workerId))),
    Promise.all(jobNames.map((jobName) => readQueueFigures(redis, jobName))),
  ]);
  const reports = new Map<string, WorkerReport>(
    registrations.map((registration, i) => {
      const text = heartbeats[i];
      const lives = text && !isDead(registration);
      return [
        registration.workerId,
        lives ? { registration, heartbeat: JSON.parse(text) as Heartbeat } : { registration },
      ];
    }),
  );
  return jobNames.map((jobName, i) => {
    const workers = (byJob.get(jobName) ?? []).map(({ workerId }) => reports.get(workerId) as WorkerReport);
    const state = stateOf(workers, isDead);
    const failure = state === 'failed' ? failureOf(workers) : undefined;
    return {
      jobName,
      redis: redisText,
      backend: workers[0]?.registration.backend ?? 'embedded',
      state,
      ...(failure === undefined ? {} : { failure }),
      workers,
      queue: figures[i] as QueueFigures,
    };
  });
}

/** What a job's model takes, as a living worker tells; undefined while none does. */
export async function readModelInputs(
  redis: Redis,
  jobName: string,
): Promise<readonly TensorInfo[] | undefined> {
  const jobs = await readJobReports(redis, '', () => false);
  const workers = jobs.find((job) => job.jobName === jobName)?.workers ?? [];
  return workers.find(({ heartbeat }) => heartbeat)?.heartbeat?.inputs;
}

/** The figures of one queue, in one command. */
export async function readQueueFigures(redis: Redis, jobName: string): Promise<QueueFigures> {
  const reply = (await runScript(
    redis,
    queueFiguresScript,
    [jobName, deadStream(jobName)],
    [servingGroup],
  )) as number[];
  const [waiting = 0, pending = 0, dead = 0, oldestAgeMs = 0, added = -1] = reply.map(Number);
  return { waiting, pending, dead, oldestAgeMs: Math.max(0, oldestAgeMs), ...(added < 0 ? {} : { added }) };
}

function stateOf(
  workers: readonly WorkerReport[],
  isDead: (registration: Registration) => boolean,
): JobState {
  const states = workers.flatMap(({ heartbeat }) => heartbeat?.state ?? []);
  if (states.includes('full')) return 'full';
  if (states.includes('ready')) return 'running';
  if (states.includes('stopping')) return 'stopping';
  const begins = workers.some(
    ({ registration }) =>
      registration.failure === undefined &&
      !isDead(registration) &&
      Date.now() - registration.startedAt < firstHeartbeatMs,
  );
  // One that beat before and is silent now is not beginning; its process may hang or its machine be gone.
  return begins && workers.every(({ registration }) => Date.now() - registration.startedAt < firstHeartbeatMs)
    ? 'starting'
    : 'failed';
}

function failureOf(workers: readonly WorkerReport[]): string {
  const told = workers
    .map(({ registration }) => registration.failure)
    .find((failure) => failure !== undefined);
  const [first] = workers;
  return (
    told ??
    `The worker on ${first?.registration.host ?? 'its machine'} (pid ${first?.registration.pid ?? 0}) died without a word; its log may tell more: ${first?.registration.logFile ?? ''}`
  );
}

/** Workers by the job that they serve, in the order in which they come. */
export function groupByJob<T extends { readonly jobName: string }>(workers: readonly T[]): Map<string, T[]> {
  const jobs = new Map<string, T[]>();
  for (const worker of workers) jobs.set(worker.jobName, [...(jobs.get(worker.jobName) ?? []), worker]);
  return jobs;
}
