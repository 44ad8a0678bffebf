import assert from 'node:assert/strict';
import { connect } from 'node:net';
import Mocha from 'mocha';
import {
  Position,
  Range,
  Uri,
  LanguageModelTextPart,
  WorkspaceEdit,
  commands,
  extensions,
  languages,
  lm,
  tasks,
  window,
  workspace,
  type CodeAction,
  type CompletionList,
  type Diagnostic,
  type TextDocument,
} from 'vscode';
import { commandId, commands as table, type CommandName } from '../../schemas/editor/commands.ts';
import { languageToolPrefix, taskType } from '../../schemas/editor/editorTasks.ts';
import { readingTools, type McpToolName } from '../../schemas/programs/mcpTools.ts';
import { workersKey } from '../../schemas/redis/redisKeys.ts';

/** What can be asked of the extension from within an editor, on a workspace with the digits example. It runs in VS Code for
 *  the desktop and in the one that the other tests drive. */
export function run(): Promise<void> {
  const mocha = new Mocha({ ui: 'bdd', timeout: 60_000, color: false });
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

    it('marks a mistyped key, and corrects it', async () => {
      const document = await openConfig();
      const before = document.getText();
      // Not saved: the file stays as it is.
      await insert(document, new Position(0, 0), 'modlPath: model\n');
      const [found] = await diagnosticsOf(document, (all) => all.some(({ range }) => range.start.line === 0));
      assert.ok(found);
      const actions = await commands.executeCommand<CodeAction[]>(
        'vscode.executeCodeActionProvider',
        document.uri,
        found.range,
      );
      const fix = actions.find(({ edit }) => edit !== undefined);
      assert.ok(fix?.edit, 'a fix');
      assert.ok(await workspace.applyEdit(fix.edit));
      assert.match(document.lineAt(0).text, /^modelPath: model/);
      await commands.executeCommand('workbench.action.files.revert');
      assert.equal(document.getText(), before);
    });

    it('offers the folder that holds a model', async () => {
      const document = await openConfig();
      await insert(document, new Position(0, 0), 'modelPath: ./\n');
      const { items } = await commands.executeCommand<CompletionList>(
        'vscode.executeCompletionItemProvider',
        document.uri,
        new Position(0, 'modelPath: ./'.length),
      );
      const labels = items.map(({ label }) => (typeof label === 'string' ? label : label.label));
      assert.match(labels[0] ?? '', /model/);
      await commands.executeCommand('workbench.action.files.revert');
    });

    it('gives language models the tools that change nothing, and answers their calls', async () => {
      const given = lm.tools.map(({ name }) => name).filter((name) => name.startsWith(languageToolPrefix));
      const expected = readingTools.map((name) => `${languageToolPrefix}${name}`);
      assert.deepEqual(given.sort(), expected.sort());
      assert.match(await callTool('lint_config', { path: 'config.yaml' }), /1 config, no problems\./);
      assert.match(await callTool('explain_config', {}), /jobName: digits/);
      await assert.rejects(callTool('job_status', { config: 'nowhere.yaml' }), /nowhere\.yaml/);
    });

    it('starts the job of a config and stops it', async () => {
      const document = await openConfig();
      await commands.executeCommand(commandId('startJob'), document.uri);
      assert.equal(await askRedis(document, `HLEN ${workersKey}`), ':1');
      await commands.executeCommand(commandId('stopJob'), document.uri);
      assert.equal(await askRedis(document, `HLEN ${workersKey}`), ':0');
    });

    it('starts the file that is open if it has become a config just now, and no other', async () => {
      const first = await openConfig();
      const uri = Uri.joinPath(first.uri, '..', 'second.yaml');
      await workspace.fs.writeFile(uri, Buffer.from('title: no config yet\n'));
      const document = await workspace.openTextDocument(uri);
      await window.showTextDocument(document);
      const edit = new WorkspaceEdit();
      const all = new Range(0, 0, document.lineCount, 0);
      edit.replace(uri, all, first.getText().replace('jobName: digits', 'jobName: second'));
      assert.ok(await workspace.applyEdit(edit));
      await commands.executeCommand(commandId('startJob'));
      // Its queue.
      assert.equal(await askRedis(first, 'EXISTS second'), ':1');
      await commands.executeCommand(commandId('stopJob'), uri);
      await workspace.fs.delete(uri);
    });

    it('starts and stops the job of a config by tasks, which end when that has happened', async () => {
      const document = await openConfig();
      const found = await tasks.fetchTasks({ type: taskType });
      const named = (action: string) => found.find(({ definition }) => definition.action === action);
      const [start, stop] = [named('start'), named('stop')];
      assert.ok(start && stop, 'both tasks');
      assert.equal(start.isBackground, true);
      const execution = await tasks.executeTask(start);
      while ((await askRedis(document, `HLEN ${workersKey}`)) !== ':1')
        assert.ok(tasks.taskExecutions.includes(execution), 'the task goes on');
      const ended = new Promise<void>((resolve) => {
        const subscription = tasks.onDidEndTask(({ execution: { task } }) => {
          if (task.definition.action !== 'stop') return;
          subscription.dispose();
          resolve();
        });
      });
      await tasks.executeTask(stop);
      await ended;
      assert.equal(await askRedis(document, `HLEN ${workersKey}`), ':0');
      execution.terminate();
    });
  });
}

/** @returns the text that a language model gets */
async function callTool(name: McpToolName, input: object): Promise<string> {
  const options = { input, toolInvocationToken: undefined };
  const { content } = await lm.invokeTool(`${languageToolPrefix}${name}`, options);
  return content.map((part) => (part instanceof LanguageModelTextPart ? part.value : '')).join('\n');
}

async function openConfig(): Promise<TextDocument> {
  const [folder] = workspace.workspaceFolders ?? [];
  assert.ok(folder);
  const document = await workspace.openTextDocument(Uri.joinPath(folder.uri, 'config.yaml'));
  await window.showTextDocument(document);
  return document;
}

async function insert({ uri }: TextDocument, at: Position, text: string): Promise<void> {
  const edit = new WorkspaceEdit();
  edit.insert(uri, at, text);
  assert.ok(await workspace.applyEdit(edit));
}

function diagnosticsOf(
  { uri }: TextDocument,
  isWanted: (found: readonly Diagnostic[]) => boolean,
): Promise<readonly Diagnostic[]> {
  return new Promise((resolve) => {
    const look = () => {
      const found = languages.getDiagnostics(uri);
      if (!isWanted(found)) return;
      subscription.dispose();
      resolve(found);
    };
    const subscription = languages.onDidChangeDiagnostics(look);
    look();
  });
}

/** One command to the Redis of the config. @returns the first line of its answer */
function askRedis(document: TextDocument, command: string): Promise<string> {
  const [, host, port] = /^redisUrl: (.*):(\d+)$/m.exec(document.getText()) ?? [];
  return new Promise((resolve, reject) => {
    const socket = connect(Number(port), host);
    socket.once('error', reject);
    socket.once('data', (data) => {
      resolve(data.toString().split('\r\n')[0] ?? '');
      socket.destroy();
    });
    socket.write(`${command}\r\n`);
  });
}
