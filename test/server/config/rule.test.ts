import { expect, test } from 'vitest';
import { configProblems, type ProblemCode } from '../../../schemas/config/problems.ts';
import { readConfig } from '../../../server/src/config/readConfig.ts';
import { applyEdits } from '../../../server/src/config/edits.ts';
import { fixProblem, isSafeToFix, rules } from '../../../server/src/config/rules/rules.ts';
import { mutatedConfigs } from '../../support/mutateConfig.ts';

const texts = mutatedConfigs(3, 600).map(({ bytes }) => bytes.toString());

test('each code belongs to one rule, and is one that the pages explain', () => {
  const codes = rules.flatMap((rule) => rule.codes);
  expect(new Set(codes).size).toBe(codes.length);
  for (const code of codes) expect(configProblems).toHaveProperty(code);
});

test('the fix of a problem that may be fixed without asking changes nothing of what is read', () => {
  const tried = new Set<ProblemCode>();
  for (const text of texts) {
    const { config, problems } = readConfig(text);
    for (const problem of problems.filter(({ code }) => config && isSafeToFix(code))) {
      const edits = fixProblem(problem, text);
      if (edits.length === 0) continue;
      tried.add(problem.code);
      expect(readConfig(applyEdits(text, edits)).config).toEqual(config);
    }
  }
  const often = ['dead-key', 'duplicate-key', 'key-case', 'nested-form', 'older-name'];
  expect([...tried]).toEqual(expect.arrayContaining(often));
}); // prettier-ignore
