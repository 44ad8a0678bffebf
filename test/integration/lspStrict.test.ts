import { mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { startStrictClient, type Manner, type StrictClient } from '../support/strictClient.ts';
import { eventually } from '../support/redis.ts';

let folder = '';
let client: StrictClient;

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'strict client-'));
});
afterEach(async () => {
  await client.kill();
  rmSync(folder, { recursive: true, force: true });
});

function write(path: string, text: string): string {
  const full = join(folder, path);
  mkdirSync(join(full, '..'), { recursive: true });
  writeFileSync(full, text);
  return pathToFileURL(full).href;
}

const mistyped = 'modelPath: ${env:M}\njob_name: x\n';
const everything = {
  window: { workDoneProgress: true },
  workspace: {
    configuration: true,
    didChangeConfiguration: { dynamicRegistration: true },
    didChangeWatchedFiles: { dynamicRegistration: true },
    workspaceFolders: true,
  },
};

describe('the configs of the workspace are read', () => {
  test.each<Manner>(['answers', 'refuses', 'is silent'])('by a client that %s', async (manner) => {
    const uri = write('a/config.yaml', mistyped);
    client = startStrictClient(manner);
    const rootUri = pathToFileURL(folder).href;
    await client.initialize({ workspaceFolders: [{ uri: rootUri, name: 'w' }], capabilities: everything });
    await client.codes(uri, ['unknown-key']);
    expect(client.asked).toContain('workspace/configuration');
    expect(client.exitCode()).toBeNull();
  });

  test.each([
    ['an empty list of folders', { workspaceFolders: [] }],
    ['no capabilities', { capabilities: null }],
  ])('by a client that has a root and %s', async (_, params) => {
    const uri = write('a/config.yaml', mistyped);
    client = startStrictClient();
    await client.initialize({ rootUri: pathToFileURL(folder).href.replace('file:', 'FILE:'), ...params });
    await client.codes(uri, ['unknown-key']);
  });

  test.each([['rootUri'], ['rootPath']])('where a client names them by %s only', async (name) => {
    const uri = write('a/config.yaml', mistyped);
    client = startStrictClient();
    await client.initialize({ [name]: name === 'rootUri' ? pathToFileURL(folder).href : folder });
    await client.codes(uri, ['unknown-key']);
  });

  test('and their problems are sent where the client writes null for what it lacks', async () => {
    const uri = write('a/config.yaml', mistyped);
    client = startStrictClient();
    const capabilities = {
      textDocument: { diagnostic: null, hover: null, completion: null },
      workspace: null,
    };
    await client.initialize({ rootUri: pathToFileURL(folder).href, capabilities });
    await client.codes(uri, ['unknown-key']);
  });
});

