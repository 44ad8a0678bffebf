import { Uri, l10n, window, workspace } from 'vscode';
import type { JobReport } from '../../../schemas/jobEvents.ts';
import { onDeathDefault, type OnDeath } from '../../../schemas/editor/settings.ts';
import type { App } from '../app.ts';
import { executeOwn } from '../commands/execute.ts';
import type { Disposing } from '../disposing.ts';
import { createDeaths } from '../jobs/deaths.ts';
import { configOfJob } from '../jobs/places.ts';

/** What happens when a job dies, as the user wants it. */
export function onDeathNow(): OnDeath {
  return workspace.getConfiguration('clusterServing').get('jobs.onDeath', onDeathDefault);
}

/** Says that a job has died, where the user wants it, with what helps next. */
export function createDeathNotice(app: App): Disposing {
  const deaths = createDeaths();
  return app.store.onChange(() => {
    const dead = deaths.among(app.store.jobs(), (id) => app.store.announced(id) !== undefined);
    if (onDeathNow() === 'notification') for (const job of dead) void say(app, job);
  });
}

async function say(app: App, job: JobReport): Promise<void> {
  const { jobName, failure } = job;
  const configPath = configOfJob(job, app.configs.known());
  const logs = l10n.t('Show Logs');
  const start = l10n.t('Start');
  const text =
    failure === undefined
      ? l10n.t('"{0}" has died.', jobName)
      : l10n.t('"{0}" has died: {1}', jobName, failure);
  // What is on another machine is started there.
  const offers = configPath === undefined ? [] : [logs, start];
  const picked = await window.showErrorMessage(text, ...offers);
  if (picked === undefined || configPath === undefined) return;
  await executeOwn(picked === logs ? 'showLogs' : 'startJob', Uri.file(configPath));
}
