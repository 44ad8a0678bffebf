import type { JobReport } from '../../../../../schemas/jobEvents.ts';
import type { App } from '../../../app.ts';
import type { JsonLine } from '../../../jobs/cli.ts';
import { refreshJobs, type Target } from '../../target.ts';

/* What a stop of one job and one of several have in common. */

/** @param drains  whether it first answers what waits */
export function stopCommand({ jobName, configPath }: Target, drains: boolean): readonly string[] {
  return [
    'stop',
    ...(jobName === '' ? [] : [jobName]),
    '--json',
    ...(drains ? ['--drain'] : []),
    ...(configPath === '' ? [] : ['-c', configPath]),
  ];
}

/** Whether there is something to be answered first, and a worker that does it. */
export function canDrain(job: JobReport): boolean {
  return backlogOf(job) > 0 && (job.state === 'running' || job.state === 'full');
}

export function backlogOf({ queue }: JobReport): number {
  return queue.waiting + queue.pending;
}

export function jobsOf(app: App, target: Target): readonly JobReport[] {
  return app.store
    .jobs()
    .filter(
      ({ jobName, redis }) =>
        jobName === target.jobName && (target.redis === undefined || redis === target.redis),
    );
}

/** Reads what is left after a stop. What is known stays until then: rows that went and came back would lose the selection. */
export async function lookAgain(app: App): Promise<void> {
  await refreshJobs(app);
  app.watcher.restart();
  app.queues.watcher.restart();
}

/** How many records a stop still waits for, where its line says that. */
export function leftOf({ draining }: JsonLine): number | undefined {
  return typeof draining === 'number' ? draining : undefined;
}
