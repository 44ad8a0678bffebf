import { describe, expect, test } from 'vitest';
import { isJobName, jobNameUses, type JobNameSource } from '../../../server/src/language/jobNames.ts';

/** What is found: each name, with the text around it as it would be after a change of the name to "NEW". */
function renamed(source: JobNameSource, text: string): { names: string[]; after: string } {
  const uses = jobNameUses(source, text);
  const after = uses
    .toSorted((a, b) => b.range.start - a.range.start)
    .reduce((done, { range }) => `${done.slice(0, range.start)}NEW${done.slice(range.end)}`, text);
  return { names: uses.map(({ name }) => name), after };
}

describe('in a config', () => {
  test.each<[string, readonly string[], string]>([
    ['jobName: a\n', ['a'], 'jobName: NEW\n'],
    ['jobName: "a" # a\n', ['a'], 'jobName: "NEW" # a\n'],
    ["JOBNAME: 'job'\n", ['job'], "JOBNAME: 'NEW'\n"],
    ['jobName: &job job\n', ['job'], 'jobName: &job NEW\n'],
    ['jobName: !!str str\n', ['str'], 'jobName: !!str NEW\n'],
    ['jobName: a b\n', ['a b'], 'jobName: NEW\n'],
    ['jobName: a\njobName: b\n', ['b'], 'jobName: a\njobName: NEW\n'],
    ['{"jobName":"a"}\n', ['a'], '{"jobName":"NEW"}\n'],
    ['model:\n  name: a\njobName: b\n', ['b'], 'model:\n  name: a\njobName: NEW\n'],
    ['\uFEFFjobName: a\r\n', ['a'], '\uFEFFjobName: NEW\r\n'],
    // It cannot be changed where it stands.
    ['jobName: |\n  a\nmodelPath: m\n', [], 'jobName: |\n  a\nmodelPath: m\n'],
    ['jobName: >\n  a\n', [], 'jobName: >\n  a\n'],
    ['jobName: "\\x61"\n', [], 'jobName: "\\x61"\n'],
    ["jobName: 'it''s'\n", [], "jobName: 'it''s'\n"],
    ['modelPath: &a x\njobName: *a\n', [], 'modelPath: &a x\njobName: *a\n'],
    ['jobName:\n', [], 'jobName:\n'],
    ['jobName: [a]\n', [], 'jobName: [a]\n'],
    ['jobName: "\n', [], 'jobName: "\n'],
    ['', [], ''],
  ])('%j', (text, names, after) => {
    expect(renamed('config', text)).toEqual({ names, after });
  });
});

describe('in a list of models', () => {
  test.each<[string, readonly string[], string]>([
    ['redisInputQueue: a\n', ['a'], 'redisInputQueue: NEW\n'],
    ['  redisInputQueue : "a" # a\n', ['a'], '  redisInputQueue : "NEW" # a\n'],
    ["{redisInputQueue: 'a', x: b}\n", ['a'], "{redisInputQueue: 'NEW', x: b}\n"],
    ['{redisInputQueue: a}', ['a'], '{redisInputQueue: NEW}'],
    ['redisInputQueue: redisInputQueue\r\n', ['redisInputQueue'], 'redisInputQueue: NEW\r\n'],
    ['redisOutputQueue: cluster-serving_a:\n', ['a'], 'redisOutputQueue: cluster-serving_NEW:\n'],
    ['redisOutputQueue: "cluster-serving_a:"\n', ['a'], 'redisOutputQueue: "cluster-serving_NEW:"\n'],
    ['redisOutputQueue: cluster-serving_a', ['a'], 'redisOutputQueue: cluster-serving_NEW'],
    [
      'redisInputQueue: a\nredisOutputQueue: cluster-serving_b:\n',
      ['a', 'b'],
      'redisInputQueue: NEW\nredisOutputQueue: cluster-serving_NEW:\n',
    ],
    // The name of another job begins with "a".
    ['redisInputQueue: "a b"\n', [], 'redisInputQueue: "a b"\n'],
    ['redisInputQueue: a b\n', [], 'redisInputQueue: a b\n'],
    ['redisOutputQueue: "cluster-serving_a b:"\n', [], 'redisOutputQueue: "cluster-serving_a b:"\n'],
    ['redisInputQueue: "a\n', [], 'redisInputQueue: "a\n'],
    ['redisInputQueue:\n', [], 'redisInputQueue:\n'],
    ['myredisInputQueue: a\n', [], 'myredisInputQueue: a\n'],
    ['redisOutputQueue: a:\n', [], 'redisOutputQueue: a:\n'],
  ])('%j', (text, names, after) => {
    expect(renamed('servables', text)).toEqual({ names, after });
  });
});

describe('in a client and in a script', () => {
  test.each<[JobNameSource, string, readonly string[], string]>([
    ['python', 'InputQueue(name="a")', ['a'], 'InputQueue(name="NEW")'],
    ['python', "OutputQueue('h', 1, name = 'a b')", ['a b'], "OutputQueue('h', 1, name = 'NEW')"],
    [
      'python',
      'InputQueue(\n  host="name",\n  name="name",\n)',
      ['name'],
      'InputQueue(\n  host="name",\n  name="NEW",\n)',
    ],
    ['python', 'InputQueue(name=job)', [], 'InputQueue(name=job)'],
    ['python', 'InputQueue()\nx(name="a")', [], 'InputQueue()\nx(name="a")'],
    ['python', 'InputQueue(filename="a")', [], 'InputQueue(filename="a")'],
    ['python', 'MyInputQueue(name="a")', [], 'MyInputQueue(name="a")'],
    ['python', 'InputQueue(name="a\')', [], 'InputQueue(name="a\')'],
    ['script', 'http --redisInputQueue a \\\n', ['a'], 'http --redisInputQueue NEW \\\n'],
    ['script', 'http --redisInputQueue="a"', ['a'], 'http --redisInputQueue="NEW"'],
    ['script', '--redisOutputQueue cluster-serving_a:', ['a'], '--redisOutputQueue cluster-serving_NEW:'],
    ['script', "--redisOutputQueue 'cluster-serving_a:'", ['a'], "--redisOutputQueue 'cluster-serving_NEW:'"],
    ['script', '--redisInputQueue "a b"', [], '--redisInputQueue "a b"'],
    ['script', "--redisOutputQueue='cluster-serving_a b:'", [], "--redisOutputQueue='cluster-serving_a b:'"],
    ['script', '--redisInputQueue', [], '--redisInputQueue'],
  ])('%s: %j', (source, text, names, after) => {
    expect(renamed(source, text)).toEqual({ names, after });
  });
});

test.each([
  ['a', true],
  ['_a-b.c', true],
  ['9', true],
  ['', false],
  ['-a', false],
  ['.a', false],
  ['a b', false],
  ['a:b', false],
  ['a\n', false],
  ['\u00fc', false],
  ['a"', false],
])('%j can stand everywhere as the name of a job: %s', (text, can) => {
  expect(isJobName(text)).toBe(can);
});
