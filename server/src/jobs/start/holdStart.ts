import { hostname } from 'node:os';
import { setTimeout as delay } from 'node:timers/promises';
import { ServingError } from '../../../../schemas/errors.ts';
import { readStarter, type StartLock, type Starter } from '../../queue/registry/startLock.ts';
import type { Registry } from '../../queue/store.ts';
import { endProcess, isWorkerProcess } from '../machine/processes.ts';
import { isRunning, thisProcess } from '../machine/processName.ts';

/** How often a start that waits for its turn looks. */
const turnMs = 500;

export interface HeldStart {
  /** @throws ServingError "job-running" if the lock was lost to another start */
  readonly requireHeld: () => void;
  readonly release: () => Promise<void>;
}

/** What a start needs that waits for its turn. */
interface Patience {
  readonly signal: AbortSignal;
  readonly onWarning: (warning: string) => void;
}

/** Takes the lock on a job's start. That of a start on this machine which was killed counts no more, and what it has left is
 *  ended.
 *  @param patience  given: waits while another start has the lock
 *  @throws ServingError "job-running", "job-failed" where the wait is cancelled */
export async function holdStart(
  registry: Registry,
  jobName: string,
  patience?: Patience,
): Promise<HeldStart> {
  const starter: Starter = { ...thisProcess(), host: hostname(), since: Date.now() };
  let lock = await takeLock(registry, jobName, starter);
  if ('busy' in lock) patience?.onWarning(`${lock.busy.message} This start waits for its turn.`);
  while ('busy' in lock) {
    if (!patience) throw lock.busy;
    await delay(turnMs, undefined, { signal: patience.signal }).catch(() => {
      throw new ServingError('job-failed', 'The start was cancelled.');
    });
    lock = await takeLock(registry, jobName, starter);
  }
  const held = lock;
  return {
    requireHeld: () => {
      if (!held.isHeld) throw isStarting(jobName, undefined);
    },
    release: () => held.release(),
  };
}

async function takeLock(
  registry: Registry,
  jobName: string,
  starter: Starter,
): Promise<StartLock | { readonly busy: ServingError }> {
  const lock = await registry.takeStartLock(jobName, starter);
  if (!('heldBy' in lock)) return lock;
  const other = readStarter(lock.heldBy);
  if (other?.host !== hostname() || isRunning(other) !== false) return { busy: isStarting(jobName, other) };
  await endWorkersOf(registry, jobName, other);
  await registry.breakStartLock(jobName, lock.heldBy);
  const next = await registry.takeStartLock(jobName, starter);
  return 'heldBy' in next ? { busy: isStarting(jobName, readStarter(next.heldBy)) } : next;
}

/** Workers that a killed start was waiting for. They end by themselves unless they are too busy to notice. */
async function endWorkersOf(registry: Registry, jobName: string, { host, since }: Starter): Promise<void> {
  const jobs = await registry.readJobReports('', () => false);
  const workers = jobs.find((job) => job.jobName === jobName)?.workers ?? [];
  for (const { registration, heartbeat } of workers) {
    const { workerId, pid, startedAt } = registration;
    if (heartbeat || registration.host !== host || startedAt < since) continue;
    await endProcess(pid, isWorkerProcess(workerId), { politeMs: 1_000, isOnRecord: false });
    // It may have become ready in this moment.
    if (!(await registry.isServing(registration))) await registry.unregister(workerId);
  }
}

function isStarting(jobName: string, starter: Starter | undefined): ServingError {
  const where = starter ? ` on ${starter.host} (pid ${starter.pid})` : '';
  return new ServingError(
    'job-running',
    `The job "${jobName}" is being started${where} just now. Wait for that start, or cancel it.`,
  );
}
