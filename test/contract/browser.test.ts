import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { createContext, runInContext } from 'node:vm';
import { beforeAll, expect, test } from 'vitest';
import { commandId, commands, onMachine, type CommandName } from '../../schemas/editor/commands.ts';
import { root } from '../support/serving.ts';

const folder = `${root}/dist/browser`;

beforeAll(() => {
  execFileSync(process.execPath, ['scripts/build.mjs', '--browser'], { cwd: root });
}, 60_000);

interface Message {
  readonly id?: number;
  readonly method?: string;
  readonly params?: unknown;
  readonly result?: unknown;
  readonly error?: unknown;
}

/** The server in a world that has what workers of browsers have, and nothing else: no Node, and no code made of text. */
function startWorker() {
  const told: Message[] = [];
  const waiting = new Set<() => void>();
  const self: { onmessage?: (event: { data: Message }) => void; postMessage: (message: Message) => void; addEventListener: () => void } = {
    addEventListener: () => undefined,
    postMessage(message) {
      told.push(JSON.parse(JSON.stringify(message)) as Message);
      for (const look of waiting) look();
    },
  };
  const world = { self, setTimeout, clearTimeout, setInterval, clearInterval, queueMicrotask, TextDecoder, TextEncoder, URL, AbortSignal, AbortController, console };
  const context = createContext({ ...world }, { codeGeneration: { strings: false, wasm: false } });
  runInContext(readFileSync(`${folder}/languageServer.js`, 'utf8'), context);
  const send = (message: Message) => self.onmessage?.({ data: { jsonrpc: '2.0', ...message } as Message });
  const found = (isWanted: (message: Message) => boolean): Promise<Message> =>
    new Promise((resolve) => {
      const look = () => {
        const message = told.find(isWanted);
        if (!message) return;
        waiting.delete(look);
        resolve(message);
      };
      waiting.add(look);
      look();
    });
  let id = 0;
  return {
    notify: (method: string, params: object) => send({ method, params }),
    async request(method: string, params: object): Promise<unknown> {
      const asked = ++id;
      send({ id: asked, method, params });
      const { result, error } = await found((message) => message.id === asked && message.method === undefined);
      expect(error).toBeUndefined();
      return result;
    },
    problems: async (version: number) =>
      (await found(({ method, params }) => method === 'textDocument/publishDiagnostics' && (params as { version?: number }).version === version))
        .params as { readonly diagnostics: readonly { readonly code: string }[] },
  };
} // prettier-ignore

test('the language server works in a browser: problems, completion, hover, fixes and conversion', async () => {
  const server = startWorker();
  const uri = 'vscode-vfs://github/o/r/config.yaml';
  const textDocument = { uri };
  await server.request('initialize', { processId: null, rootUri: 'vscode-vfs://github/o/r', capabilities: {} });
  server.notify('initialized', {});
  const text = 'modelPath: ../models\njob_name: x\nredis:\n  maxmem: 4g\n';
  server.notify('textDocument/didOpen', {
    textDocument: { uri, languageId: 'yaml', version: 1, text },
  });
  // A folder that cannot be looked at has nothing wrong with it.
  expect((await server.problems(1)).diagnostics.map(({ code }) => code)).toEqual(['unknown-key', 'nested-form']);
  const at = (line: number, character: number) => ({ textDocument, position: { line, character } });
  expect(await server.request('textDocument/hover', at(0, 2))).toMatchObject({
    contents: { value: expect.stringContaining('modelPath') as string },
  });
  const items = (await server.request('textDocument/completion', at(4, 0))) as { label: string }[];
  expect(items.map(({ label }) => label)).toContain('threadPerModel');
  const range = { start: { line: 1, character: 0 }, end: { line: 1, character: 3 } };
  const actions = (await server.request('textDocument/codeAction', { textDocument, range, context: { diagnostics: [] } })) as { title: string }[];
  expect(actions.map(({ title }) => title)).toContain('Change to jobName');
  expect(await server.request('clusterServing/convert', { text })).toBe('modelPath: ../models\njob_name: x\nredisMaxMemory: 4g\n');
  const values = { text: '{modelPath: m}', values: { jobName: 'a, b' } };
  expect(await server.request('clusterServing/setValues', values)).toBe('{modelPath: m, jobName: "a, b"}');
}); // prettier-ignore

test('it is small, and neither it nor the extension asks for what Node has', () => {
  const server = readFileSync(`${folder}/languageServer.js`);
  expect(server.length).toBeLessThanOrEqual(400_000);
  expect(server.toString()).not.toMatch(/\brequire\(|\beval\(|new Function\b|["']node:/);
  const required = readFileSync(`${folder}/extension.js`, 'utf8').matchAll(/\brequire\(["']([^"']+)["']\)/g);
  expect(new Set(Array.from(required, ([, name]) => name))).toEqual(new Set(['vscode']));
});

test('what needs a machine is offered only where there is one', () => {
  const { contributes, browser } = JSON.parse(readFileSync(`${root}/package.json`, 'utf8')) as {
    readonly browser: string;
    readonly contributes: {
      readonly menus: Readonly<Record<string, readonly { readonly command: string; readonly when?: string }[]>>;
      readonly views: Readonly<Record<string, readonly { readonly when: string }[]>>;
      readonly walkthroughs: readonly { readonly when: string }[];
    };
  };
  expect(browser).toBe('./dist/browser/extension.js');
  const { menus, views, walkthroughs } = contributes;
  for (const name of Object.keys(commands) as CommandName[]) {
    if ('inBrowser' in commands[name]) continue;
    const inPalette = menus.commandPalette?.find(({ command }) => command === commandId(name));
    expect([name, inPalette?.when]).toEqual([name, expect.stringMatching(/^false$|^\(!isWeb \|\| remoteName\)/)]);
  }
  for (const [menu, places] of Object.entries(menus))
    for (const { command, when = '' } of places) {
      const isFree = Object.entries(commands).some(([name, row]) => 'inBrowser' in row && commandId(name as CommandName) === command);
      if (!isFree && !menu.startsWith('view/') && when !== 'false') expect([command, when]).toEqual([command, expect.stringContaining(onMachine)]);
    }
  for (const { when } of [...Object.values(views).flat(), ...walkthroughs]) expect(when).toBe(onMachine);
}); // prettier-ignore
