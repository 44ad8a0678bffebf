import { describe, expect, test } from 'vitest';
import { applyEdits } from '../../../server/src/config/edits.ts';
import { readConfig } from '../../../server/src/config/readConfig.ts';
import { fixProblem } from '../../../server/src/config/rules/rules.ts';
import { fixAll } from '../../../server/src/language/features/fixes.ts';

/** The text after the fix of its first problem with this code. */
function fixed(text: string, code: string): string {
  const found = readConfig(text).problems.find((problem) => problem.code === code);
  if (!found) throw new Error(`no ${code} in ${text}`);
  return applyEdits(text, fixProblem(found, text));
}

describe('a fix', () => {
  test.each([
    ['unknown-key', 'job_name: x # n\n', 'jobName: x # n\n'],
    ['key-case', 'JOBNAME: x\n', 'jobName: x\n'],
    ['key-case', 'BACKEND: embedded\n', 'backend: embedded\n'],
    ['older-name', '"secureEnabled": true\n', 'redisSecureEnabled: true\n'],
    ['dead-key', 'performance_mode: true\r\njobName: x\r\n', '# performance_mode: true\r\njobName: x\r\n'],
    ['duplicate-key', 'jobName: a\njobName: b', '# jobName: a\njobName: b'],
    ['blank-at-end', "modelPath: '/m '  # here", "modelPath: '/m'  # here"],
    ['blank-at-end', 'modelPath: "/m\\t"', 'modelPath: "/m"'],
    ['blank-at-end', 'modelPath: /m\u00A0\n', 'modelPath: /m\n'],
    ['tab-indent', 'jobName: a\n\tmodelPath: /m\n', 'jobName: a\nmodelPath: /m\n'],
    ['tab-indent', 'model: # c\n\tpath: /m\n', 'model: # c\n  path: /m\n'],
    ['tab-indent', 'model:\n    path: /m\n\tname: x\n', 'model:\n    path: /m\n    name: x\n'],
    ['truncated-number', 'batchSize: 4.7\n', 'batchSize: 4\n'],
    ['bad-choice', 'queueUsed: "Redis"\n', 'queueUsed: "redis"\n'],
    ['bad-image-resize', 'imageResize: 224x448\n', 'imageResize: 224,448\n'],
    ['bad-image-resize', '{imageResize: 224x448}', '{imageResize: "224,448"}'],
    ['model-path-missing', 'modlPath: /m\n', 'modelPath: /m\n'],
    ['model-path-missing', 'model:\n  pth: /m\n', 'model:\n  path: /m\n'],
    ['host-port-extra', 'redisUrl: redis://h:1\n', 'redisUrl: h:1\n'],
    ['host-port-extra', "redisUrl: 'redis://h:1' # c\n", "redisUrl: 'h:1' # c\n"],
    ['bad-host-port', 'redisUrl: redis://h:6379/0\n', 'redisUrl: h:6379\n'],
    ['bad-host-port', 'flinkRestUrl: http://h:8081/\n', 'flinkRestUrl: h:8081\n'],
    ['bad-size', 'redisMaxMemory: 4 g\n', 'redisMaxMemory: 4g\n'],
    ['bad-size', 'redisMaxMemory: 4GiB\n', 'redisMaxMemory: 4gb\n'],
    ['bad-size', 'redisMaxMemory: 2 Gi\n', 'redisMaxMemory: 2gb\n'],
    ['bad-size', 'redisMaxMemory: 1.5gb\n', 'redisMaxMemory: 1536mb\n'],
    ['bad-size', 'redisMaxMemory: "1.5 g"\n', 'redisMaxMemory: "1500m"\n'],
    ['bad-size', 'redisMaxMemory: 1t\n', 'redisMaxMemory: 1000g\n'],
    ['job-name-colon', 'jobName: a:b\n', 'jobName: a-b\n'],
    ['syntax', 'modelPath: /m\njob a\n', 'modelPath: /m\njobName: a\n'],
    ['syntax', 'modelPath: /m\njobName a b\r\n', 'modelPath: /m\njobName: a b\r\n'],
    ['syntax', 'modelPath: /m\njobName:a\n', 'modelPath: /m\njobName: a\n'],
    ['syntax', 'redisUrl: localhost: 6379\n', 'redisUrl: localhost:6379\n'],
    ['syntax', 'jobName: a: b\n', 'jobName: "a: b"\n'],
    ['bad-post-processing', 'postProcessing: TOPN(5)\n', 'postProcessing: topN(5)\n'],
  ])('%s: %j', (code, before, after) => {
    expect(fixed(before, code)).toBe(after);
  });

  test('leaves alone what only a human can decide', () => {
    for (const text of [
      'redisUrl: redis://u:p@h:1\n',
      'redisUrl: redis://h:1/3\n',
      'redisMaxMemory: much\n',
      'modelPath: /m\nzzz a\n',
      'redisUrl: x\n',
      'jobName: ""\n',
      'modelParallelism: two\n',
      'zzz: 1\n',
    ]) {
      const { problems } = readConfig(text);
      expect(problems.flatMap((problem) => fixProblem(problem, text))).toEqual([]);
    }
  });
});

