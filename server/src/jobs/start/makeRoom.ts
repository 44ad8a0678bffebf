import { ServingError } from '../../../../schemas/errors.ts';
import type { JobReport, WorkerReport } from '../../../../schemas/jobEvents.ts';
import { shellWord } from '../../../../schemas/programs/shellWord.ts';
import { startLimits } from '../../../../schemas/startLimits.ts';
import { configDigest } from '../../queue/registry/workerRegistry.ts';
import type { Registry } from '../../queue/store.ts';
import { backendNames, backends, completeReports, isGone } from '../backends.ts';
import type { StartOptions } from './starting.ts';

type RoomOptions = Pick<StartOptions, 'state' | 'loaded' | 'workers' | 'foreground'>;

/** Takes note of workers that died, and refuses a job name that is in use, unless workers are added on purpose: by
 *  `--workers`, or by the same config on another machine.
 *  @throws ServingError "job-running" */
export async function makeRoom(registry: Registry, options: RoomOptions, redisText: string): Promise<void> {
  const { state, loaded, workers, foreground } = options;
  const { config } = loaded;
  const known = await registry.readJobReports(redisText, isGone);
  const [job] = await completeReports(known.filter(({ jobName }) => jobName === config.jobName));
  if (!job) return;
  const hasEnded = job.state === 'failed' || job.state === 'stopped';
  if (hasEnded)
    for (const { jobId } of job.flinkJobs ?? []) {
      await registry.forgetFlinkJob(jobId);
      state.forgetFlinkJob(jobId);
    }
  for (const worker of job.workers) {
    const { registration, heartbeat } = worker;
    if (heartbeat || !(isGone(registration) || hasEnded || (foreground && isSilent(worker)))) continue;
    await registry.unregister(registration.workerId);
    state.forgetJob(registration.workerId);
  }
  if (hasEnded || workers !== undefined) return;
  const digest = configDigest(config);
  const isSame = job.workers.every(({ registration }) => registration.configDigest === digest);
  if (isSame && backends[config.backend].joins(job)) return;
  throw alreadyRuns(job);
}

/** Where containers take each other's places, one that was killed leaves its entry under a name that none has again. A worker
 *  that is silent and lives all the same enters itself again when it reaches Redis. */
function isSilent({ registration, heartbeat, early }: WorkerReport): boolean {
  return !heartbeat && !early && Date.now() - registration.startedAt > startLimits.readyMs;
}

function alreadyRuns(job: JobReport): ServingError {
  const places = backendNames.flatMap((name) => backends[name].placesOf(job));
  return new ServingError(
    'job-running',
    `The job "${job.jobName}" already runs ${places.join(' and ')}. Stop it ("cluster-serving stop ${shellWord(job.jobName)}"), choose another jobName, or add workers on purpose with --workers.`,
  );
}
