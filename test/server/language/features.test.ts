import { describe, expect, test } from 'vitest';
import type { JobsMessage } from '../../../schemas/editor/languageMessages.ts';
import { applyEdits } from '../../../server/src/config/edits.ts';
import { codeLenses } from '../../../server/src/language/features/codeLenses.ts';
import { configText } from '../../../server/src/language/configText.ts';
import { documentLinks } from '../../../server/src/language/features/documentLinks.ts';
import { folds } from '../../../server/src/language/features/folding.ts';
import { format, formatRange } from '../../../server/src/language/features/format.ts';
import { globMatcher } from '../../../server/src/language/recognise/glob.ts';
import { jobStatesOf } from '../../../server/src/language/jobStates.ts';
import { highlights } from '../../../server/src/language/features/highlights.ts';
import { inlayHints } from '../../../server/src/language/features/inlayHints.ts';
import { isJobName, jobNameUses, type JobNameSource } from '../../../server/src/language/jobNames.ts';
import { selectionRanges } from '../../../server/src/language/features/selectionRanges.ts';
import { symbols } from '../../../server/src/language/features/symbols.ts';
import { atCursor, inMemory, uri } from './world.ts';

const files = inMemory({
  '/work/serving/model/a.onnx': '',
  '/work/serving/vino/a.xml': '',
  '/work/serving/vino/a.bin': '',
  '/work/serving/store.pem': 'x',
});
const config = (text: string) => configText(uri, text);

test('the outline has keys, values, and the keys of sections, but no passwords', () => {
  const outline = symbols(config('modelPath: /m\nredisPassword: x\nmodel:\n  name: y\n'));
  expect(outline.map(({ name, detail }) => [name, detail])).toEqual([
    ['modelPath', '/m'],
    ['redisPassword', ''],
    ['model', ''],
  ]);
  expect(outline[2]?.children.map(({ name }) => name)).toEqual(['name']);
});

test('sections and comments of several lines fold', () => {
  expect(folds(config('# a\n# b\nmodel:\n  path: /m\n  name: x\njobName: y\n# c\n'))).toEqual([
    { startLine: 0, endLine: 1, kind: 'comment' },
    { startLine: 2, endLine: 4, kind: 'section' },
  ]);
});

test('the selection grows from value to entry to file', () => {
  const { config: text, offset } = atCursor('a: 1\nmodelPath: /$0m # c\n');
  const parts = selectionRanges(text, offset).map(({ start, end }) => text.text.slice(start, end));
  expect(parts).toEqual(['/m', 'modelPath: /m', 'modelPath: /m # c', text.text]);
});

test('a key is highlighted under all its names', () => {
  const { config: text, offset } = atCursor('jobN$0ame: a\nmodel:\n  name: b\nredisUrl: c:1\n');
  expect(highlights(text, offset).map(({ start, end }) => text.text.slice(start, end))).toEqual([
    'jobName',
    'name',
  ]);
});

test('paths and addresses are links', async () => {
  const text =
    '# see https://example.org/a.\nmodelPath: model\nflinkRestUrl: h:1\nredisSecureTrustStorePath: store.pem\n';
  const links = await documentLinks(config(text), files);
  expect(links.map(({ range, target }) => [text.slice(range.start, range.end), target])).toEqual([
    ['model', 'file:///work/serving/model/a.onnx'],
    ['store.pem', 'file:///work/serving/store.pem'],
    ['h:1', 'http://h:1'],
    ['https://example.org/a.', 'https://example.org/a.'],
  ]);
  expect(await documentLinks(config('modelPath: nowhere\n'), files)).toEqual([]);
  const overKafka = config('queueUsed: kafka\nkafkaSecureTrustStorePath: store.pem\n');
  expect((await documentLinks(overKafka, files)).map(({ target }) => target)).toEqual([
    'file:///work/serving/store.pem',
  ]);
});

test('hints show the model, the copies and threads, and an unusual address', async () => {
  const labels = async (text: string) => (await inlayHints(config(text), files)).map(({ label }) => label);
  expect(await labels('modelPath: model\ncoreNumberPerMachine: 4\n')).toEqual(['onnx', '4 × 1']);
  expect(await labels('modelPath: vino\ncoreNumberPerMachine: 4\n')).toEqual(['openvino', '1 × 4']);
  expect(await labels('modelPath: nowhere\nredisUrl: redis://h:7\n')).toEqual(['redis:7']);
});

test('lenses are only those that the editor knows', () => {
  expect(codeLenses(config('modelPath: /m\n'), new Set())).toEqual([]);
  const [lens, ...more] = codeLenses(config('modelPath: /m\n'), new Set(['clusterServing.startJob', 'x']));
  expect(lens?.title).toBe('Start');
  expect(more).toEqual([]);
  expect(codeLenses(config('# modelPath: /m\n'), new Set(['clusterServing.startJob']))).toEqual([]);
});

