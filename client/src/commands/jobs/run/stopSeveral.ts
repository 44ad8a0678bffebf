import { ProgressLocation, l10n, window } from 'vscode';
import type { App } from '../../../app.ts';
import { jobId } from '../../../jobs/jobStore.ts';
import { runEach } from '../../../jobs/several/runEach.ts';
import { short } from '../../../views/figures.ts';
import type { JobNode } from '../../../views/jobsTree.ts';
import { reportError } from '../../report.ts';
import { reportOutcome } from '../../several/reportOutcome.ts';
import type { Several } from '../../several/selected.ts';
import { refreshJobs, targetJob, type Target } from '../../target.ts';
import { backlogOf, canDrain, jobsOf, leftOf, lookAgain, stopCommand } from './stopping.ts';

/** Each is a program of its own, and most of its time it waits. */
const atOnce = 4;

/** Stops several jobs, after one question for all. */
export async function stopSeveral(app: App, { items, refused }: Several<JobNode>): Promise<void> {
  try {
    await refreshJobs(app);
    const found = await Promise.all(items.map((node) => targetJob(app, node)));
    const targets = found.filter((target) => target !== undefined);
    const mode = await askMode(app, targets);
    if (mode === 'not') return;
    const outcome = await stopEach(app, targets, mode === 'drain');
    await lookAgain(app);
    await reportOutcome(
      app,
      { done: outcome.done, refused: [...outcome.refused, ...refused] },
      l10n.t('{0} jobs are stopped', outcome.done),
    );
  } catch (error) {
    await reportError(app.log, error);
  }
}

/** What waits is named by job; where something does, it is the user's choice whether it is answered first. */
async function askMode(app: App, targets: readonly Target[]): Promise<'now' | 'drain' | 'not'> {
  const jobs = targets.flatMap((target) => jobsOf(app, target));
  const waits = jobs.filter(canDrain);
  const lines = jobs.map((job) =>
    canDrain(job) ? l10n.t('{0}: {1} records wait', job.jobName, short(backlogOf(job))) : job.jobName,
  );
  const now = l10n.t('Stop Now');
  const drain = l10n.t('Finish Them First');
  const picked = await window.showWarningMessage(
    l10n.t('Stop {0} jobs?', targets.length),
    {
      modal: true,
      detail: [
        lines.join('\n'),
        ...(waits.length > 0
          ? [l10n.t('Stopped now, they leave them in the queues for their next start.')]
          : []),
      ].join('\n\n'),
    },
    now,
    ...(waits.length > 0 ? [drain] : []),
  );
  return picked === now ? 'now' : picked === drain ? 'drain' : 'not';
}

/** Cancel ends the wait for the queues. */
function stopEach(app: App, targets: readonly Target[], drains: boolean) {
  const ids = targets.flatMap((target) => jobsOf(app, target).map(jobId));
  const title = l10n.t('Stopping {0} jobs', targets.length);
  const left = new Map<number, number>();
  return app.store.during(ids, 'stopping', () =>
    window.withProgress(
      { location: ProgressLocation.Notification, title, cancellable: drains },
      (progress, token) => {
        const abort = new AbortController();
        token.onCancellationRequested(() => abort.abort());
        const { signal } = abort;
        return runEach(
          targets,
          async (target, place) => {
            await app.cli.run(stopCommand(target, drains), {
              signal,
              onLine: (line) => {
                left.set(place, leftOf(line) ?? left.get(place) ?? 0);
                const sum = [...left.values()].reduce((total, one) => total + one, 0);
                if (drains) progress.report({ message: l10n.t('{0} records left', short(sum)) });
              },
            });
            return !signal.aborted;
          },
          { nameOf: ({ jobName }) => jobName, atOnce, signal },
        );
      },
    ),
  );
}
