import { expect, test } from 'vitest';
import { environmentNames, freeName, readFacts, withValue } from '../../../client/src/jobs/configFacts.ts';

test('what a config does not say has its default', () => {
  expect(readFacts('modelPath: model\n')).toEqual({
    modelPath: 'model',
    jobName: 'serving_stream',
    redisHost: 'localhost',
    redisPort: '6379',
    backend: 'embedded',
    flinkRestUrl: 'localhost:8081',
  });
});

test('the backend and the address of Flink are read', () => {
  expect(readFacts('modelPath: m\nbackend: Flink\nflinkRestUrl: cluster:8082')).toMatchObject({
    backend: 'flink',
    flinkRestUrl: 'cluster:8082',
  });
});

test('each variable that a config takes a value from is named once, and none of a comment', () => {
  const text = 'redisPassword: ${env:A}\n# ${env:B}\nredisSecureTrustStorePassword: "${env:A}${env:C_1}"';
  expect(environmentNames(text)).toEqual(['A', 'C_1']);
});

test.each([
  ['MODELPATH: m\nJobName: a', 'a'],
  ['modelPath: m\r\njobName: "a b" # why', 'a b'],
  ["modelPath: m\njobName: 'a#b'", 'a#b'],
  ['modelPath: m\njobName:   # none', 'serving_stream'],
  ['modelPath: m\njobName:', 'serving_stream'],
  ['model:\n  name: x\n  path: /m\n', 'serving_stream'],
])('the job of %j is %s', (text, jobName) => {
  expect(readFacts(text)?.jobName).toBe(jobName);
});

test('the host of Redis is before the first colon, the port after the last', () => {
  expect(readFacts('modelPath: m\nredisUrl: db.example:7000')).toMatchObject({
    redisHost: 'db.example',
    redisPort: '7000',
  });
});

test.each(['', 'services:\n  web:\n    image: x', '# modelPath: m', 'a:\n  modelPath: m'])(
  'a file that names no model is not ours: %j',
  (text) => {
    expect(readFacts(text)).toBeUndefined();
  },
);

test('a key is replaced where it stands, else added at the end', () => {
  expect(withValue('modelPath: m\njobName: a # b\n', 'jobName', 'c')).toBe('modelPath: m\njobName: c\n');
  expect(withValue('modelPath: m', 'jobName', 'c')).toBe('modelPath: m\njobName: c\n');
  expect(withValue('', 'modelPath', 'a: $& b')).toBe('modelPath: "a: $& b"\n');
  expect(withValue('modelPath: m\n', 'modelPath', "$&'")).toBe(`modelPath: "$&'"\n`);
});

test('a new serving gets the first name that is free', () => {
  expect(freeName(new Set(['serving2', 'serving3']))).toBe('serving4');
  expect(freeName(new Set())).toBe('serving2');
});
