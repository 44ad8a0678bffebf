import { isAbsolute, join } from 'node:path';
import { Uri, l10n, window, workspace, type TextEditor } from 'vscode';
import type { App, Handler } from '../../app.ts';
import { readSelection } from '../../jobs/selection.ts';
import { showPrediction } from './showPrediction.ts';
import { targetConfig } from '../target.ts';

/** Sends what is selected in the editor (JSON, an image as base64, the path of a file) and shows the prediction. */
export function predictSelection(app: App): Handler {
  return async () => {
    const editor = window.activeTextEditor;
    const selection = readSelection(editor?.document.getText(editor.selection) ?? '');
    const path = selection.kind === 'path' ? await findFile(selection.path, editor) : undefined;
    if (selection.kind === 'nothing' || (selection.kind === 'path' && path === undefined)) {
      await window.showWarningMessage(
        l10n.t('Select JSON instances, a list of numbers, an image as base64, or the path of a file.'),
      );
      return;
    }
    const target = await targetConfig(app, undefined);
    if (!target) return;
    const args = ['predict', '--json', '-c', target.configPath, '--'];
    await showPrediction(app, target, (signal) =>
      selection.kind === 'json'
        ? app.cli.run([...args, '-'], { signal, input: selection.body })
        : app.cli.run([...args, path ?? ''], { signal }),
    );
  };
}

/** A path starts from the file that it stands in, or from a folder of the workspace. */
async function findFile(path: string, editor: TextEditor | undefined): Promise<string | undefined> {
  const folders = [
    ...(editor?.document.uri.scheme === 'file' ? [join(editor.document.uri.fsPath, '..')] : []),
    ...(workspace.workspaceFolders ?? []).map(({ uri }) => uri.fsPath),
  ];
  const candidates = isAbsolute(path) ? [path] : folders.map((folder) => join(folder, path));
  for (const candidate of candidates) {
    try {
      await workspace.fs.stat(Uri.file(candidate));
      return candidate;
    } catch {
      // It is not there.
    }
  }
  return undefined;
}
