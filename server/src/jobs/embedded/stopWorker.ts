import { hostname } from 'node:os';
import { ServingError } from '../../../../schemas/errors.ts';
import type { Registration } from '../../../../schemas/jobEvents.ts';
import type { Registry } from '../../queue/store.ts';
import type { StoppedWorker } from '../backend.ts';
import { endProcess, isProcess, isWorkerProcess, waitUntil } from '../machine/processes.ts';
import type { StateFolder } from '../machine/stateFolder.ts';

const politeMs = 32_000;

/** Of a worker on this machine we can see at once whether its process has gone. */
export function isGone({ host, pid, workerId }: Registration): boolean {
  return host === hostname() && isProcess(pid, isWorkerProcess(workerId)) === false;
}

/** Stops a worker: on this machine by a signal, on others by a word in Redis. @throws ServingError "job-not-stopping" */
export async function stopWorker(
  state: StateFolder,
  registry: Registry | undefined,
  registration: Registration,
): Promise<StoppedWorker> {
  const { workerId, pid, host } = registration;
  const wasDead = isGone(registration) || registration.failure !== undefined;
  const proof = isWorkerProcess(workerId);
  let forced = false;
  if (!wasDead && host === hostname()) {
    if (process.platform === 'win32' && registry) {
      // Windows has no signal that a process could answer; the word in Redis is the polite way there.
      await registry.askToStop(workerId);
      await waitUntil(() => isProcess(pid, proof) === false, politeMs);
    }
    const isOnRecord = state.jobs().some((job) => job.workerId === workerId && job.pid === pid);
    forced = await endProcess(pid, proof, { politeMs, isOnRecord });
  } else if (!wasDead && registry) await stopElsewhere(registry, registration);
  await registry?.unregister(workerId);
  state.forgetJob(workerId);
  return { registration, forced, wasDead };
}

async function stopElsewhere(registry: Registry, registration: Registration): Promise<void> {
  const { workerId, jobName, host } = registration;
  await registry.askToStop(workerId);
  const isSilent = async () => (await registry.readLiving([registration])).length === 0;
  if (await waitUntil(isSilent, politeMs)) return;
  throw new ServingError(
    'job-not-stopping',
    `The worker of "${jobName}" on ${host} did not stop within ${politeMs / 1000} s.`,
  );
}
