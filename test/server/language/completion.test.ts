import { describe, expect, test } from 'vitest';
import { keyNames } from '../../../schemas/config/configKeys.ts';
import { applyEdits } from '../../../server/src/config/edits.ts';
import { readConfig } from '../../../server/src/config/readConfig.ts';
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

describe('nothing is offered', () => {
  test.each([
    'jobName: x # why$0',
    'jobName: x # $0',
    'jobName: # $0',
    'queueUsed: redis #$0',
    '{modelPath: m, # jobN$0',
    'jobName: "x" $0',
    'jobName: [a, $0',
    'a: |\n  mod$0',
    'a: >-\n  x\n\n  jobName: $0',
    'modelPath: m\n---\njob$0',
    'modelPath: m\n...\njob$0',
    'modelPath: m\n---\nqueueUsed: $0',
    '- mod$0',
    'model:\n  path:\n    na$0',
    'model:\n  path: m\n   na$0',
    'other:\n  na$0',
    '{other: {na$0',
    'model: {path: {$0',
  ])('in a comment, a list, a text, below a value or in a second document: %j', async (text) => {
    expect(await labels(text)).toEqual([]);
  });

  test('twice, and a comment after a value is left alone', async () => {
    expect(await taken('queueUsed: $0 # redis or kafka', 'kafka')).toBe('queueUsed: kafka # redis or kafka');
    expect(await taken('queueUsed: k$0 #k', 'kafka')).toBe('queueUsed: kafka #k');
    expect(await labels('jobName: a#$0')).not.toEqual([]);
  });
});

describe('between braces', () => {
  test.each([
    ['{$0', '{jobName: serving2'],
    ['{$0}', '{jobName: serving2}'],
    ['{modelPath: /m, $0}', '{modelPath: /m, jobName: serving2}'],
    ['{modelPath: /m, jo$0}', '{modelPath: /m, jobName: serving2}'],
    ['{modelPath: /m, jo$0: x}', '{modelPath: /m, jobName: x}'],
    ['{\n  "modelPath": "/m",\n  "jo$0"\n}', '{\n  "modelPath": "/m",\n  "jobName": serving2\n}'],
    ['{\n  # c\n  jo$0\n}', '{\n  # c\n  jobName: serving2\n}'],
    ['--- \n{$0', '--- \n{jobName: serving2'],
  ])('keys are offered: %j', async (before, after) => {
    expect(await taken(before, 'jobName')).toBe(after);
  });

  test('values are offered, with the quotes that they need there', async () => {
    expect(await taken('{modelPath: /m, queueUsed: $0}', 'kafka')).toBe('{modelPath: /m, queueUsed: kafka}');
    expect(await taken('{queueUsed: k$0, modelPath: /m}', 'kafka')).toBe('{queueUsed: kafka, modelPath: /m}');
    expect(await taken('{"queueUsed":"$0"}', 'kafka')).toBe('{"queueUsed":"kafka"}');
    expect(await taken('{$0}', 'imageResize')).toBe('{imageResize: "224,224"}');
    expect(await taken('{imageResize: $0}', '256,256')).toBe('{imageResize: "256,256"}');
    expect(await taken('{redisPassword: $0}', '${env:REDIS_PASSWORD}')).toBe('{redisPassword: "${env:REDIS_PASSWORD}"}');
  });
}); // prettier-ignore

describe('the older form', () => {
  test.each([
    ['model:\n  $0', 'path', 'model:\n  path: /models/resnet50'],
    ['model: # here\n  name: x\n  pa$0', 'path', 'model: # here\n  name: x\n  path: /models/resnet50'],
    ['MODEL:\n\n    $0', 'path', 'MODEL:\n\n    path: /models/resnet50'],
    ['redis: {$0}', 'maxmem', 'redis: {maxmem: 4g}'],
    ['{model: {path: m, $0}}', 'name', '{model: {path: m, name: serving2}}'],
    ['data:\n  src: $0', 'far:1', 'data:\n  src: far:1'],
    ['secure: {secure_enabled: $0}', 'true', 'secure: {secure_enabled: true}'],
  ])('%j', async (before, label, after) => {
    expect(await taken(before, label)).toBe(after);
  });

  test('has the keys of its section and no others, each key once', async () => {
    expect(await labels('params:\n  $0')).toEqual(['core_number', 'model_number']);
    expect(await labels('model:\n  path: m\n$0')).not.toContain('path');
    expect(await labels('jobName: x\nmodel:\n  $0')).toEqual(['path']);
  });
});

describe('within quotes', () => {
  test('a key is written between them', async () => {
    expect(await taken('"mod$0"', 'modelPath')).toBe('"modelPath": /models/resnet50');
    expect(await taken("'mod$0': x", 'modelPath')).toBe("'modelPath': x");
    expect(await taken('"mod$0', 'modelPath')).toBe('"modelPath": /models/resnet50');
  });

  test('a value is written between them, and an open one is closed', async () => {
    expect(await taken('queueUsed: "$0" # c', 'kafka')).toBe('queueUsed: "kafka" # c');
    expect(await taken("queueUsed: '$0", 'kafka')).toBe("queueUsed: 'kafka'");
  });
});

describe('what YAML would read in another way', () => {
  const strange = ['a b', 'a: b', 'a #b', '@at', '*star', '&and', '!not', '%x', '- dash', "it's", '"q"', '[x]', '{y}', 'null', '~', 'x,y', '#hash', '`tick`', '? q', 'back\\slash']; // prettier-ignore
  const files = inMemory(Object.fromEntries(strange.map((name) => [`/work/serving/${name}/m.onnx`, ''])));

  test.each(strange)('is offered as it is and written in quotes where it must be: %j', async (name) => {
    for (const marked of ['modelPath: $0', 'modelPath: "$0"', "modelPath: '$0'", '{modelPath: $0, jobName: x}', '{"modelPath": "$0"}'])
      expect(readConfig(await taken(marked, name, files)).origins.modelPath.value).toBe(name);
  }); // prettier-ignore

  test('is found by what is typed of it', async () => {
    const [item] = (await at('modelPath: a: $0', files)).filter(({ label }) => label === 'a: b');
    expect(item).toMatchObject({ filter: 'a: b', text: '"a: b"' });
    expect(await taken('modelPath: a b$0', 'a b', files)).toBe('modelPath: a b');
  });

  test('also in the name of a job of another config', async () => {
    const others = workspaceOf({ 'file:///o/config.yaml': 'modelPath: m\njobName: "#1"\n' });
    const { config, offset } = atCursor('jobName: $0');
    const items = await complete(config, offset, { files, workspace: others });
    expect(items.find(({ label }) => label === '#1')?.text).toBe('"#1"');
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
