import { ProgressLocation, l10n, window } from 'vscode';
import type { App } from '../../app.ts';
import type { JsonLine } from '../../jobs/cli.ts';
import { predictionText } from '../../jobs/predictionText.ts';
import { reportError } from '../report.ts';

/** Waits for predictions, which can be cancelled, and shows them beside the editor.
 *  @param ask  runs what prints them */
export async function showPrediction(
  app: App,
  { jobName, configPath }: { readonly jobName: string; readonly configPath?: string },
  ask: (signal: AbortSignal) => Promise<readonly JsonLine[]>,
): Promise<void> {
  try {
    const lines = await window.withProgress(
      {
        location: ProgressLocation.Notification,
        title: l10n.t('Waiting for "{0}"', jobName),
        cancellable: true,
      },
      (_progress, token) => {
        const abort = new AbortController();
        token.onCancellationRequested(() => abort.abort());
        return ask(abort.signal);
      },
    );
    if (lines.length === 0) return;
    await app.reports.show(
      l10n.t('Prediction of {0}.md', jobName),
      predictionText(jobName, lines, (message, ...args) => l10n.t(message, ...args)),
    );
  } catch (error) {
    await reportError(app.log, error, configPath);
  }
}
