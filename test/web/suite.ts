import 'mocha/mocha';
import { MarkdownString, Position, Uri, WorkspaceEdit, commands, languages, window, workspace, type CodeAction, type CompletionList, type Diagnostic, type Hover, type TextDocument } from 'vscode'; // prettier-ignore
import { commandId, commands as allCommands, type CommandName } from '../../schemas/editor/commands.ts';
import { configLanguageId } from '../../schemas/editor/languageMessages.ts';

/** What the extension does in an editor that is a page in a browser. The suite runs as it does, in a worker. */
export function run(): Promise<void> {
  mocha.setup({ ui: 'bdd', timeout: 60_000, reporter: 'spec', color: false });
  define();
  return new Promise((resolve, reject) => {
    mocha.run((failures) => {
      if (failures === 0) resolve();
      else reject(new Error(`${failures} tests failed`));
    });
  });
}

const faulty = 'modelPath: model\njob_name: x\nredis:\n  maxmem: 4g\n';

function define(): void {
  describe('the extension in a browser', () => {
    it('has nothing of Node to run on', () => {
      equal(typeof (globalThis as { process?: { versions?: { node?: string } } }).process?.versions?.node, 'undefined');
    });

    it('gives a config its language, and shows what is wrong with it', async () => {
      const document = await openConfig('language/config.yaml', faulty);
      await until(() => document.languageId === configLanguageId, workspace.onDidOpenTextDocument);
      const found = await diagnosticsOf(document, 2);
      equal(found.map(({ code }) => codeOf(code)).join(), 'unknown-key,nested-form');
    });

    it('completes, explains and fixes', async () => {
      const document = await openConfig('help/config.yaml', faulty);
      const [first] = await diagnosticsOf(document, 2);
      const { items } = await commands.executeCommand<CompletionList>('vscode.executeCompletionItemProvider', document.uri, new Position(4, 0));
      const labels = items.map(({ label }) => (typeof label === 'string' ? label : label.label));
      equal(labels.includes('threadPerModel'), true);
      const [hover] = await commands.executeCommand<Hover[]>('vscode.executeHoverProvider', document.uri, new Position(0, 2));
      const [content] = hover?.contents ?? [];
      equal(content instanceof MarkdownString && content.value.includes('modelPath'), true);
      const actions = await commands.executeCommand<CodeAction[]>('vscode.executeCodeActionProvider', document.uri, first?.range);
      const fix = actions.find(({ title }) => title === 'Change to jobName');
      equal(await workspace.applyEdit(fix?.edit ?? new WorkspaceEdit()), true);
      equal(document.lineAt(1).text, 'jobName: x');
    });

    it('converts the older form', async () => {
      const document = await openConfig('conversion/config.yaml', faulty);
      await commands.executeCommand(commandId('convertConfig'), document.uri);
      equal(document.getText(), 'modelPath: model\njob_name: x\nredisMaxMemory: 4g\n');
    });

    it('has the commands that need no machine', async () => {
      const known = new Set(await commands.getCommands(true));
      const names = (Object.keys(allCommands) as CommandName[]).filter((name) => 'inBrowser' in allCommands[name]);
      equal(names.filter((name) => !known.has(commandId(name))).join(), '');
    });

    it('leaves a file of another program alone', async () => {
      const document = await openConfig('other/config.yaml', 'title: a\nmodelPath: x\nparams:\n  a: 1\n');
      await diagnosticsOf(await openConfig('another/config.yaml', faulty), 2);
      equal(document.languageId, 'yaml');
      equal(languages.getDiagnostics(document.uri).length, 0);
    });

    it('shows a config until the user changes it', async () => {
      const document = await openConfig('shown.yaml', faulty);
      await until(() => document.isDirty, workspace.onDidChangeTextDocument);
    });
  });
} // prettier-ignore

function codeOf(code: Diagnostic['code']): string {
  return String(typeof code === 'object' ? code.value : code);
}

function equal(actual: unknown, expected: unknown): void {
  if (actual !== expected)
    throw new Error(`${JSON.stringify(expected)} is wanted, not ${JSON.stringify(actual)}`);
}

async function openConfig(path: string, text: string): Promise<TextDocument> {
  const uri = Uri.parse(`tmp:/workspace/${path}`);
  await workspace.fs.writeFile(uri, new TextEncoder().encode(text));
  const document = await workspace.openTextDocument(uri);
  await window.showTextDocument(document);
  return document;
}

function until(isSo: () => boolean, event: (listen: () => void) => { dispose(): unknown }): Promise<void> {
  return new Promise((resolve) => {
    const look = () => {
      if (!isSo()) return;
      subscription.dispose();
      resolve();
    };
    const subscription = event(look);
    look();
  });
}

async function diagnosticsOf({ uri }: TextDocument, count: number): Promise<readonly Diagnostic[]> {
  await until(() => languages.getDiagnostics(uri).length === count, languages.onDidChangeDiagnostics);
  return languages.getDiagnostics(uri);
}
