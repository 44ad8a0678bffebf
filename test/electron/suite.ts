import assert from 'node:assert/strict';
import Mocha from 'mocha';
import {
  Position,
  Uri,
  WorkspaceEdit,
  commands,
  extensions,
  languages,
  window,
  workspace,
  type Diagnostic,
} from 'vscode';
import { commandId, commands as table, type CommandName } from '../../schemas/commands.ts';

/** What can be asked of the extension from within an editor. It runs in VS Code for the desktop, and in no other way. */
export function run(): Promise<void> {
  const mocha = new Mocha({ ui: 'bdd', timeout: 30_000 });
  mocha.suite.emit('pre-require', globalThis, '', mocha);
  define();
  return new Promise((resolve, reject) => {
    mocha.run((failures) => {
      if (failures === 0) resolve();
      else reject(new Error(`${failures} tests failed`));
    });
  });
}

function define(): void {
  describe('the extension', () => {
    it('has every command of its table, and activates', async () => {
      await extensions.getExtension('cluster-serving.cluster-serving')?.activate();
      const known = await commands.getCommands(true);
      const missing = (Object.keys(table) as CommandName[])
        .map(commandId)
        .filter((id) => !known.includes(id));
      assert.deepEqual(missing, []);
    });

    it('marks a mistyped key', async () => {
      const [folder] = workspace.workspaceFolders ?? [];
      assert.ok(folder);
      const uri = Uri.joinPath(folder.uri, 'config.yaml');
      const marked = firstDiagnostics(uri);
      await window.showTextDocument(await workspace.openTextDocument(uri));
      // Not saved: the example stays as it is.
      const edit = new WorkspaceEdit();
      edit.insert(uri, new Position(0, 0), 'jobNmae: digits\n');
      await workspace.applyEdit(edit);
      assert.ok((await marked).some(({ range }) => range.start.line === 0));
    });
  });
}

function firstDiagnostics(uri: Uri): Promise<readonly Diagnostic[]> {
  return new Promise((resolve) => {
    const subscription = languages.onDidChangeDiagnostics(({ uris }) => {
      const found = languages.getDiagnostics(uri);
      if (!uris.some((one) => one.toString() === uri.toString()) || found.length === 0) return;
      subscription.dispose();
      resolve(found);
    });
  });
}
