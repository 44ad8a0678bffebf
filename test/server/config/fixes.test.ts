import { describe, expect, test } from 'vitest';
import { applyEdits } from '../../../server/src/config/edits.ts';
import { readConfig } from '../../../server/src/config/readConfig.ts';
import { fixProblem } from '../../../server/src/config/rules/rules.ts';

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
    ['bad-post-processing', 'postProcessing: TOPN(5)\n', 'postProcessing: topN(5)\n'],
  ])('%s: %j', (code, before, after) => {
    expect(fixed(before, code)).toBe(after);
  });

  test('leaves alone what only a human can decide', () => {
    for (const text of ['redisUrl: x\n', 'jobName: ""\n', 'modelParallelism: two\n', 'zzz: 1\n']) {
      const { problems } = readConfig(text);
      expect(problems.flatMap((problem) => fixProblem(problem, text))).toEqual([]);
    }
  });
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
