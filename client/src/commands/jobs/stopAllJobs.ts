import { l10n, window } from 'vscode';
import type { App, Handler } from '../../app.ts';
import { runStop } from './stopJob.ts';
import { refreshJobs } from '../target.ts';

/** Stops every serving that is known here, after a question. */
export function stopAllJobs(app: App): Handler {
  return async () => {
    await refreshJobs(app);
    const names = app.store.jobs().map(({ jobName }) => jobName);
    if (names.length === 0) {
      await window.showInformationMessage(l10n.t('No serving runs.'));
      return;
    }
    const go = l10n.t('Stop All');
    const picked = await window.showWarningMessage(
      l10n.t('Stop {0} servings?', names.length),
      { modal: true, detail: names.join('\n') },
      go,
    );
    if (picked === go)
      await runStop(app, l10n.t('Stopping all servings'), ['stop', '--all', '--json'], app.store.jobs());
  };
}
