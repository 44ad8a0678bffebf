import type { HostPort } from '../../../../schemas/config/configKey.ts';
import { flinkStates, type FlinkState } from '../../../../schemas/jobEvents.ts';
import { callFlink, FlinkRefusal, listIn } from './cluster/rest.ts';

/** A job as the cluster's overview lists it. */
export interface ListedJob {
  readonly jobId: string;
  readonly name: string;
  readonly state: FlinkState;
  readonly startedAt: number;
}

interface ListedByFlink {
  readonly jid: string;
  readonly name: string;
  readonly state: string;
  readonly 'start-time': number;
}

export interface JobDetails {
  readonly state: FlinkState;
  readonly startedAt: number;
  /** Whether every task runs: the job's own RUNNING comes before that of its tasks. */
  readonly allRun: boolean;
  /** Flink's ids of the job's vertices. */
  readonly vertices: readonly string[];
}

/** The states in which a job stays for good. */
export const endStates: readonly FlinkState[] = ['FAILED', 'CANCELED', 'FINISHED', 'unknown'];

/** Every job that the cluster remembers, those of other programs included. */
export async function listJobs(address: HostPort, timeoutMs?: number): Promise<ListedJob[]> {
  const answer = await callFlink(address, '/jobs/overview', { timeoutMs });
  return listIn<ListedByFlink>(address, answer, 'jobs').map((job) => ({
    jobId: job.jid,
    name: job.name,
    state: stateOf(job.state),
    startedAt: job['start-time'],
  }));
}

/** @returns undefined if the cluster does not know the job: it never came, or the cluster was restarted since */
export async function readJob(
  address: HostPort,
  jobId: string,
  timeoutMs?: number,
): Promise<JobDetails | undefined> {
  const answer = (await unlessUnknown(callFlink(address, `/jobs/${jobId}`, { timeoutMs }))) as
    | { state: string; 'start-time': number }
    | undefined;
  if (!answer) return undefined;
  const vertices = listIn<{ id: string; status: string }>(address, answer, 'vertices');
  return {
    state: stateOf(answer.state),
    startedAt: answer['start-time'],
    allRun: vertices.length > 0 && vertices.every(({ status }) => status === 'RUNNING'),
    vertices: vertices.map(({ id }) => id),
  };
}

/** The Java trace of the job's last failure, also of one that it has recovered from. */
export async function readLastFailure(address: HostPort, jobId: string): Promise<string | undefined> {
  const answer = (await unlessUnknown(callFlink(address, `/jobs/${jobId}/exceptions?maxExceptions=1`))) as
    | { exceptionHistory?: { entries?: { stacktrace?: string }[] }; 'root-exception'?: string | null }
    | undefined;
  return answer?.exceptionHistory?.entries?.[0]?.stacktrace ?? answer?.['root-exception'] ?? undefined;
}

/** What Flink says for some seconds of a task that has just been given its place. */
const unassigned = '(unassigned)';

/** The machines that run a vertex of a job. */
export async function readTaskManagers(
  address: HostPort,
  jobId: string,
  vertex: string,
): Promise<string[]> {
  const answer = await unlessUnknown(callFlink(address, `/jobs/${jobId}/vertices/${vertex}/taskmanagers`));
  const listed = listIn<{ host?: string; endpoint?: string }>(address, answer, 'taskmanagers');
  const places = listed.map(({ endpoint, host }) => endpoint ?? host ?? '?');
  return [...new Set(places.filter((place) => place !== unassigned))].sort();
}

/** Asks a job to end; it goes on until it has answered its records in flight. A job that has ended is no error. */
export async function cancelJob(address: HostPort, jobId: string): Promise<void> {
  await unlessUnknown(callFlink(address, `/jobs/${jobId}?mode=cancel`, { method: 'PATCH' }));
}

/** 404 for a job that never was, 409 for one that has ended. */
async function unlessUnknown(call: Promise<unknown>): Promise<unknown> {
  try {
    return await call;
  } catch (error) {
    if (error instanceof FlinkRefusal && (error.status === 404 || error.status === 409)) return undefined;
    throw error;
  }
}

function stateOf(text: string): FlinkState {
  return flinkStates.find((state) => state === text) ?? 'unknown';
}
