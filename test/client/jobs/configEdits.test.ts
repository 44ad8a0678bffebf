import { expect, test } from 'vitest';
import { environmentNames, freeName, withValue } from '../../../client/src/jobs/configEdits.ts';

test('each variable that a config takes a value from is named once, and none of a comment', () => {
  const text = 'redisPassword: ${env:A}\n# ${env:B}\nredisSecureTrustStorePassword: "${env:A}${env:C_1}"';
  expect(environmentNames(text)).toEqual(['A', 'C_1']);
});

test('a key is replaced where it stands, else added at the end', () => {
  expect(withValue('modelPath: m\njobName: a # b\n', 'jobName', 'c')).toBe('modelPath: m\njobName: c\n');
  expect(withValue('modelPath: m', 'jobName', 'c')).toBe('modelPath: m\njobName: c\n');
  expect(withValue('', 'modelPath', 'a: $& b')).toBe('modelPath: "a: $& b"\n');
  expect(withValue('modelPath: m\n', 'modelPath', "$&'")).toBe(`modelPath: "$&'"\n`);
});

test('a new job gets the first name that is free', () => {
  expect(freeName(new Set(['serving2', 'serving3']))).toBe('serving4');
  expect(freeName(new Set())).toBe('serving2');
});
