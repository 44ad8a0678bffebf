import { l10n, window } from 'vscode';
import type { App, Handler } from '../../../app.ts';
import { runStop } from './stopJob.ts';
import { refreshJobs } from '../../target.ts';

/** Stops every known job, after a question. */
export function stopAllJobs(app: App): Handler {
  return async () => {
    await refreshJobs(app);
    const names = app.store.jobs().map(({ jobName }) => jobName);
    if (names.length === 0) {
      await window.showInformationMessage(l10n.t('No job is running.'));
      return;
    }
    const go = l10n.t('Stop All');
    const picked = await window.showWarningMessage(
      l10n.t('Stop {0} jobs?', names.length),
      { modal: true, detail: names.join('\n') },
      go,
    );
    if (picked === go)
      await runStop(app, l10n.t('Stopping all jobs'), ['stop', '--all', '--json'], app.store.jobs());
  };
}
