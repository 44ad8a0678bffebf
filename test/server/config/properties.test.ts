import fc from 'fast-check';
import { expect, test } from 'vitest';
import { configKeys } from '../../../schemas/config/configKeys.ts';
import { applyEdits } from '../../../server/src/config/edits.ts';
import { readConfig } from '../../../server/src/config/readConfig.ts';
import { fixProblem } from '../../../server/src/config/rules/rules.ts';
import { runs } from '../../support/runs.ts';

const keys = [
  ...Object.keys(configKeys),
  'modelpath',
  'job_name',
  'secureEnabled',
  'performance_mode',
  'spark',
];
const values = [
  '',
  '1',
  '4.7',
  'true',
  'x',
  '"/m "',
  'topn(5)',
  '224x224',
  'h:1',
  'Kafka',
  '[1]',
  '|\n  a\n  b',
  '模型😀',
];
const nested = ['model:', 'data:', 'params: {core_number: 4, x: 1}'];
const children = [
  'path: /m',
  'name: x # c',
  'inputs:\n      - a',
  'src:',
  'filter: topN(1)',
  'core_number: 2',
];
const line = fc.oneof(
  {
    weight: 4,
    arbitrary: fc.tuple(fc.constantFrom(...keys), fc.constantFrom(...values)).map(([k, v]) => `${k}: ${v}`),
  },
  fc.constantFrom(...nested),
  fc.constantFrom(...children).map((child) => `    ${child}`),
  fc.constantFrom(...children).map((child) => `\t${child}`),
  fc.constantFrom(
    '',
    '# comment 😀',
    '# cluster-serving-disable-next-line unknown-key, nope',
    '---',
    '<<<<<<< a',
    '  "',
  ),
);
const config = fc
  .tuple(fc.boolean(), fc.constantFrom('\n', '\r\n'), fc.array(line, { maxLength: 12 }))
  .map(([bom, eol, lines]) => (bom ? '\uFEFF' : '') + lines.join('\n').replaceAll('\n', eol));
const anything = fc.oneof(
  config,
  fc.string({ unit: 'binary', maxLength: 200 }),
  fc.string({ unit: fc.constantFrom(...Array.from(':-?{}[],&*!|>\'"%@`# \t\r\nab')), maxLength: 80 }),
);

test('any text is read without a throw, and every problem lies in it', () => {
  fc.assert(
    fc.property(anything, (text) => {
      const { config: read, problems } = readConfig(text);
      for (const { range } of problems) {
        expect(range.start).toBeGreaterThanOrEqual(0);
        expect(range.end).toBeGreaterThanOrEqual(range.start);
        expect(range.end).toBeLessThanOrEqual(text.length);
      }
      expect(read === undefined).toBe(problems.some(({ severity }) => severity === 'error'));
      expect(problems.map(({ range }) => range.start)).toEqual(
        problems.map(({ range }) => range.start).sort((a, b) => a - b),
      );
    }),
    runs(2000),
  );
});

test('a fix has ordered edits in the text, makes a problem of its code go away and breaks no line', () => {
  fc.assert(
    fc.property(config, (text) => {
      const before = readConfig(text).problems;
      // What stands behind a broken line, or in a second document, comes to light with a fix before it.
      fc.pre(!before.some(({ code }) => code === 'syntax' || code === 'several-documents'));
      const hasTabs = before.some(({ code }) => code === 'tab-indent');
      for (const found of before) {
        const edits = fixProblem(found, text);
        if (edits.length === 0) continue;
        let at = 0;
        for (const { range } of edits) {
          expect(range.start).toBeGreaterThanOrEqual(at);
          expect(range.end).toBeGreaterThanOrEqual(range.start);
          at = range.end;
        }
        expect(at).toBeLessThanOrEqual(text.length);
        const after = readConfig(applyEdits(text, edits)).problems;
        const count = (problems: typeof before) => problems.filter(({ code }) => code === found.code).length;
        const syntax = (problems: typeof before) => problems.filter(({ code }) => code === 'syntax').length;
        expect(count(after)).toBeLessThan(count(before));
        if (!hasTabs) expect(syntax(after)).toBeLessThanOrEqual(syntax(before));
      }
    }),
    runs(1000),
  );
});
