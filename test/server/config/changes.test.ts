import { expect, test } from 'vitest';
import { keyNames } from '../../../schemas/config/configKeys.ts';
import { keyChanges } from '../../../schemas/config/keyChanges.ts';
import { changesOf } from '../../../server/src/config/changes.ts';
import { readConfig } from '../../../server/src/config/readConfig.ts';

function config(text: string) {
  const { config } = readConfig(`modelPath: /m\n${text}`);
  if (!config) throw new Error(`it has errors: ${text}`);
  return config;
}

const none = { live: [], load: [], restart: [], none: [] };

test('the same values are no change, however they are written', () => {
  expect(changesOf(config('batchSize: 64'), config('batchSize: "64"'))).toEqual(none);
});

test('changes are distinguished by what a running job does with them', () => {
  const before = config('batchSize: 1\nredisMaxMemory: 1g');
  const after = config(
    'batchSize: 2\npostProcessing: topN(2)\nversion: 3\nruntime: openvino\njobName: a\nredisUrl: a:1\nredisMaxMemory: 2g',
  );
  expect(changesOf(before, after)).toEqual({
    live: ['postProcessing', 'batchSize'],
    load: ['version', 'runtime'],
    restart: ['jobName', 'redisUrl'],
    none: ['redisMaxMemory'],
  });
});

test('another password is a change, though both print as stars', () => {
  const of = (password: string) => config(`redisPassword: ${password}`);
  expect(changesOf(of('a'), of('b')).restart).toEqual(['redisPassword']);
  expect(changesOf(of('a'), of('a'))).toEqual(none);
});

test('what names the queue or its Redis is never taken over by a running job', () => {
  const names = keyNames.filter((key) => /^(?:jobName|queueUsed|redis(?!Max))/.test(key));
  expect(names.length).toBeGreaterThan(5);
  expect(names.filter((key) => keyChanges[key] !== 'restart')).toEqual([]);
});
