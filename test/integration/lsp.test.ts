import { cpSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import type {
  CodeLens,
  CompletionItem,
  Diagnostic,
  DocumentDiagnosticReport,
  Hover,
  Location,
  TextEdit,
  WorkspaceDiagnosticReport,
  WorkspaceEdit,
} from 'vscode-languageserver';
import {
  jobsNotification,
  recogniseRequest,
  type Recognised,
} from '../../schemas/editor/languageMessages.ts';
import { startLanguageClient, type LanguageClient, type ClientOptions } from '../support/languageClient.ts';
import { eventually } from '../support/redis.ts';
import { models } from '../support/serving.ts';

let folder = '';
let client: LanguageClient | undefined;

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'language server 模型-'));
});

afterEach(async () => {
  await client?.close();
  client = undefined;
  rmSync(folder, { recursive: true, force: true });
});

async function start(options: ClientOptions = {}): Promise<LanguageClient> {
  client = await startLanguageClient({ folder, ...options });
  return client;
}

function write(path: string, text: string): string {
  const full = join(folder, path);
  mkdirSync(join(full, '..'), { recursive: true });
  writeFileSync(full, text);
  return pathToFileURL(full).href;
}

const codes = (diagnostics: readonly Diagnostic[]) => diagnostics.map(({ code }) => code).sort();
const has = (code: string) => (diagnostics: readonly Diagnostic[]) => codes(diagnostics).includes(code);
const none = (diagnostics: readonly Diagnostic[]) => diagnostics.length === 0;

test('a whole session leaves nothing but the protocol on stdout', async () => {
  const uri = write('config.yaml', '');
  const editor = await start();
  await editor.open(uri, '# cluster-serving\n\n');
  const items = await editor.connection.sendRequest<CompletionItem[]>('textDocument/completion', {
    textDocument: { uri },
    position: { line: 1, character: 0 },
  });
  expect(items.map(({ label }) => label)).toContain('modelPath');
  client = undefined;
  expect(await editor.close()).toBe(0);
  let rest = editor.stdout();
  let messages = 0;
  while (rest !== '') {
    const header = /^Content-Length: (\d+)\r\n\r\n/.exec(rest);
    if (!header) throw new Error(`not protocol: ${rest.slice(0, 100)}`);
    const body = Buffer.from(rest.slice(header[0].length)).subarray(0, Number(header[1])).toString();
    expect(JSON.parse(body)).toMatchObject({ jsonrpc: '2.0' });
    rest = rest.slice(header[0].length + body.length);
    messages++;
  }
  expect(messages).toBeGreaterThanOrEqual(3);
});

test('the editor knows while the configs of the workspace are read', async () => {
  write('one/config.yaml', 'modelPath: m\njob_name: x\n');
  const editor = await start({ capabilities: { window: { workDoneProgress: true } } });
  await eventually('the end', () => Promise.resolve(editor.progress.at(-1) === 'end'));
  expect(editor.progress).toEqual(['begin', 'end']);
});

test('a file beside the workspace is not of it, however alike the names', async () => {
  const inside = join(folder, 'work');
  const uri = write('work-two/config.yaml', 'modelPath: m\njob_name: x\n');
  mkdirSync(inside);
  const editor = await start({ folder: inside });
  await editor.open(uri, 'modelPath: m\njob_name: x\n');
  await editor.problems(uri, has('unknown-key'));
  await editor.connection.sendNotification('textDocument/didClose', { textDocument: { uri } });
  await editor.problems(uri, none);
  // By the time this is answered, the file that was closed would have been read.
  const other = write('work/config.yaml', '');
  await editor.open(other, 'modelPath: m\njob_name: x\n');
  await editor.problems(other, has('unknown-key'));
  await editor.problems(uri, none);
});

