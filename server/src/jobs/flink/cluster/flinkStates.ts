import type { HostPort } from '../../../../../schemas/config/configKey.ts';
import { messageOf, ServingError } from '../../../../../schemas/errors.ts';
import type { FlinkReport, FlinkState, JobReport, JobState } from '../../../../../schemas/jobEvents.ts';
import { startLimits } from '../../../../../schemas/startLimits.ts';
import { endStates, readJob, readLastFailure, readTaskManagers } from '../flinkJobs.ts';
import { explainTrace } from './knownTraces.ts';

/** A cluster that does not answer at once must not hold up a listing. */
export const lookMs = 2_000;

/** host:port as a job's record keeps it. */
export function flinkAddress(flinkRestUrl: string): HostPort {
  const colon = flinkRestUrl.lastIndexOf(':');
  return { host: flinkRestUrl.slice(0, colon), port: Number(flinkRestUrl.slice(colon + 1)) };
}

/** Adds what their clusters say of the jobs that run on Flink; the other jobs stay as they are. */
export function addFlinkStates(jobs: readonly JobReport[]): Promise<JobReport[]> {
  return Promise.all(jobs.map(addFlinkState));
}

/** The same of one job. */
export async function addFlinkState(job: JobReport): Promise<JobReport> {
  if (!job.flinkJobs) return job;
  const flinkJobs = await Promise.all(job.flinkJobs.map(look));
  const state = mergeStates(job, flinkJobs);
  const { failure: before, needs, ...rest } = job;
  const reported = flinkJobs.flatMap(({ failure }) => failure ?? []).join(' ');
  const failure = reported || (state === 'failed' ? (silence(flinkJobs) ?? before) : undefined);
  const waits = state === 'waiting-for-secret' && needs !== undefined;
  return {
    ...rest,
    state,
    flinkJobs,
    ...(failure === undefined ? {} : { failure }),
    ...(waits ? { needs } : {}),
  };
}

/** Asks a cluster for one job. What keeps it from answering becomes the report's failure. */
async function look(report: FlinkReport): Promise<FlinkReport> {
  const address = flinkAddress(report.flinkRestUrl);
  try {
    const job = await readJob(address, report.jobId, lookMs);
    if (!job)
      return {
        ...report,
        state: 'unknown',
        failure: `The Flink cluster at ${report.flinkRestUrl} does not know the job any more; it was restarted. Start the job again.`,
      };
    const { state, startedAt } = job;
    const [vertex] = job.vertices;
    if (state === 'RUNNING') {
      const taskManagers = vertex === undefined ? [] : await readTaskManagers(address, report.jobId, vertex);
      // Flink calls a job RUNNING, too, whose tasks wait for slots after a failure.
      const trace = job.allRun ? undefined : await readLastFailure(address, report.jobId);
      return { ...report, state, startedAt, taskManagers, ...(trace ? { failure: explainTrace(trace) } : {}) };
    }
    // Flink's UI keeps what has ended on another page.
    const url = endStates.includes(state) ? report.url.replace('/running/', '/completed/') : report.url;
    if (!['FAILED', 'FAILING', 'RESTARTING'].includes(state)) return { ...report, state, startedAt, url };
    const trace = await readLastFailure(address, report.jobId);
    return { ...report, state, startedAt, url, failure: explainTrace(trace ?? '') };
  } catch (error) {
    if (!(error instanceof ServingError)) throw error;
    return { ...report, state: 'unreachable', failure: messageOf(error) };
  }
}

/** Workers report more than Flink while they live: Flink calls a job RUNNING whose model is still being loaded. */
function mergeStates(job: JobReport, flinkJobs: readonly FlinkReport[]): JobState {
  const beats = job.workers.some(({ heartbeat, early }) => (heartbeat ?? early) !== undefined);
  const embedded = job.workers.some(
    ({ registration, heartbeat }) => heartbeat && registration.backend === 'embedded',
  );
  if (embedded) return job.state;
  const has = (...states: FlinkState[]) => flinkJobs.some(({ state }) => states.includes(state));
  if (has('RUNNING')) {
    if (beats) return job.state;
    if (flinkJobs.some(({ state, jar }) => state === 'RUNNING' && jar !== undefined)) return 'running';
    return silence(flinkJobs) === undefined ? 'starting' : 'failed';
  }
  if (has('INITIALIZING', 'CREATED', 'RESTARTING', 'RECONCILING', 'SUSPENDED')) return 'starting';
  if (has('CANCELLING')) return 'stopping';
  if (has('FAILED', 'FAILING')) return 'failed';
  if (has('unreachable', 'unknown')) return beats ? job.state : 'failed';
  return 'stopped';
}

/** What to say of a job that runs but whose workers do not report. */
function silence(flinkJobs: readonly FlinkReport[]): string | undefined {
  const job = flinkJobs.find(({ state }) => state === 'RUNNING');
  return job && Date.now() - job.startedAt > startLimits.readyMs
    ? 'Flink says RUNNING, but no worker of the job reports to this Redis. redisUrl: is it the same machine when seen from the TaskManagers?'
    : undefined;
}
