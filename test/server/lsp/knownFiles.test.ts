import { describe, expect, test } from 'vitest';
import { TextDocument } from 'vscode-languageserver-textdocument';
import { configLanguageId } from '../../../schemas/editor/languageMessages.ts';
import { createKnownFiles } from '../../../server/src/lsp/knownFiles.ts';
import { identityOf } from '../../../server/src/workspace/fileIdentity.ts';
import { defaultSettings, readSettings, type Settings } from '../../../server/src/lsp/settings.ts';

const uri = 'file:///work/a%20b/config.yaml';
const known = (settings: Partial<Settings> = {}) =>
  createKnownFiles(() => ({ ...defaultSettings, ...settings }), identityOf);
const document = (text: string, name = uri, version = 1) => TextDocument.create(name, 'yaml', version, text);

describe('a file is known', () => {
  test('by what stands in it, as long as it is open and not turned off', () => {
    const files = known();
    files.see(document('title: x\n'), true);
    expect(files.get(uri)).toBeUndefined();
    files.see(document('modelPath: /m\n'), true);
    expect(files.config(uri)?.read.config?.modelPath).toBe('/m');
    files.see(document('title: x\n', uri, 2), true);
    expect(files.get(uri)?.kind).toBe('config');
    files.see(document('# cluster-serving: off\n', uri, 3), true);
    expect(files.get(uri)).toBeUndefined();
  });

  test('not any more when it is closed and changed on the disk', () => {
    const files = known();
    files.see(document('modelPath: /m\n'), false);
    files.forget(uri);
    files.see(document('title: x\n'), false);
    expect(files.get(uri)).toBeUndefined();
  });

  test('by the language that the user gave it, until a comment says otherwise', () => {
    const files = known();
    const text = (own: string) => ({ uri, languageId: configLanguageId, text: own });
    expect(files.recognise(text('title: x\n')).kind).toBe('config');
    expect(files.recognise({ ...text('title: x\n'), languageId: 'yaml' }).kind).toBe('foreign');
    expect(files.recognise(text('# cluster-serving: off\n')).kind).toBe('foreign');
    files.see(TextDocument.create(uri, configLanguageId, 1, ''), true);
    expect(files.get(uri)?.kind).toBe('config');
  });

  test('by the settings', () => {
    const included = known(readSettings({ files: { include: ['a b/*.yaml'] } }));
    included.see(document('title: x\n'), false);
    expect(included.get(uri)?.kind).toBe('config');
    const excluded = known(readSettings({ files: { exclude: ['**/a b/**'] } }));
    excluded.see(document('modelPath: /m\n'), false);
    expect(excluded.get(uri)).toBeUndefined();
  });
});

test('those are named that a change has to do with', () => {
  const files = known();
  const [a, b, c] = ['a', 'b', 'c'].map((name) => `file:///${name}/config.yaml`) as [string, string, string];
  expect(files.see(document('modelPath: /m\njobName: x\n', a), false)).toEqual([]);
  expect(files.see(document('modelPath: /m\njobName: y\n', c), false)).toEqual([]);
  expect(files.see(document('modelPath: /m\njobName: x\n', b), false)).toEqual([a]);
  expect(files.see(document('modelPath: /n\njobName: x\n', b), false)).toEqual([]);
  expect(files.see(document('modelPath: /n\njobName: y\n', b), false).toSorted()).toEqual([a, c]);
  expect(files.forget(b)).toEqual([c]);
});

describe('a file under two names', () => {
  const ours = 'file:///work/pro%20(copy)/config.yaml';
  const theirs = 'file:///work/pro%20%28copy%29/config.yaml';
  const text = 'modelPath: /m\njobName: x\n';

  test('is one: the open one counts, and does not clash with itself', () => {
    const files = known();
    files.see(document(text, ours), false);
    expect(files.see(document(text, theirs), true)).toEqual([ours]);
    expect([...files.all()].map(({ uri: name }) => name)).toEqual([theirs]);
    files.see(document('modelPath: /other\n', ours), false);
    expect(files.config(theirs)?.read.config?.modelPath).toBe('/m');
    expect(files.workspace.sameJob([...files.workspace.all()][0] as never)).toEqual([]);
  });

  test('does not clash with itself when both are open', () => {
    const files = known();
    files.see(document(text, ours), true);
    files.see(document(text, theirs), true);
    for (const facts of files.workspace.all()) expect(files.workspace.sameJob(facts)).toEqual([]);
    expect(files.get(ours)?.uri).toBe(ours);
  });

  test('is forgotten by either, unless it is open', () => {
    const files = known();
    files.see(document(text, ours), false);
    expect(files.forget(theirs)).toEqual([ours]);
    expect([...files.all()]).toEqual([]);
    files.see(document(text, ours), true);
    files.forget(theirs);
    expect(files.get(ours)).toBeDefined();
  });
});