describe('problems are sent', () => {
  test('for what is typed, with a link into the docs, and cleared when it is corrected', async () => {
    cpSync(join(models, 'mlp'), join(folder, 'model'), { recursive: true });
    const uri = write('config.yaml', '');
    const editor = await start();
    await editor.open(uri, 'modelPath: model\njob_name: x\n');
    const [found] = await editor.problems(uri, has('unknown-key'));
    expect(found).toMatchObject({
      range: { start: { line: 1, character: 0 }, end: { line: 1, character: 8 } },
    });
    expect(found?.codeDescription?.href).toMatch(/docs\/config\.md#unknown-key$/);
    await editor.change(uri, 'modelPath: model\njobName: x\n');
    await editor.problems(uri, none);
  });

  test('for a folder that is deleted while the file is open, and that comes back', async () => {
    cpSync(join(models, 'mlp'), join(folder, 'models', 'a'), { recursive: true });
    const uri = write('config.yaml', 'modelPath: models/a\n');
    const editor = await start();
    await editor.open(uri, 'modelPath: models/a\n');
    await editor.problems(uri, none);
    rmSync(join(folder, 'models'), { recursive: true });
    await editor.problems(uri, has('model-missing'));
    cpSync(join(models, 'mlp'), join(folder, 'models', 'a'), { recursive: true });
    await editor.problems(uri, none);
  });

  test('for configs that are not open, and cleared when they are deleted', async () => {
    const uri = write('a/config.yaml', 'modelPath: nowhere\n');
    write('b/config.yaml', 'baseURL: x\ntitle: y\n');
    const editor = await start();
    await editor.problems(uri, has('model-missing'));
    rmSync(join(folder, 'a', 'config.yaml'));
    await editor.connection.sendNotification('workspace/didChangeWatchedFiles', {
      changes: [{ uri, type: 3 }],
    });
    await editor.problems(uri, none);
  });

  test('for a name that two configs share, in both, until one of them is changed', async () => {
    cpSync(join(models, 'mlp'), join(folder, 'model'), { recursive: true });
    const a = write('a/config.yaml', 'modelPath: ../model\njobName: x\n');
    const b = write('b/config.yaml', 'modelPath: ../model\njobName: x\nredisUrl: 127.0.0.1:6379\n');
    const editor = await start();
    await editor.problems(a, has('job-name-shared'));
    await editor.problems(b, has('job-name-shared'));
    await editor.open(b, 'modelPath: ../model\njobName: y\n');
    await editor.problems(a, none);
    await editor.problems(b, none);
  });

  test('for a file without a folder', async () => {
    client = await startLanguageClient();
    const uri = pathToFileURL(join(folder, 'config.yaml')).href;
    await client.open(uri, 'modelPath: nowhere\n');
    await client.problems(uri, has('model-missing'));
  });

  test('with the severities of the settings', async () => {
    const uri = write('config.yaml', '');
    const editor = await start({
      initializationOptions: {
        settings: { diagnostics: { severities: { 'model-missing': 'hint', 'dead-key': 'off' } } },
      },
    });
    await editor.open(uri, 'modelPath: nowhere\nperformance_mode: 1\n');
    const found = await editor.problems(uri, (all) => all[0]?.severity === 4);
    expect(codes(found)).toEqual(['model-missing']);
  });
});

test('a list of models for the frontend is checked beside the configs', async () => {
  const item = '- !<ClusterServingMetaData>\n  modelName: a\n  modelVersion: 1\n';
  write('a/config.yaml', 'modelPath: m\njobName: a\n');
  const uri = write('servables-conf.yaml', `modelMetaDataList:\n${item}  redisInputQueue: b\n`);
  const editor = await start();
  await editor.problems(uri, has('servable-without-job'));
  await editor.open(uri, `modelMetaDataList:\n${item}  redisInputQueue: a\n`);
  await editor.problems(uri, none);
});

describe('an editor that asks', () => {
  const capabilities = {
    textDocument: { diagnostic: {} },
    workspace: { diagnostics: { refreshSupport: true } },
  };

  test('gets the problems of a file', async () => {
    const uri = write('config.yaml', '');
    const editor = await start({ capabilities });
    await editor.open(uri, 'modelPath: nowhere\n');
    const report = await editor.connection.sendRequest<DocumentDiagnosticReport>('textDocument/diagnostic', {
      textDocument: { uri },
    });
    expect(report.kind === 'full' ? codes(report.items) : []).toEqual(['model-missing']);
  });

  test('gets those of the workspace, and the next answer only when something changes', async () => {
    const uri = write('a/config.yaml', 'modelPath: nowhere\n');
    const editor = await start({ capabilities });
    const known = new Map<string, string>();
    const ask = async () => {
      const { items } = await editor.connection.sendRequest<WorkspaceDiagnosticReport>(
        'workspace/diagnostic',
        {
          previousResultIds: Array.from(known, ([file, value]) => ({ uri: file, value })),
        },
      );
      for (const item of items) known.set(item.uri, item.resultId ?? '');
      return items.flatMap((item) => (item.kind === 'full' ? item.items : []));
    };
    let found: Diagnostic[] = [];
    while (found.length === 0) found = await ask();
    expect(codes(found)).toEqual(['model-missing']);
    const next = ask();
    writeFileSync(join(folder, 'a', 'config.yaml'), 'modelPath: nowhere\njob_name: x\n');
    await editor.connection.sendNotification('workspace/didChangeWatchedFiles', {
      changes: [{ uri, type: 2 }],
    });
    expect(codes(await next)).toContain('unknown-key');
  });

  test('is answered even after it has cancelled', async () => {
    const uri = write('config.yaml', '');
    const editor = await start({ capabilities });
    await editor.open(uri, 'modelPath: nowhere\n');
    const { CancellationTokenSource } = await import('vscode-languageserver/node');
    const answers = Array.from({ length: 50 }, () => {
      const source = new CancellationTokenSource();
      const answer = editor.connection.sendRequest(
        'textDocument/hover',
        { textDocument: { uri }, position: { line: 0, character: 2 } },
        source.token,
      );
      source.cancel();
      return answer.then(
        () => 'answered',
        () => 'cancelled',
      );
    });
    expect((await Promise.all(answers)).length).toBe(50);
  });
});

test('a job is renamed in configs, servables, Python and scripts at once', async () => {
  const config = write('a/config.yaml', 'modelPath: m\njobName: old\n');
  const other = write('b/config.yaml', 'modelPath: m\njobName: other\n');
  const servables = write(
    'servables-conf.yaml',
    'modelMetaDataList:\n - !<ClusterServingMetaData>\n   redisInputQueue: "old"\n   redisOutputQueue: "cluster-serving_old:"\n',
  );
  const python = write('client.py', 'q = InputQueue(host="h", name="old")\no = OutputQueue(name=\'old\')\n');
  const script = write('run.sh', 'http --redisInputQueue old --redisOutputQueue=cluster-serving_old:\n');
  const editor = await start();
  await editor.problems(config, has('model-missing'));
  await editor.open(config, 'modelPath: m\njobName: old\n');
  const at = { textDocument: { uri: config }, position: { line: 1, character: 10 } };
  await editor.problems(other, has('model-missing'));
  const references = await editor.connection.sendRequest<Location[]>('textDocument/references', {
    ...at,
    context: { includeDeclaration: false },
  });
  expect(references).toHaveLength(6);
  const edit = await editor.connection.sendRequest<WorkspaceEdit>('textDocument/rename', {
    ...at,
    newName: 'new',
  });
  const count = (uri: string) => edit.changes?.[uri]?.length ?? 0;
  expect([config, servables, python, script, other].map(count)).toEqual([1, 2, 2, 2, 0]);
  await editor.open(python, 'q = InputQueue(host="h", name="old")\n');
  const [definition] = await editor.connection.sendRequest<Location[]>('textDocument/definition', {
    textDocument: { uri: python },
    position: { line: 0, character: 31 },
  });
  expect(definition?.uri).toBe(config);
  await expect(
    editor.connection.sendRequest('textDocument/rename', { ...at, newName: 'a b' }),
  ).rejects.toThrow();
});

test('lenses show the state that the editor has sent, and are requested again when it changes', async () => {
  const uri = write('config.yaml', 'modelPath: /m\njobName: a\n');
  const editor = await start({
    capabilities: { workspace: { codeLens: { refreshSupport: true } } },
    initializationOptions: { commands: ['clusterServing.showLogs', 'clusterServing.stopJob'] },
  });
  let onRefresh = () => undefined as unknown;
  editor.connection.onRequest('workspace/codeLens/refresh', () => {
    onRefresh();
    return null;
  });
  await editor.open(uri, 'modelPath: /m\njobName: a\n');
  for (const state of ['running', 'failed']) {
    const refreshed = new Promise((resolve) => (onRefresh = () => resolve(undefined)));
    const jobs = [{ jobName: 'a', redis: 'localhost:6379', state }];
    await editor.connection.sendNotification(jobsNotification, { jobs });
    await refreshed;
    const lenses = await editor.connection.sendRequest<CodeLens[]>('textDocument/codeLens', {
      textDocument: { uri },
    });
    expect(lenses[0]?.command?.title).toContain(state);
    expect(lenses[0]?.command?.arguments).toEqual([uri]);
  }
});

test('an editor learns whether a text is recognised, by the settings that it has', async () => {
  const editor = await start({
    initializationOptions: { settings: { files: { include: ['**/mine.yaml'], exclude: ['**/old/**'] } } },
  });
  const ask = async (name: string, text: string) => {
    const uri = pathToFileURL(join(folder, name)).href;
    return editor.connection.sendRequest<Recognised>(recogniseRequest, { uri, languageId: 'yaml', text });
  };
  const own = 'modelPath: /m\njobName: a\n';
  expect(await ask('a/config.yaml', own)).toMatchObject({ kind: 'config' });
  expect(await ask('old/config.yaml', own)).toMatchObject({ kind: 'foreign', ownKeys: 2 });
  expect(await ask('mine.yaml', 'title: x\n')).toMatchObject({ kind: 'config', ownKeys: 0 });
  expect(await ask('other.yaml', 'modelPath: a\nb: 1\nc: 2\n')).toMatchObject({
    kind: 'foreign',
    ownKeys: 1,
  });
});

test('a list of models gets fields and their meaning', async () => {
  const uri = write('servables-conf.yaml', '');
  const editor = await start();
  await editor.open(uri, 'modelMetaDataList:\n- !<ClusterServingMetaData>\n  redisPort: 1\n  \n');
  const items = await editor.connection.sendRequest<CompletionItem[]>('textDocument/completion', {
    textDocument: { uri },
    position: { line: 3, character: 2 },
  });
  expect(items.map(({ label }) => label)).toContain('countWindow');
  const hover = await editor.connection.sendRequest<Hover>('textDocument/hover', {
    textDocument: { uri },
    position: { line: 2, character: 4 },
  });
  expect(hover.range).toEqual({ start: { line: 2, character: 2 }, end: { line: 2, character: 11 } });
});

test('a new line is indented during typing, in recognised files and in no foreign file', async () => {
  const ask = async (name: string, text: string) => {
    const uri = write(name, '');
    await editor.open(uri, text);
    return editor.connection.sendRequest<TextEdit[]>('textDocument/onTypeFormatting', {
      textDocument: { uri },
      position: { line: text.split('\n').length - 1, character: 0 },
      ch: '\n',
      options: { tabSize: 2, insertSpaces: true },
    });
  };
  const editor = await start();
  expect(editor.capabilities.documentOnTypeFormattingProvider).toMatchObject({ firstTriggerCharacter: '\n' });
  expect(await ask('config.yaml', '# cluster-serving\nmodel:\n')).toMatchObject([{ newText: '  ' }]);
  expect(await ask('servables-conf.yaml', 'modelMetaDataList:\n- !<ClusterServingMetaData>\n')).toMatchObject(
    [{ newText: '  ' }],
  );
  expect(await ask('other.yaml', 'model:\n')).toEqual([]);
});

test('everything that the server says it can do is answered, for a recognised and for a foreign file', async () => {
  cpSync(join(models, 'mlp'), join(folder, 'model'), { recursive: true });
  const uri = write('config.yaml', '');
  const foreign = write('other.yaml', '');
  const editor = await start({
    capabilities: { textDocument: { completion: { completionItem: { snippetSupport: true } } } },
    initializationOptions: { commands: ['clusterServing.startJob'] },
  });
  // A byte order mark, a surrogate pair and CRLF: positions must stay right.
  await editor.open(
    uri,
    '# 😀 one\r\n# two\r\nmodelPath: model # 😀\r\nperformance_mode:   1\r\ncoreNumberPerMachine: 4\r\n',
  );
  await editor.open(foreign, 'title: x\n');
  const range = { start: { line: 0, character: 0 }, end: { line: 5, character: 0 } };
  const position = { line: 2, character: 12 };
  const requests: [string, object][] = [
    ['textDocument/completion', { position: { line: 5, character: 0 } }],
    ['textDocument/hover', { position }],
    ['textDocument/codeAction', { range, context: { diagnostics: [] } }],
    ['textDocument/formatting', { options: { tabSize: 2, insertSpaces: true } }],
    ['textDocument/rangeFormatting', { range, options: { tabSize: 2, insertSpaces: true } }],
    ['textDocument/documentSymbol', {}],
    ['textDocument/foldingRange', {}],
    ['textDocument/selectionRange', { positions: [position] }],
    ['textDocument/documentHighlight', { position }],
    ['textDocument/documentLink', {}],
    ['textDocument/inlayHint', { range }],
    ['textDocument/codeLens', {}],
  ];
  for (const [method, params] of requests) {
    const ask = (file: string) =>
      editor.connection.sendRequest(method, { textDocument: { uri: file }, ...params });
    const answer = await ask(uri);
    expect([method, Array.isArray(answer) ? answer.length > 0 : answer !== null]).toEqual([method, true]);
    const empty = await ask(foreign);
    if (method !== 'textDocument/selectionRange') expect(empty ?? []).toEqual([]);
  }
  const hover = await editor.connection.sendRequest<Hover>('textDocument/hover', {
    textDocument: { uri },
    position,
  });
  expect(hover.range).toEqual({ start: { line: 2, character: 0 }, end: { line: 2, character: 16 } });
});
