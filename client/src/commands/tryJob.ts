import { ProgressLocation, Uri, l10n, window } from 'vscode';
import type { App, Handler } from '../app.ts';
import { predictionText } from '../jobs/predictionText.ts';
import { reportError } from './report.ts';
import { targetConfig } from './target.ts';

/** Sends files through the queue and shows the predictions beside the editor. */
export function tryJob(app: App): Handler {
  return async (argument) => {
    const target = await targetConfig(app, argument);
    if (!target) return;
    const files = await window.showOpenDialog({
      canSelectMany: true,
      defaultUri: Uri.joinPath(Uri.file(target.configPath), '..'),
      filters: { [l10n.t('Records')]: ['png', 'jpg', 'jpeg', 'json', 'npy'] },
      openLabel: l10n.t('Predict'),
    });
    if (!files || files.length === 0) return;
    const paths = files.map(({ fsPath }) => fsPath);
    try {
      const lines = await window.withProgress(
        {
          location: ProgressLocation.Notification,
          title: l10n.t('Waiting for "{0}"', target.jobName),
          cancellable: true,
        },
        (_progress, token) => {
          const abort = new AbortController();
          token.onCancellationRequested(() => abort.abort());
          return app.cli.run(['predict', '--json', '-c', target.configPath, '--', ...paths], {
            signal: abort.signal,
          });
        },
      );
      if (lines.length === 0) return;
      await app.reports.show(
        l10n.t('Prediction of {0}.md', target.jobName),
        predictionText(target.jobName, lines),
      );
    } catch (error) {
      await reportError(app.log, error, target.configPath);
    }
  };
}
