import { l10n, window } from 'vscode';
import type { App, Handler } from '../../app.ts';
import { runStop } from './stopJob.ts';
import { refreshJobs, targetRedis } from '../target.ts';

/** Stops every job of a Redis and, if it was started for them, the Redis with all that is in it. */
export function shutDown(app: App): Handler {
  return async (argument) => {
    const target = await targetRedis(app, argument);
    if (!target) return;
    await refreshJobs(app);
    const redis = app.store
      .jobs()
      .find(({ workers }) =>
        workers.some(({ registration }) => registration.configPath === target.configPath),
      )?.redis;
    const jobs = app.store.jobs().filter((job) => redis === undefined || job.redis === redis);
    const waiting = jobs.reduce((sum, { queue }) => sum + queue.waiting + queue.pending, 0);
    const dead = jobs.reduce((sum, { queue }) => sum + queue.dead, 0);
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
    await runStop(app, l10n.t('Shutting down'), [
      'shutdown',
      '--yes',
      '--json',
      '-c',
      target.configPath,
      ...(picked === keep ? ['--keep-data'] : []),
    ]);
    app.queues.store.forget();
    app.queues.watcher.restart();
  };
}
