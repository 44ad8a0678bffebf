import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { readConfig } from '../../../server/src/config/readConfig.ts';
import { setValues, type NewValues } from '../../../server/src/config/setValues.ts';
import { runs } from '../../support/runs.ts';
import { originals } from './originals.ts';

describe('a value is set', () => {
  test.each<[string, NewValues, string]>([
    ['modelPath: m\njobName: a # b\n', { jobName: 'c' }, 'modelPath: m\njobName: c # b\n'],
    ['modelPath: m', { jobName: 'c' }, 'modelPath: m\njobName: c\n'],
    ['modelPath: m\r\n', { jobName: 'c' }, 'modelPath: m\r\njobName: c\r\n'],
    ['', { modelPath: 'a: $& b' }, 'modelPath: "a: $& b"\n'],
    ['modelPath: m\n', { modelPath: "$&'" }, "modelPath: $&'\n"],
    ['MODELPATH: "m" # c\n', { modelPath: 'n' }, 'MODELPATH: n # c\n'],
    ['modelPath:\njobName: a\n', { modelPath: 'n' }, 'modelPath: n\njobName: a\n'],
    ['modelPath: # where\njobName: a\n', { modelPath: 'n' }, 'modelPath: n # where\njobName: a\n'],
    ['modelPath: ~\n', { modelPath: 'n' }, 'modelPath: n\n'],
    ['modelPath: |\n  m\njobName: a\n', { modelPath: 'n' }, 'modelPath: n\njobName: a\n'],
    ['# jobName: old\nmodelPath: m\n', { jobName: 'c' }, '# jobName: old\nmodelPath: m\njobName: c\n'],
    ['  modelPath: m\n', { jobName: 'c' }, '  modelPath: m\n  jobName: c\n'],
    ['modelPath: m\n---\njobName: x\n', { jobName: 'c' }, 'modelPath: m\njobName: c\n---\njobName: x\n'],
    ['---\nmodelPath: m\n...\n', { jobName: 'c' }, '---\nmodelPath: m\njobName: c\n...\n'],
    ['model:\n  path: m\n  name: a\n', { jobName: 'c', modelPath: 'n' }, 'model:\n  path: n\n  name: c\n'],
    ['model: {path: m, name: a}\n', { modelPath: 'x, y' }, 'model: {path: "x, y", name: a}\n'],
    ['jobName: a\njobName: b\n', { jobName: 'c' }, 'jobName: a\njobName: c\n'],
    ['{modelPath: m}\n', { jobName: 'c' }, '{modelPath: m, jobName: c}\n'],
    ['{modelPath: m, jobName: a}', { jobName: 'c,d' }, '{modelPath: m, jobName: "c,d"}'],
    ['{ modelPath: m, }', { jobName: 'c' }, '{ modelPath: m, jobName: c, }'],
    ['{}', { modelPath: 'm' }, '{modelPath: m}'],
    ['{modelPath}', { jobName: 'c' }, '{jobName: c, modelPath}'],
    ['{modelPath: , jobName: a}', { modelPath: 'm' }, '{modelPath: m , jobName: a}'],
    ['{"modelPath": "m"}', { jobName: 'c' }, '{"modelPath": "m", "jobName": "c"}'],
    ['{\n  "modelPath": "m"\n}\n', { jobName: 'c' }, '{\n  "modelPath": "m",\n  "jobName": "c"\n}\n'],
    ['modelPath: m\n', { redisPassword: '${env:P}' }, 'modelPath: m\nredisPassword: ${env:P}\n'],
    ['{modelPath: m}', { redisPassword: '${env:P}' }, '{modelPath: m, redisPassword: "${env:P}"}'],
    ['modelPath: m\n', { jobName: 'null', modelPath: '# x' }, 'modelPath: "# x"\njobName: "null"\n'],
  ])('%j %j', (before, values, after) => {
    expect(setValues(before, values)).toBe(after);
  });

  test('never where another value would change by it, nor in a text that is broken', () => {
    for (const text of ['modelPath: &a m\njobName: *a\n', 'modelPath: [\n', 'a: b: c\n', '- a\n'])
      expect([text, setValues(text, { modelPath: 'n' })]).toEqual([text, undefined]);
  });

  test('in a config of any generation, whatever the value', () => {
    fc.assert(
      fc.property(
        fc.constantFrom(...originals),
        fc.oneof(fc.string({ minLength: 1 }), fc.constantFrom('a b', "it's", '"', '@x', '- y', 'x: y', 'a #b', '~')),
        ({ text }, value) => {
          const after = setValues(text, { jobName: value, modelPath: '/n' });
          expect(after).toBeDefined();
          const { origins } = readConfig(after ?? '');
          expect([origins.jobName.value, origins.modelPath.value]).toEqual([value, '/n']);
        },
      ),
      runs(300),
    );
  }); // prettier-ignore
});
