import { ProgressLocation, l10n, window, workspace } from 'vscode';
import type { ReloadReport } from '../../../../schemas/jobEvents.ts';
import type { App, Handler } from '../../app.ts';
import { reportError } from '../report.ts';
import { targetJob, type Target } from '../target.ts';

/** Lets a running job serve what its config and its model folder hold now. */
export function reloadJob(app: App): Handler {
  return async (argument) => {
    await workspace.saveAll(false);
    const target = await targetJob(app, argument);
    if (target) await runReload(app, target, 'reload');
  };
}

/** Lets a running job go one step back. */
export function rollBackJob(app: App): Handler {
  return async (argument) => {
    const target = await targetJob(app, argument);
    if (target) await runReload(app, target, 'rollback');
  };
}

async function runReload(
  app: App,
  { jobName, configPath }: Target,
  verb: 'reload' | 'rollback',
): Promise<void> {
  try {
    const lines = await window.withProgress(
      { location: ProgressLocation.Notification, title: l10n.t('Reloading "{0}"', jobName) },
      () => app.cli.run([verb, jobName, '--json', ...(configPath === '' ? [] : ['-c', configPath])]),
    );
    const reports = lines.flatMap(({ reloaded }) => (reloaded ?? []) as readonly ReloadReport[]);
    const isChanged = reports.some(({ changed }) => changed !== 'nothing');
    const text = isChanged
      ? l10n.t('"{0}" is reloaded', jobName)
      : l10n.t('Nothing has changed for "{0}"', jobName);
    window.setStatusBarMessage(text, 5_000);
  } catch (error) {
    await reportError(app.log, error, configPath === '' ? undefined : configPath);
  }
}
