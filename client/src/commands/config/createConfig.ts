import { Uri, commands, l10n } from 'vscode';
import type { App, Handler } from '../../app.ts';
import { pickFolder } from './pickFolder.ts';
import { reportError } from '../report.ts';

/** Writes the commented template into a folder of the workspace and opens it; a file that is there is only opened. */
export function createConfig(app: App): Handler {
  return async (argument) => {
    const folder = argument instanceof Uri ? argument : await pickFolder(l10n.t('Create config.yaml here'));
    if (!folder) return;
    try {
      await app.cli.run(['init'], { cwd: folder.fsPath });
      await commands.executeCommand('vscode.open', Uri.joinPath(folder, 'config.yaml'));
    } catch (error) {
      await reportError(app.log, error);
    }
  };
}