test('an older name that does not count is made a comment, and never one that counts', () => {
  const text = 'modelPath: /m\nredisSecureEnabled: true\nsecureEnabled: no\n';
  expect(fixAll(text)).toBe('modelPath: /m\nredisSecureEnabled: true\n# secureEnabled: no\n');
  expect(readConfig(text).problems.map(({ code }) => code)).toEqual(['duplicate-key']);
  const braces = '{modelPath: /m, redisSecureEnabled: true, secureEnabled: no}\n';
  expect(fixAll(braces)).toBe(braces);
});

describe('the conversion of the older form', () => {
  test('keeps values and comments byte by byte', () => {
    const before = 'model:   # the model\n    # where\n    path:  "/m"   # here\n\n    name: x\njobs: 1\n';
    const after = '# the model\n    # where\nmodelPath:  "/m"   # here\n\njobName: x\njobs: 1\n';
    expect(fixed(before, 'nested-form')).toBe(after);
  });

  test('keeps what means nothing any more as comments with the reason', () => {
    const text = fixed('model:\n  inputs:\n    - a\n    - b\n  path: /m\n', 'nested-form');
    expect(text).toMatch(/^# model\.inputs .*\n# {3}inputs:\n# {5}- a\n# {5}- b\nmodelPath: \/m\n$/);
  });

  test('does not bring back a value that did not count', () => {
    const text = fixed('jobName: a\nmodel:\n  name: b\n  path: /m\n', 'nested-form');
    expect(readConfig(text).config).toMatchObject({ jobName: 'a', modelPath: '/m' });
    expect(readConfig(text).problems).toEqual([]);
  });

  test('stays at the indentation of the file', () => {
    expect(fixed('  model:\n    path: /m\n  batchSize: 1\n', 'nested-form')).toBe(
      '  modelPath: /m\n  batchSize: 1\n',
    );
  });

  test('works for sections in one line, and for empty ones', () => {
    expect(fixed('redis: {maxmem: 2g} # c\n', 'nested-form')).toBe('redisMaxMemory: 2g # c\n');
    expect(fixed('spark:\njobName: x\n', 'nested-form')).toBe('# spark:\njobName: x\n');
    expect(fixed('\uFEFFmodel:\n  path: /m\n', 'nested-form')).toBe('\uFEFFmodelPath: /m\n');
  });

  test('is left to humans where the text is unusual', () => {
    for (const text of ['{model: {path: /m}}', '? model\n: path: /m\n', 'model: &a\n  path: /m\n'])
      expect(fixed(text, 'nested-form')).toBe(text);
  });
});
