import type { Redis } from 'ioredis';
import type {
  Heartbeat,
  FlinkJobRecord,
  FlinkReport,
  JobReport,
  JobState,
  QueueFigures,
  Registration,
  SecretNeeded,
  WorkerReport,
} from '../../../../schemas/jobEvents.ts';
import {
  consumerPrefix,
  deadStream,
  heartbeatKey,
  heartbeatTtlMs,
  servingGroup,
} from '../../../../schemas/redis/redisKeys.ts';
import { startLimits } from '../../../../schemas/startLimits.ts';
import { readTime } from '../redis/redisClock.ts';
import { parseEarlyBeat, parseHeartbeat } from './registryEntries.ts';
import { runScript, scripts } from '../scripts/scripts.ts';
import { readFlinkJobs, readRegistrations } from './workerRegistry.ts';

/** All jobs that a Redis knows, dead ones too, in O(jobs): two round trips, however long the queues are.
 *  What Flink says of its jobs is not asked here: their states are `unknown`.
 *  @param isDead  whether the process of a worker on this machine has gone, known sooner than its heartbeat expires */
export async function readJobReports(
  redis: Redis,
  redisText: string,
  isDead: (registration: Registration) => boolean,
): Promise<JobReport[]> {
  const [registrations, records, now] = await Promise.all([
    readRegistrations(redis),
    readFlinkJobs(redis),
    readTime(redis),
  ]);
  const jobNames = [...new Set([...registrations, ...records].map(({ jobName }) => jobName))].sort();
  if (jobNames.length === 0) return [];
  const keys = registrations.map(({ workerId }) => heartbeatKey(workerId));
  const [heartbeats, figures] = await Promise.all([
    keys.length === 0 ? [] : redis.mget(keys),
    Promise.all(jobNames.map((jobName) => readQueueFigures(redis, jobName))),
  ]);
  return reportJobs({
    registrations,
    beats: new Map(registrations.map(({ workerId }, i) => [workerId, heartbeats[i] ?? ''])),
    flinkJobs: records,
    figures: new Map(jobNames.map((jobName, i) => [jobName, figures[i] as QueueFigures])),
    storeText: redisText,
    now,
    isDead,
  });
}

/** What a registry holds. */
export interface Registered {
  readonly registrations: readonly Registration[];
  /** By the id of the worker: what it has written last, and not too long ago. */
  readonly beats: ReadonlyMap<string, string>;
  readonly flinkJobs: readonly FlinkJobRecord[];
  /** By the name of the job: of all jobs that are to be reported, in their order. */
  readonly figures: ReadonlyMap<string, QueueFigures>;
  /** As reports say it. */
  readonly storeText: string;
  /** In ms since 1970, by the store's clock. */
  readonly now: number;
  readonly isDead: (registration: Registration) => boolean;
}

/** The jobs of a registry, whatever store it is in. */
export function reportJobs({
  registrations,
  beats,
  figures,
  storeText,
  now,
  isDead,
  ...registered
}: Registered): JobReport[] {
  const byJob = groupByJob(registrations);
  const onFlink = groupByJob(registered.flinkJobs);
  const reports = new Map<string, WorkerReport>(
    registrations.map((registration) => [
      registration.workerId,
      {
        registration,
        ...(isDead(registration) ? {} : beatOf(registration, beats.get(registration.workerId))),
      },
    ]),
  );
  return Array.from(figures, ([jobName, queue]) => {
    const workers = (byJob.get(jobName) ?? []).map(({ workerId }) => reports.get(workerId) as WorkerReport);
    const flinkJobs = (onFlink.get(jobName) ?? []).map(flinkReport);
    const state = stateOf(workers, flinkJobs, isDead, now);
    const failure = state === 'failed' ? failureOf(workers, isDead) : undefined;
    const needs = state === 'waiting-for-secret' ? neededBy(workers) : undefined;
    return {
      jobName,
      redis: storeText,
      backend: flinkJobs.length > 0 ? 'flink' : (workers[0]?.registration.backend ?? 'embedded'),
      state,
      ...(failure === undefined ? {} : { failure }),
      ...(needs === undefined ? {} : { needs }),
      workers,
      queue: withShared(queue, workers),
      ...(flinkJobs.length > 0 ? { flinkJobs } : {}),
    };
  });
}

/** What a worker has written last under the key of its heartbeat. */
function beatOf(
  registration: Registration,
  json: string | null | undefined,
): Pick<WorkerReport, 'heartbeat' | 'early'> {
  const heartbeat = parseHeartbeat(registration, json ?? '');
  if (heartbeat) return { heartbeat };
  const early = parseEarlyBeat(registration, json ?? '');
  return early ? { early } : {};
}

function neededBy(workers: readonly WorkerReport[]): SecretNeeded | undefined {
  return workers.find(({ early }) => early?.needs)?.early?.needs;
}

/** What a job's model takes, as reported by a living worker; undefined while there is none. */
export async function readModel(redis: Redis, jobName: string): Promise<ModelOfJob | undefined> {
  return modelOf(await readJobReports(redis, '', () => false), jobName);
}

/** What the model of one of these jobs takes; undefined while no worker of it lives. */
export function modelOf(jobs: readonly JobReport[], jobName: string): ModelOfJob | undefined {
  const job = jobs.find((one) => one.jobName === jobName);
  return job && (readyWorker(job) ?? job.workers.find(({ heartbeat }) => heartbeat)?.heartbeat);
}

