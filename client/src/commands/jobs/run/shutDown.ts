import { l10n, window } from 'vscode';
import type { QueueReport } from '../../../../../schemas/redis/queueReports.ts';
import type { App, Handler } from '../../../app.ts';
import { runStop } from './stopJob.ts';
import { refreshJobs, targetRedis, type Target } from '../../target.ts';

/** Stops every job of a Redis and, if it was started for them, the Redis with all that is in it. */
export function shutDown(app: App): Handler {
  return async (argument) => {
    const target = await targetRedis(app, argument);
    if (!target) return;
    // Together: the question should come soon after the click.
    const [queues] = await Promise.all([queuesOf(app, target), refreshJobs(app)]);
    const redis = app.store
      .jobs()
      .find(({ workers }) =>
        workers.some(({ registration }) => registration.configPath === target.configPath),
      )?.redis;
    const jobs = app.store.jobs().filter((job) => redis === undefined || job.redis === redis);
    const waiting = queues.reduce((sum, queue) => sum + queue.waiting + queue.pending, 0);
    const dead = queues.reduce((sum, queue) => sum + queue.dead, 0);
    const names = jobs.map(({ jobName }) => jobName).join(', ');
    const go = l10n.t('Shut Down');
    const keep = l10n.t('Shut Down, Keep the Data');
    const picked = await window.showWarningMessage(
      l10n.t('Shut down the jobs and their Redis?'),
      {
        modal: true,
        detail: [
          jobs.length === 0 ? l10n.t('No job is known to run.') : l10n.t('This stops: {0}.', names),
          l10n.t(
            'A Redis that was started for them also stops. This loses {0} waiting records, {1} dead letters and the unread results.',
            waiting,
            dead,
          ),
          l10n.t('A Redis that was not started from here goes on, with its data.'),
        ].join('\n\n'),
      },
      go,
      keep,
    );
    if (picked === undefined) return;
    await runStop(
      app,
      l10n.t('Shutting down'),
      ['shutdown', '--yes', '--json', '-c', target.configPath, ...(picked === keep ? ['--keep-data'] : [])],
      jobs,
      // It may answer no more, so nothing else would say that its jobs are gone.
      () => app.store.forget(redis),
    );
    app.queues.store.forget();
    app.queues.watcher.restart();
  };
}

/** The queues of a Redis, those of jobs that do not run too: what waits there is lost like the rest. */
async function queuesOf(app: App, { configPath }: Target): Promise<readonly QueueReport[]> {
  const names = (await app.configs.all()).map(({ jobName }) => jobName);
  try {
    const lines = await app.cli.run(['queue', 'list', '--json', '-c', configPath, '--', ...new Set(names)]);
    return lines.flatMap(({ queues }) => (queues ?? []) as readonly QueueReport[]);
  } catch {
    // A Redis that is away holds nothing that could be counted; the command itself says what is wrong.
    return [];
  }
}
