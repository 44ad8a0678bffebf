import { readFileSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import type { JobState } from '../../schemas/jobEvents.ts';
import { frameChinese } from '../../web/design/frameTexts.ts';
import { chinese as modelChinese } from '../../web/model/texts.ts';
import { chinese as monitorChinese } from '../../web/monitor/texts.ts';
import { chinese as recordsChinese } from '../../web/records/texts.ts';
import { chinese as tryChinese } from '../../web/try/texts.ts';
import { commandId, commands, type CommandName } from '../../schemas/editor/commands.ts';
import { languageToolPrefix } from '../../schemas/editor/editorTasks.ts';
import { mcpTools, readingTools } from '../../schemas/programs/mcpTools.ts';
import { tools } from '../../server/src/mcp/tools/tools.ts';

const root = join(import.meta.dirname, '..', '..');
const json = (path: string) => JSON.parse(readFileSync(join(root, path), 'utf8')) as Record<string, string>;
const source = join(root, 'client', 'src');
const sources = readdirSync(source, { recursive: true, encoding: 'utf8' })
  .filter((name) => name.endsWith('.ts'))
  .map((name) => readFileSync(join(source, name), 'utf8'));

test('every text of the manifest is there in both languages, and no other', () => {
  const manifest = readFileSync(join(root, 'package.json'), 'utf8');
  const used = new Set(Array.from(manifest.matchAll(/"%([\w.]+)%"/g), ([, key]) => key));
  expect(Object.keys(json('package.nls.json')).sort()).toEqual([...used].sort());
  expect(Object.keys(json('package.nls.zh-cn.json')).sort()).toEqual([...used].sort());
});

test('every text of the extension is translated, and no other', () => {
  const used = sources.flatMap((text) =>
    Array.from(text.matchAll(/\bt\(\s*'((?:[^'\\]|\\.)*)'/g), ([, message = '']) => message),
  );
  expect(sources.join('\n').match(/\bt\((?!message, \.\.\.args)/g)).toHaveLength(used.length);
  expect(Object.keys(json('l10n/bundle.l10n.zh-cn.json')).sort()).toEqual([...new Set(used)].sort());
});

test('translations keep the places of what is filled in', () => {
  const places = (text: string) => [...text.matchAll(/\{\d\}/g)].map(String).sort();
  for (const [message, text] of Object.entries(json('l10n/bundle.l10n.zh-cn.json')))
    expect([message, places(text)]).toEqual([message, places(message)]);
});

const pageTexts = {
  design: frameChinese,
  model: modelChinese,
  monitor: monitorChinese,
  records: recordsChinese,
  try: tryChinese,
} as const;

test.each(Object.entries(pageTexts))(
  'every text of the pages in web/%s is translated, with the places of what is filled in',
  (room, chinese) => {
    const places = (text: string) => [...text.matchAll(/\{\d\}/g)].map(String).sort();
    for (const [message, text] of Object.entries(chinese)) {
      expect([message, places(text)]).toEqual([message, places(message)]);
      // Names of figures are the same everywhere.
      if (!/^p\d+$/.test(message)) expect(text).toMatch(/[\p{Script=Han}（）]/u);
    }
    // A text that is used and not translated does not compile; states are said as they come.
    const states: readonly JobState[] = [
      'starting',
      'waiting-for-secret',
      'running',
      'full',
      'stopping',
      'failed',
      'stopped',
    ];
    const code = [room, 'pages']
      .flatMap((name) => {
        const folder = join(root, 'web', name);
        return readdirSync(folder).map((file) => join(folder, file));
      })
      .filter((path) => !/[tT]exts\.ts$/.test(path))
      .map((path) => readFileSync(path, 'utf8'))
      .join('\n');
    const unused = Object.keys(chinese).filter(
      (message) => !code.includes(`'${message}'`) && !code.includes(`"${message}"`),
    );
    expect(unused.sort()).toEqual(states.filter((state) => unused.includes(state)).sort());
  },
);

test('what a text links to is a command that exists', () => {
  const ids = new Set((Object.keys(commands) as CommandName[]).map(commandId));
  for (const file of ['package.nls.json', 'package.nls.zh-cn.json'])
    for (const [, id = ''] of Object.values(json(file))
      .join('\n')
      .matchAll(/\(command:(clusterServing\.\w+)/g))
      expect(ids).toContain(id);
});

test('the extension runs no program through a shell', () => {
  for (const text of sources) expect(text).not.toMatch(/shell: true|\bexec\(.*['"`]|child_process/);
});

test('the extension is never activated by everything, nor by a search of the workspace', () => {
  const { activationEvents } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8')) as {
    activationEvents: string[];
  };
  expect(activationEvents.filter((event) => event === '*' || event.startsWith('workspaceContains'))).toEqual(
    [],
  );
});

interface LanguageTool {
  readonly name: string;
  readonly tags: readonly string[];
  readonly when: string;
  readonly inputSchema: object;
}

test('language models get every tool that changes nothing, with the arguments that agents give it, and no other', () => {
  const { contributes } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8')) as {
    contributes: { languageModelTools: readonly LanguageTool[] };
  };
  const given = contributes.languageModelTools;
  expect(given.map(({ name }) => name)).toEqual(readingTools.map((name) => `${languageToolPrefix}${name}`));
  for (const [i, { name, tags, when, inputSchema }] of given.entries()) {
    const tool = readingTools[i] ?? 'doctor';
    expect([name, inputSchema]).toEqual([name, { ...tools[tool].inputSchema, $schema: undefined }]);
    expect(tags).toContain(mcpTools[tool].effect);
    expect(when).toContain('isWorkspaceTrusted');
  }
  const left = Object.entries(mcpTools).filter(([name]) => !readingTools.some((one) => one === name));
  expect(left.map(([, { effect }]) => effect)).toEqual(['sends', 'changes', 'changes', 'changes']);
});