test('lenses show the state of the job, and offer what can be done in it', () => {
  const all = new Set(['startJob', 'stopJob', 'showLogs', 'openTry'].map((name) => `clusterServing.${name}`));
  const commands = (text: string, told: unknown) =>
    codeLenses(config(text), all, jobStatesOf({ jobs: told } as JobsMessage)).map(({ command }) =>
      command.replace('clusterServing.', ''),
    );
  const text = 'modelPath: /m\njobName: a\nredisUrl: 127.0.0.1:7\n';
  const job = { jobName: 'a', redis: 'localhost:7', state: 'running' };
  expect(codeLenses(config(text), all).map(({ title }) => title)).toHaveLength(4);
  expect(commands(text, [job])).toEqual(['showLogs', 'stopJob', 'showLogs', 'openTry']);
  expect(commands(text, [{ ...job, state: 'failed' }])).toEqual(['showLogs', 'startJob', 'showLogs']);
  for (const state of ['starting', 'waiting-for-secret'])
    expect(commands(text, [{ ...job, state }])).toEqual(['showLogs', 'stopJob']);
  for (const others of [[], undefined, [null, { jobName: 'a' }], [{ ...job, redis: 'localhost:8' }]])
    expect(commands(text, others)).toEqual(['showLogs', 'startJob']);
});

test('lenses show the state of a job over Kafka, wherever the same Redis has a job of that name', () => {
  const all = new Set(['startJob', 'stopJob'].map((name) => `clusterServing.${name}`));
  const overKafka = config('modelPath: /m\njobName: a\nqueueUsed: kafka\nkafkaUrl: "b:2,[::1]:1"\n');
  const lensesFor = (redis: string) => {
    const states = jobStatesOf({ jobs: [{ jobName: 'a', redis, state: 'running' }] });
    return codeLenses(overKafka, all, states).map(({ command }) => command.replace('clusterServing.', ''));
  };
  expect(lensesFor('kafka://b:2,[::1]:1')).toEqual(['stopJob']);
  for (const other of ['localhost:6379', 'kafka://b:2', 'kafka://', 'kafka://b:2,x', 'b:2'])
    expect(lensesFor(other)).toEqual(['startJob']);
});

describe('formatting', () => {
  test.each([
    ['modelPath:   /m   # c  \n\n\njobName:\tx', 'modelPath: /m   # c\n\n\njobName: x\n'],
    ['model:\r\n    path:  /m\r\n', 'model:\r\n    path: /m\r\n'],
    ['modelPath: |\n  a  \n', 'modelPath: |\n  a  \n'],
    ['jobName: "a\n', 'jobName: "a\n'],
    ['', ''],
  ])('%j', (before, after) => {
    expect(applyEdits(before, format(config(before)))).toBe(after);
  });
});

test('formatting a part leaves the rest as it is', () => {
  const text = 'modelPath:  /m \njobName:  x \nfilter:  y';
  const part = { start: text.indexOf('jobName'), end: text.indexOf('filter') };
  expect(applyEdits(text, formatRange(config(text), part))).toBe('modelPath:  /m \njobName: x\nfilter:  y');
});

describe('the name of a job', () => {
  test.each<[JobNameSource, string, string[]]>([
    ['config', 'jobName: "a.b" # a.b\n', ['a.b']],
    ['config', 'model:\n  name: x\n', ['x']],
    ['config', 'modelPath: /m\n', []],
    ['servables', '  redisInputQueue: a\n  redisOutputQueue: "cluster-serving_a:"\n', ['a', 'a']],
    ['servables', '  redisOutputQueue: "result:"\n', []],
    ['python', 'InputQueue(host="h", name="a")\nOutputQueue(\n  name=\'b\')\nOther(name="c")\n', ['a', 'b']],
    [
      'script',
      'x --redisInputQueue=a --redisInputQueue "b" --redisOutputQueue cluster-serving_c:\n',
      ['a', 'b', 'c'],
    ],
  ])('in %s: %j', (source, text, names) => {
    const uses = jobNameUses(source, text);
    expect(uses.map(({ name }) => name)).toEqual(names);
    for (const { name, range } of uses) expect(text.slice(range.start, range.end)).toBe(name);
  });

  test('is made of letters, digits, points, hyphens and underscores', () => {
    expect(['a', 'a-b.c_d', '1'].every(isJobName)).toBe(true);
    expect(['', 'a b', 'a:b', '-a', '${env:A}'].some(isJobName)).toBe(false);
  });
});

test.each([
  ['config.yaml', '/w/a/config.yaml', true],
  ['*.{yml,yaml}', '/w/a/config.yaml', true],
  ['a/**/config.yaml', '/w/a/b/config.yaml', true],
  ['a/**', '/w/a/config.yaml', true],
  ['config.yaml', '/w/a/configXyaml', false],
  ['a/config.yaml', '/w/ba/config.yaml', false],
  ['*/a', '/w/a/config.yaml', false],
  ['a,b/*.yaml', '/w/a,b/c.yaml', true],
  ['a,b/*.yaml', '/w/b/c.yaml', false],
  ['{a,b,c/d}/*.yaml', '/w/c/d/c.yaml', true],
  ['config[0-9].yaml', '/w/config7.yaml', true],
  ['config[!0-9].yaml', '/w/config7.yaml', false],
  ['config[^0-9].yaml', '/w/configx.yaml', true],
  ['a[/]b', '/w/a/b', false],
])('the glob %s against %s: %s', (glob, path, matches) => {
  expect(globMatcher(glob)?.(path)).toBe(matches);
});

test.each(['[', 'a[b', '{a,b', 'a}b', '[z-a].yaml', '{'])('%s is no glob', (glob) => {
  expect(globMatcher(glob)).toBeUndefined();
});
