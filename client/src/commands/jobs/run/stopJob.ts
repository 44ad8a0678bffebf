import { ProgressLocation, l10n, window } from 'vscode';
import type { JobReport } from '../../../../../schemas/jobEvents.ts';
import type { App, Handler } from '../../../app.ts';
import { jobId } from '../../../jobs/jobStore.ts';
import { flowOf } from '../../../jobs/flow.ts';
import { short, span } from '../../../views/figures.ts';
import { reportError } from '../../report.ts';
import { selectedJobs } from '../../several/selected.ts';
import { refreshJobs, targetJob, type Target } from '../../target.ts';
import { backlogOf, canDrain, jobsOf, leftOf, lookAgain, stopCommand } from './stopping.ts';
import { stopSeveral } from './stopSeveral.ts';

/** Stops one job. It answers its records in flight; waiting records stay in the queue, unless the user wants them answered
 *  first. */
export function stopJob(app: App): Handler {
  return async (argument, selection) => {
    const several = selectedJobs('stopJob', argument, selection);
    if (several) {
      await stopSeveral(app, several);
      return;
    }
    const target = await targetJob(app, argument);
    if (!target) return;
    const mode = await askMode(app, target);
    if (mode === 'not') return;
    await runStop(
      app,
      l10n.t('Stopping "{0}"', target.jobName),
      stopCommand(target, mode === 'drain'),
      jobsOf(app, target),
    );
  };
}

/** Only a queue with something in it leaves a choice. */
async function askMode(app: App, target: Target): Promise<'now' | 'drain' | 'not'> {
  await refreshJobs(app);
  const [job] = jobsOf(app, target);
  if (!job || !canDrain(job)) return 'now';
  const waiting = backlogOf(job);
  const now = l10n.t('Stop Now');
  const drain = l10n.t('Finish Them First');
  const { drainMs } = flowOf(job, [{ at: 0, backlog: waiting }]);
  const picked = await window.showWarningMessage(
    l10n.t('{0} records wait for "{1}".', short(waiting), target.jobName),
    {
      modal: true,
      detail: [
        l10n.t('Stopped now, it leaves them in the queue for its next start.'),
        drainMs === undefined
          ? l10n.t('At the present rate they are never finished.')
          : l10n.t('At the present rate they are finished in {0}.', span(drainMs)),
      ].join('\n\n'),
    },
    now,
    drain,
  );
  return picked === now ? 'now' : picked === drain ? 'drain' : 'not';
}

/** Runs a command that stops jobs, and reads what is left. Cancel ends the wait for a queue; what has been asked
 *  to stop by then stops. */
export async function runStop(
  app: App,
  title: string,
  args: readonly string[],
  jobs: readonly JobReport[],
  onStopped: () => void = () => undefined,
): Promise<void> {
  const stop = () =>
    window.withProgress(
      { location: ProgressLocation.Notification, title, cancellable: args.includes('--drain') },
      (progress, token) => {
        const abort = new AbortController();
        token.onCancellationRequested(() => abort.abort());
        return app.cli.run(args, {
          signal: abort.signal,
          onLine: (line) => {
            const left = leftOf(line);
            if (left !== undefined) progress.report({ message: l10n.t('{0} records left', short(left)) });
          },
        });
      },
    );
  try {
    await app.store.during(jobs.map(jobId), 'stopping', stop);
    onStopped();
    await lookAgain(app);
  } catch (error) {
    await reportError(app.log, error);
  }
}
