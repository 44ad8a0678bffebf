import { l10n, window } from 'vscode';
import type { ChangeReport } from '../../../../schemas/redis/queueReports.ts';
import type { App } from '../../app.ts';
import { reportError } from '../report.ts';

/** Changes a queue, reports the outcome, and reads it again. */
export async function changeQueue(app: App, change: () => Promise<ChangeReport | undefined>): Promise<void> {
  try {
    const report = await change();
    app.queues.watcher.restart();
    if (!report) return;
    const { done, refused } = report;
    const [first] = refused;
    if (first)
      await window.showWarningMessage(
        l10n.t('{0} of {1} records: {2}', done, done + refused.length, `${first.id}: ${first.why}`),
      );
    else window.setStatusBarMessage(done === 1 ? l10n.t('1 record') : l10n.t('{0} records', done), 5_000);
  } catch (error) {
    await reportError(app.log, error);
  }
}

/** Asks before what cannot be taken back. @returns whether to go on */
export async function confirm(question: string, detail: string, button: string): Promise<boolean> {
  return (await window.showWarningMessage(question, { modal: true, detail }, button)) === button;
}
