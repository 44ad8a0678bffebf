import { ProgressLocation, l10n, window } from 'vscode';
import type { JobReport } from '../../../../schemas/jobEvents.ts';
import type { App, Handler } from '../../app.ts';
import { jobId } from '../../jobs/jobStore.ts';
import { flowOf } from '../../jobs/flow.ts';
import type { JsonLine } from '../../jobs/cli.ts';
import { short, span } from '../../views/figures.ts';
import { reportError } from '../report.ts';
import { refreshJobs, targetJob, type Target } from '../target.ts';

/** Stops one job. It answers its records in flight; waiting records stay in the queue, unless the user wants them answered
 *  first. */
export function stopJob(app: App): Handler {
  return async (argument) => {
    const target = await targetJob(app, argument);
    if (!target) return;
    const mode = await askMode(app, target);
    if (mode === 'not') return;
    const { configPath, jobName } = target;
    await runStop(
      app,
      l10n.t('Stopping "{0}"', jobName),
      [
        'stop',
        ...(jobName === '' ? [] : [jobName]),
        '--json',
        ...(mode === 'drain' ? ['--drain'] : []),
        ...(configPath === '' ? [] : ['-c', configPath]),
      ],
      jobsOf(app, target),
    );
  };
}

/** Only a queue with something in it leaves a choice. */
async function askMode(app: App, target: Target): Promise<'now' | 'drain' | 'not'> {
  await refreshJobs(app);
  const [job] = jobsOf(app, target);
  const waiting = job ? job.queue.waiting + job.queue.pending : 0;
  if (!job || waiting === 0 || (job.state !== 'running' && job.state !== 'full')) return 'now';
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

function jobsOf(app: App, target: Target): readonly JobReport[] {
  return app.store
    .jobs()
    .filter(
      ({ jobName, redis }) =>
        jobName === target.jobName && (target.redis === undefined || redis === target.redis),
    );
}

/** Runs a command that stops jobs, and reads what is left. Cancel ends the wait for a queue; what has been asked
 *  to stop by then stops. */
export async function runStop(
  app: App,
  title: string,
  args: readonly string[],
  jobs: readonly JobReport[],
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
    app.store.forget();
    await refreshJobs(app);
    app.watcher.restart();
    app.queues.watcher.restart();
  } catch (error) {
    await reportError(app.log, error);
  }
}

function leftOf({ draining }: JsonLine): number | undefined {
  return typeof draining === 'number' ? draining : undefined;
}
