import { imageEndings } from '../../../../schemas/imageFormats.ts';
import { Uri, l10n, window } from 'vscode';
import type { App, Handler } from '../../app.ts';
import { showPrediction } from './showPrediction.ts';
import { targetConfig } from '../target.ts';

/** Sends files through the queue and shows the predictions beside the editor. */
export function tryJob(app: App): Handler {
  return async (argument) => {
    const target = await targetConfig(app, argument);
    if (!target) return;
    const files = await window.showOpenDialog({
      canSelectMany: true,
      defaultUri: Uri.joinPath(Uri.file(target.configPath), '..'),
      filters: { [l10n.t('Records')]: [...imageEndings, '.json', '.npy'].map((ending) => ending.slice(1)) },
      openLabel: l10n.t('Predict'),
    });
    if (!files || files.length === 0) return;
    const paths = files.map(({ fsPath }) => fsPath);
    await showPrediction(app, target, (signal) =>
      app.cli.run(['predict', '--json', '-c', target.configPath, '--', ...paths], { signal }),
    );
  };
}
