import { randomUUID } from 'node:crypto';
import { setTimeout } from 'node:timers/promises';
import { ServingError } from '../../../../schemas/errors.ts';
import {
  rolloutCauses,
  type Registration,
  type ReloadReport,
  type ReloadWish,
} from '../../../../schemas/jobEvents.ts';
import { startLimits } from '../../../../schemas/startLimits.ts';
import type { Registry } from '../store.ts';

/** What became of the reload of a worker. */
export interface WorkerReload {
  readonly registration: Registration;
  readonly report: ReloadReport;
}

export interface ReloadQuestion {
  readonly jobName: string;
  readonly wish: ReloadWish;
  /** Whether it can be seen from here that the process of a worker has gone. */
  readonly isGone: (registration: Registration) => boolean;
}

const lookEveryMs = 100;
/** As long as a start may take to load a model and to warm it. */
const patienceMs = startLimits.readyMs + startLimits.warmUpMs;

/** Asks all workers of a job for a reload, and waits until each has said what became of it.
 *  @param run  asks the registry, over a connection that lives
 *  @returns none where the job has no worker. @throws ServingError "not-supported" for a job on Flink, "reload-unanswered",
 *    "job-failed" where a worker ends meanwhile, "redis-…" */
export async function reloadWorkers(
  run: <T>(use: (registry: Registry) => Promise<T>) => Promise<T>,
  { jobName, wish, isGone }: ReloadQuestion,
): Promise<readonly WorkerReload[]> {
  const all = await run((registry) => registry.readRegistrations());
  const workers = all.filter((one) => one.jobName === jobName && one.failure === undefined && !isGone(one));
  if (workers.some(({ backend }) => backend === 'flink'))
    throw new ServingError(
      'not-supported',
      rolloutCauses.includes(wish.by)
        ? `"${jobName}" runs on Flink, where a job serves one version at a time: a rollout takes workers of the embedded backend.`
        : `"${jobName}" runs on Flink, where a change needs a restart: run "cluster-serving restart".`,
    );
  const asked = randomUUID();
  await Promise.all(
    workers.map(({ workerId }) => run((registry) => registry.askToReload(workerId, wish, asked))),
  );
  return Promise.all(workers.map((registration) => answerOf(registration, asked)));

  async function answerOf(registration: Registration, id: string): Promise<WorkerReload> {
    const { host, pid, logFile } = registration;
    const end = performance.now() + patienceMs;
    for (;;) {
      const report = await run((registry) => registry.readReload(registration));
      if (report?.asked === id && report.state !== 'loading') return { registration, report };
      const worker = `The worker on ${host} (pid ${pid})`;
      if (isGone(registration))
        throw new ServingError('job-failed', `${worker} ended during the reload. Its log: ${logFile}`);
      if (performance.now() > end)
        throw new ServingError(
          'reload-unanswered',
          `${worker} has not said what became of the reload. Its log may say more: ${logFile}`,
        );
      await setTimeout(lookEveryMs);
    }
  }
}