/** The part of a heartbeat that says what can be asked of a job. */
export type ModelOfJob = Pick<
  Heartbeat,
  | 'inputs'
  | 'outputs'
  | 'batched'
  | 'rowsPerRecord'
  | 'forms'
  | 'recordsEncrypted'
  | 'version'
  | 'reload'
  | 'rollout'
>;

/** A worker that can be asked now. Any of the job's workers may get a record, so a form is read where all of them read it, and
 *  a second version is served where all of them serve it. */
export function readyWorker({ workers }: Pick<JobReport, 'workers'>): Heartbeat | undefined {
  const ready = workers.flatMap(({ heartbeat }) => (heartbeat?.state === 'ready' ? [heartbeat] : []));
  const [first] = ready;
  const forms = first?.forms?.filter((form) => ready.every((worker) => worker.forms?.includes(form)));
  if (!first) return undefined;
  const { rollout, ...rest } = first;
  const isOfAll =
    rollout &&
    ready.every(
      (worker) =>
        worker.version === first.version &&
        worker.rollout?.version === rollout.version &&
        worker.rollout.isShadow === rollout.isShadow,
    );
  return { ...rest, ...(isOfAll ? { rollout } : {}), ...(forms ? { forms } : {}) };
}

/** For how long a consumer may be silent that reads as the original's do, in ms. */
const foreignSilenceMs = 10_000;

/** Whether something reads the queue that is no registered worker, such as the original's engine, which does not register. */
export async function hasForeignConsumer(redis: Redis, jobName: string): Promise<boolean> {
  let consumers: unknown[][];
  try {
    consumers = (await redis.xinfo('CONSUMERS', jobName, servingGroup)) as unknown[][];
  } catch {
    // No stream, or no group.
    return false;
  }
  return consumers.some((reply) => {
    const field = (name: string) => reply[reply.indexOf(name) + 1];
    return !String(field('name')).startsWith(consumerPrefix) && Number(field('idle')) < foreignSilenceMs;
  });
}

/** The figures of one queue, in one command. */
export async function readQueueFigures(redis: Redis, jobName: string): Promise<QueueFigures> {
  const reply = (await runScript(
    redis,
    scripts.queueFigures,
    [jobName, deadStream(jobName)],
    [servingGroup],
  )) as number[];
  const [waiting = 0, pending = 0, dead = 0, oldestAgeMs = 0, added = -1] = reply.map(Number);
  return { waiting, pending, dead, oldestAgeMs: Math.max(0, oldestAgeMs), ...(added < 0 ? {} : { added }) };
}

/** An entry that several requests share counts as each of them once it is answered, and so do requests that never were in
 *  the queue. */
function withShared(figures: QueueFigures, workers: readonly WorkerReport[]): QueueFigures {
  if (figures.added === undefined) return figures;
  const more = workers.reduce(
    (sum, { heartbeat }) => sum + (heartbeat?.shared ?? 0) + (heartbeat?.overHttp ?? 0),
    0,
  );
  return { ...figures, added: figures.added + more };
}

/** A job on Flink before its cluster was asked. */
export function flinkReport(record: FlinkJobRecord): FlinkReport {
  const url = `http://${record.flinkRestUrl}/#/job/running/${record.jobId}/overview`;
  return { ...record, state: 'unknown', url, taskManagers: [] };
}

function stateOf(
  workers: readonly WorkerReport[],
  flinkJobs: readonly FlinkReport[],
  isDead: (registration: Registration) => boolean,
  now: number,
): JobState {
  const states = workers.flatMap(({ heartbeat }) => heartbeat?.state ?? []);
  if (states.includes('full')) return 'full';
  if (states.includes('ready')) return 'running';
  if (states.includes('stopping')) return 'stopping';
  if (neededBy(workers)) return 'waiting-for-secret';
  if (workers.some(({ early }) => early)) return 'starting';
  const isYoung = ({ startedAt }: { readonly startedAt: number }) => now - startedAt < startLimits.readyMs;
  const begins =
    flinkJobs.some(isYoung) ||
    workers.some(
      ({ registration }) =>
        registration.failure === undefined && !isDead(registration) && isYoung(registration),
    );
  // One that beat before and is silent now is not beginning; its process may hang or its machine be gone.
  return begins && workers.every(({ registration }) => isYoung(registration)) ? 'starting' : 'failed';
}

function failureOf(
  workers: readonly WorkerReport[],
  isDead: (registration: Registration) => boolean,
): string {
  const reported = workers
    .map(({ registration }) => registration.failure)
    .find((failure) => failure !== undefined);
  if (reported !== undefined) return reported;
  const [first] = workers;
  if (!first) return 'No worker of the job has reported yet.';
  const { host, pid, logFile } = first.registration;
  const worker = `The worker on ${host} (pid ${pid})`;
  if (isDead(first.registration)) return `${worker} died without a report; its log may show more: ${logFile}`;
  return `${worker} has sent no heartbeat for more than ${heartbeatTtlMs / 1000} s: it died, or cannot write to the store. Its log says more: ${logFile}`;
}

/** Workers by the job that they serve, in the order in which they come. */
export function groupByJob<T extends { readonly jobName: string }>(workers: readonly T[]): Map<string, T[]> {
  const jobs = new Map<string, T[]>();
  for (const worker of workers) jobs.set(worker.jobName, [...(jobs.get(worker.jobName) ?? []), worker]);
  return jobs;
}
