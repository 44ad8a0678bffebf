import { Uri, l10n, window, workspace } from 'vscode';
import type { App, Handler } from '../../app.ts';
import { pickFolder } from './pickFolder.ts';
import { reportError } from '../report.ts';

/** Copies the classifier of handwritten digits into a folder `digits` and opens its config; one that is there is opened. */
export function addExample({ context, log }: App): Handler {
  return async () => {
    const folder = await pickFolder(l10n.t('Put the example here'));
    if (!folder) return;
    const example = Uri.joinPath(folder, 'digits');
    const config = Uri.joinPath(example, 'config.yaml');
    try {
      if (!(await exists(config)))
        await workspace.fs.copy(Uri.joinPath(context.extensionUri, 'examples', 'digits'), example);
      await window.showTextDocument(config);
    } catch (error) {
      await reportError(log, error);
    }
  };
}

async function exists(uri: Uri): Promise<boolean> {
  try {
    await workspace.fs.stat(uri);
    return true;
  } catch {
    return false;
  }
}
