import { describe, expect, test } from 'vitest';
import { keyNames } from '../../../schemas/configKeys.ts';
import { applyEdits } from '../../../server/src/config/edits.ts';
import { complete } from '../../../server/src/language/features/complete/completion.ts';
import type { Completion } from '../../../server/src/language/features/complete/completionItem.ts';
import type { Files } from '../../../server/src/language/files.ts';
import { atCursor, inMemory, workspaceOf } from './world.ts';

const workspace = workspaceOf({
  'file:///work/other/config.yaml': 'modelPath: m\njobName: other\nredisUrl: far:1\n',
});

async function at(marked: string, files: Files = inMemory()): Promise<Completion[]> {
  const { config, offset } = atCursor(marked);
  const items = await complete(config, offset, { files, workspace });
  return [...items].sort((a, b) => a.rank - b.rank);
}

const labels = async (marked: string, files?: Files) => (await at(marked, files)).map(({ label }) => label);

/** The text once the item with this label is taken. */
async function taken(marked: string, label: string, files?: Files): Promise<string> {
  const item = (await at(marked, files)).find((one) => one.label === label);
  if (!item) throw new Error(`no ${label}`);
  return applyEdits(marked.replace('$0', ''), [{ range: item.range, newText: item.text }]);
}

describe('keys', () => {
  test('are offered where one begins, the required one first', async () => {
    const all = await labels('$0');
    expect(all[0]).toBe('modelPath');
    expect([...all].sort()).toEqual([...keyNames].sort());
  });

  test('are not offered twice, whatever they are called', async () => {
    const all = await labels('modelPath: /m\nsecureEnabled: true\n$0');
    expect(all).not.toContain('modelPath');
    expect(all).not.toContain('redisSecureEnabled');
  });

  test('come with a value, unless one is there', async () => {
    expect(await taken('modelPath: /m\nthr$0\n', 'threadPerModel')).toBe(
      'modelPath: /m\nthreadPerModel: 2\n',
    );
    expect(await taken('mod$0: /m\n', 'modelPath')).toBe('modelPath: /m\n');
    expect(await taken('mod$0el: /m\n', 'modelPath')).toBe('modelPath: /m\n');
  });

  test('that stand in comments come with the value there', async () => {
    expect(await taken('# jobName: mine # c\n$0', 'jobName')).toBe('# jobName: mine # c\njobName: mine');
  });

  test('are not offered in comments, below values or after them', async () => {
    for (const text of ['# $0', 'modelPath: /m\n    $0', 'modelPath: /m $0x'])
      expect((await labels(text)).filter((label) => (keyNames as readonly string[]).includes(label))).toEqual(
        [],
      );
  });

  test('stand at the indentation of the file', async () => {
    expect(await labels('    modelPath: /m\n    $0')).toContain('jobName');
  });
});

describe('values', () => {
  test.each<[string, readonly string[]]>([
    ['redisSecureEnabled: $0', ['true', 'false']],
    ['secureEnabled: $0', ['true', 'false']],
    ['queueUsed: $0', ['redis', 'kafka']],
    ['queueUsed: re$0 # c', ['redis', 'kafka']],
    ['postProcessing: $0', ['topN(5)', 'pickTopN(5)']],
    ['jobName: $0', ['serving_stream', 'serving', 'serving2', 'other']],
    ['redisUrl: $0', ['localhost:6379', 'far:1']],
    ['redisPassword: $0', ['${env:REDIS_PASSWORD}']],
    ['nonsense: $0', []],
    ['queueUsed:$0', []],
  ])('%s', async (text, wanted) => {
    expect(await labels(text)).toEqual(wanted);
  });

  test('replace what is there, but not the comment after it', async () => {
    expect(await taken('queueUsed: ka$0fka  # why', 'redis')).toBe('queueUsed: redis  # why');
    expect(await taken('queueUsed: "ka$0f"', 'redis')).toBe('queueUsed: "redis"');
    expect(await taken('queueUsed: $0', 'redis')).toBe('queueUsed: redis');
  });
});

describe('paths', () => {
  const files = inMemory({
    '/work/serving/config.yaml': '',
    '/work/serving/aaa/readme': '',
    '/work/serving/models/good/m.onnx': '',
    '/work/serving/models/two/a.onnx': '',
    '/work/serving/models/two/b.onnx': '',
    '/work/serving/near/m.onnx': '',
    '/work/serving/node_modules/x/m.onnx': '',
    '/work/store.p12': 'x',
  });

  test('of models lead to folders that hold one first', async () => {
    const items = await labels('modelPath: $0', files);
    expect(items.slice(0, 2)).toEqual(['near', 'models/good']);
    expect(items).toContain('aaa');
    expect(items).not.toContain('models/two');
    expect(items.join()).not.toContain('node_modules');
  });

  test('go on from what is typed', async () => {
    expect(await labels('modelPath: models/$0', files)).toEqual(['models/good', 'models/two']);
    expect(await taken('modelPath: models/go$0', 'models/good', files)).toBe('modelPath: models/good');
    expect(await labels('modelPath: /nowhere/$0', files)).toEqual([]);
  });

  test('of trust stores lead to files and folders', async () => {
    expect(await labels('redisSecureTrustStorePath: ../$0', files)).toEqual(['../store.p12', '../serving']);
  });

  test('come without the folders of a disk that does not answer', async () => {
    const hanging: Files = {
      ...files,
      look: (path) => (path.includes('models') ? new Promise(() => undefined) : files.look(path)),
    };
    expect(await labels('modelPath: $0', hanging)).toContain('aaa');
  });
});
