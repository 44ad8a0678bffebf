import { setTimeout as pause } from 'node:timers/promises';
import type { HostPort } from '../../../../schemas/config/configKey.ts';
import { ServingError } from '../../../../schemas/errors.ts';
import { flinkWorkerPrefix } from '../../../../schemas/flinkJob.ts';
import type { FlinkJobRecord, Registration } from '../../../../schemas/jobEvents.ts';
import { heartbeatTtlMs } from '../../../../schemas/redis/redisKeys.ts';
import type { Registry } from '../../queue/store.ts';
import { waitUntil } from '../machine/processes.ts';
import type { StateFolder } from '../machine/stateFolder.ts';
import type { StoppedFlinkJob } from '../backend.ts';
import { cancelJob, endStates, readJob } from './flinkJobs.ts';
import { flinkAddress } from './cluster/flinkStates.ts';
import { flinkText } from './cluster/rest.ts';

/** As long as an embedded worker may take to answer its records in flight. */
const drainMs = 32_000;

/** For how long a start that is taken back insists. */
const takeBackMs = 15_000;
const retryMs = 500;

/** Flink gives a task 180 s to end by default before it ends the TaskManager; a worker takes the time of a batch. */
const cancelMs = 60_000;

export interface FlinkStop {
  readonly state: StateFolder;
  /** undefined: Redis is away. */
  readonly registry: Registry | undefined;
  readonly jobs: readonly FlinkJobRecord[];
  /** The workers of those jobs that have registered. */
  readonly workers: readonly Registration[];
}

/** Ends jobs on their clusters: each answers its records in flight. Returns when Flink says that they have ended and none
 *  of their workers lives.
 *  @throws ServingError "job-not-stopping" */
export async function stopFlinkJobs({ state, registry, jobs, workers }: FlinkStop): Promise<StoppedFlinkJob[]> {
  const ends = await Promise.all(jobs.map((job) => endJob(job, registry, workers)));
  // A cluster may be out of our reach while its workers live: they read the word in Redis then.
  if (registry && (ends.includes('unreachable') || jobs.length === 0))
    await Promise.all(workers.map(({ workerId }) => registry.askToStop(workerId)));
  const alive = async () => (await registry?.readLiving(workers)) ?? [];
  const patienceMs = ends.includes('unreachable') ? cancelMs : heartbeatTtlMs + 2_000;
  if (!(await waitUntil(async () => (await alive()).length === 0, patienceMs))) {
    const [worker] = await alive();
    throw new ServingError(
      'job-not-stopping',
      `A worker of "${worker?.jobName ?? ''}" on ${worker?.host ?? ''} goes on. Its Flink cluster: ${jobs.map(({ flinkRestUrl }) => flinkRestUrl).join(', ') || 'not known here'}.`,
    );
  }
  for (const { workerId } of workers) await registry?.unregister(workerId);
  for (const { jobId } of jobs) {
    await registry?.forgetFlinkJob(jobId);
    state.forgetFlinkJob(jobId);
  }
  return jobs.map((job, i) => ({ job, wasDead: ends[i] !== 'ended' }));
}

type End = 'ended' | 'had ended' | 'unreachable';

async function endJob(
  { jobId, jobName, flinkRestUrl, parallelism }: FlinkJobRecord,
  registry: Registry | undefined,
  workers: readonly Registration[],
): Promise<End> {
  const address = flinkAddress(flinkRestUrl);
  try {
    const own = workers.filter(({ workerId }) => workerId.startsWith(flinkWorkerPrefix(jobId)));
    const listen = (await registry?.readLiving(own)) ?? [];
    const isWhole = listen.length === parallelism && (await readJob(address, jobId))?.state === 'RUNNING';
    // Asked by their stop key, the workers answer their records in flight before the job ends by itself.
    if (registry && isWhole) {
      await Promise.all(listen.map(({ workerId }) => registry.askToStop(workerId)));
      if (await waitUntil(() => hasEnded(address, jobId), drainMs)) return 'ended';
    }
    return await endOnCluster(address, jobId, jobName);
  } catch (error) {
    if (error instanceof ServingError && error.code.startsWith('flink-')) return 'unreachable';
    throw error;
  }
}

/** Cancels a job and waits until Flink has ended it. @throws ServingError "job-not-stopping" or "flink-…" */
export async function endOnCluster(address: HostPort, jobId: string, jobName: string): Promise<End> {
  if (await hasEnded(address, jobId)) return 'had ended';
  await cancelJob(address, jobId);
  if (await waitUntil(() => hasEnded(address, jobId), cancelMs)) return 'ended';
  throw new ServingError(
    'job-not-stopping',
    `Flink has not ended "${jobName}" within ${cancelMs / 1000} s: http://${flinkText(address)}/#/job/running/${jobId}/overview`,
  );
}

/** Ends what a start that failed or was cancelled has submitted. A cluster that is busy just then may be late with its
 *  answers, or refuse to cancel what it only begins: it is asked again for a while.
 *  @throws ServingError of the last attempt */
export async function takeBackJob(address: HostPort, jobId: string, jobName: string): Promise<void> {
  for (const end = Date.now() + takeBackMs; ;) {
    try {
      await endOnCluster(address, jobId, jobName);
      return;
    } catch (error) {
      if (!(error instanceof ServingError) || Date.now() >= end) throw error;
      await pause(retryMs);
    }
  }
}

async function hasEnded(address: HostPort, jobId: string): Promise<boolean> {
  return endStates.includes((await readJob(address, jobId))?.state ?? 'unknown');
}