describe('a client that knows only the oldest of the protocol', () => {
  const at = (line: number, character: number) => ({ position: { line, character } });
  let uri = '';
  beforeEach(async () => {
    uri = write('config.yaml', mistyped);
    client = startStrictClient();
    await client.initialize({ rootUri: null });
    await client.open(uri, `${mistyped}model:\n  name: y\n`);
  });

  test('gets plain text, flat symbols and completions without commands', async () => {
    const textDocument = { uri };
    const hover = (await client.request('textDocument/hover', { textDocument, ...at(0, 2) })) as {
      contents: { kind: string; value: string };
    };
    expect(hover.contents.kind).toBe('plaintext');
    expect(hover.contents.value).not.toMatch(/\*\*|`|\]\(/);
    const symbols = (await client.request('textDocument/documentSymbol', { textDocument })) as object[];
    expect(symbols.length).toBeGreaterThanOrEqual(4);
    expect(symbols).toEqual(symbols.map(() => expect.objectContaining({ location: expect.any(Object) as object }) as object));
    expect(symbols).toContainEqual(expect.objectContaining({ name: 'name', containerName: 'model' }));
    const items = (await client.request('textDocument/completion', { textDocument, ...at(4, 0) })) as object[];
    expect(items.length).toBeGreaterThan(5);
    for (const item of items) expect(item).not.toHaveProperty('command');
    const resolved = (await client.request('completionItem/resolve', items[0] ?? {})) as {
      documentation: { kind: string };
    };
    expect(resolved.documentation.kind).toBe('plaintext');
  }); // prettier-ignore

  test('gets commands for code actions, and is asked to make their edits', async () => {
    const commands = (await client.request('textDocument/codeAction', {
      textDocument: { uri },
      range: { start: { line: 1, character: 0 }, end: { line: 1, character: 3 } },
      context: { diagnostics: [] },
    })) as { title: string; command: string; arguments: unknown[] }[];
    const fix = commands.find(({ title }) => title === 'Change to jobName');
    await client.request('workspace/executeCommand', { command: fix?.command, arguments: fix?.arguments });
    expect(client.edits).toEqual([
      { edit: { changes: { [uri]: [expect.objectContaining({ newText: 'jobName' })] } } },
    ]);
  });

  test.each([-1, 0.5, 1e9, 2 ** 31 - 1])('gets sound positions for the line and column %d', async (n) => {
    const textDocument = { uri };
    const position = { line: n, character: n };
    const range = { start: position, end: position };
    for (const method of ['hover', 'completion', 'documentHighlight', 'definition', 'prepareRename'])
      await client.request(`textDocument/${method}`, { textDocument, position });
    await client.request('textDocument/codeAction', { textDocument, range, context: { diagnostics: [] } });
    await client.request('textDocument/selectionRange', { textDocument, positions: [position] });
    await client.request('textDocument/inlayHint', { textDocument, range });
  });
});

test('documents of no folder are not looked up in the folder of the server', async () => {
  client = startStrictClient();
  await client.initialize({ rootUri: null });
  for (const uri of ['untitled:Untitled-1', 'git:/a/config.yaml?ref', 'vscode-remote://ssh/a/config.yaml']) {
    await client.open(uri, 'modelPath: nowhere\njob_name: x\n');
    await client.codes(uri, ['unknown-key']);
    const items = (await client.request('textDocument/completion', {
      textDocument: { uri },
      position: { line: 0, character: 11 },
    })) as { items?: unknown[] } | unknown[];
    expect(Array.isArray(items) ? items : items.items).toEqual([]);
  }
});

describe('the protocol is kept', () => {
  const refusal = (code: number) => expect.objectContaining({ code }) as object;

  test('before, between and after initialize and shutdown', async () => {
    client = startStrictClient();
    const hover = { textDocument: { uri: 'file:///a' }, position: { line: 0, character: 0 } };
    await expect(client.request('textDocument/hover', hover)).rejects.toEqual(refusal(-32002));
    await client.initialize({ rootUri: null });
    await expect(client.request('initialize', { capabilities: {} })).rejects.toEqual(refusal(-32600));
    expect(await client.request('textDocument/hover', hover)).toBeNull();
    expect(await client.request('shutdown')).toBeNull();
    await expect(client.request('textDocument/hover', hover)).rejects.toEqual(refusal(-32600));
    await expect(client.request('shutdown')).rejects.toEqual(refusal(-32600));
    await client.connection.sendNotification('exit');
    await eventually('the end', () => Promise.resolve(client.exitCode() === 0));
  });

  test('when the problems of the workspace are asked for twice at once', async () => {
    const uri = write('a/config.yaml', mistyped);
    client = startStrictClient();
    const rootUri = pathToFileURL(folder).href;
    await client.initialize({ rootUri, capabilities: { textDocument: { diagnostic: {} } } });
    const ask = () =>
      client.request('workspace/diagnostic', { previousResultIds: [{ uri: 'x', value: '1' }] });
    const found = async (): Promise<void> => {
      if (!JSON.stringify(await ask()).includes('unknown-key')) await found();
    };
    await found();
    const first = ask();
    const second = ask();
    expect(await first).toEqual({ items: [] });
    writeFileSync(join(folder, 'a', 'config.yaml'), 'modelPath: ${env:M}\n');
    await client.connection.sendNotification('workspace/didChangeWatchedFiles', {
      changes: [{ uri, type: 2 }],
    });
    expect(await second).toMatchObject({ items: [{ uri, items: [] }] });
  });

  test('a glob that is none is logged and ignored', async () => {
    const uri = write('config.yaml', mistyped);
    client = startStrictClient();
    await client.initialize({
      rootUri: pathToFileURL(folder).href,
      initializationOptions: { settings: { files: { exclude: ['[', '{a'] } } },
    });
    await client.codes(uri, ['unknown-key']);
    expect(client.logged.filter((line) => line.includes('is no glob'))).toHaveLength(2);
  });
});

describe('a file has one name, and it is that of the client', () => {
  const encoded = (uri: string) => uri.replace(/[@()+!',;&=$*~]/g, (c) => `%${c.charCodeAt(0).toString(16).toUpperCase()}`);
  const text = 'modelPath: ${env:M}\njobName: alpha\n';

  test.each(['pro (copy)', "a@b+c!d'e", 'a,b;c&d=e', '$a*b~c'])('in a folder called %s', async (name) => {
    const uri = encoded(write(`${name}/config.yaml`, text));
    const other = write('other/config.yaml', mistyped);
    client = startStrictClient();
    await client.initialize({ rootUri: pathToFileURL(folder).href });
    await client.codes(other, ['unknown-key']);
    await client.open(uri, text);
    await client.codes(uri, []);
    const edit = (await client.request('textDocument/rename', {
      textDocument: { uri },
      position: { line: 1, character: 10 },
      newName: 'beta',
    })) as { changes: object };
    expect(Object.keys(edit.changes)).toEqual([uri]);
  });

  test('in a workspace that is reached by a link', async () => {
    write('real/config.yaml', text);
    const other = write('real/b/config.yaml', mistyped);
    symlinkSync(join(folder, 'real'), join(folder, 'link'));
    const uri = pathToFileURL(join(folder, 'link', 'config.yaml')).href;
    client = startStrictClient();
    await client.initialize({ rootUri: pathToFileURL(join(folder, 'real')).href });
    await client.codes(other, ['unknown-key']);
    await client.open(uri, text);
    await client.codes(uri, []);
    const symbols = await client.request('workspace/symbol', { query: 'alpha' });
    expect(symbols).toEqual([expect.objectContaining({ location: expect.objectContaining({ uri }) as object })]);
  });
}); // prettier-ignore
