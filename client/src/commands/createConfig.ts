import { Uri, commands, l10n, window, workspace } from 'vscode';
import type { App, Handler } from '../app.ts';
import { reportError } from './report.ts';

/** Writes the commented template into a folder of the workspace and opens it; a file that is there is only opened. */
export function createConfig(app: App): Handler {
  return async (argument) => {
    const folder = argument instanceof Uri ? argument : await pickFolder();
    if (!folder) return;
    try {
      await app.cli.run(['init'], { cwd: folder.fsPath });
      await commands.executeCommand('vscode.open', Uri.joinPath(folder, 'config.yaml'));
    } catch (error) {
      await reportError(app.log, error);
    }
  };
}

async function pickFolder(): Promise<Uri | undefined> {
  const folders = workspace.workspaceFolders ?? [];
  if (folders.length > 1) return (await window.showWorkspaceFolderPick())?.uri;
  const [only] = folders;
  if (only) return only.uri;
  const picked = await window.showOpenDialog({
    canSelectFolders: true,
    canSelectFiles: false,
    openLabel: l10n.t('Create config.yaml here'),
  });
  return picked?.[0];
}
