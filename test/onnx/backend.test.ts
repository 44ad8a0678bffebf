import { beforeAll, expect, test } from 'vitest';
import { categories, listCases, type Case, type Category } from './backend/cases.ts';
import { runCases } from './backend/pool.ts';
import type { CaseResult, Outcome } from './backend/runCase.ts';

// The ONNX project's own cases for backends, through the parts of the engine: load, decode, fit, batch, run and encode. What
// comes out in the typed form is what the runtime itself gives, to the last bit, and what the project expects within its
// runner's tolerance.

/** What has been reached, and may not be lost: cases whose answers are the runtime's, and of these such as the ONNX project
 *  expects the same of. */
const reached: Readonly<Record<Category, { readonly served: number; readonly exact: number }>> = {
  node: { served: 1438, exact: 1415 },
  simple: { served: 17, exact: 17 },
  'pytorch-converted': { served: 59, exact: 59 },
  'pytorch-operator': { served: 24, exact: 24 },
};

let results: ReadonlyMap<Case, CaseResult>;

beforeAll(async () => {
  results = await runCases(categories.flatMap(listCases));
  for (const category of categories) console.log(`${category}: ${tallyText(category)}`);
  const notRun = of('not run');
  console.log(`Cases that the runtime itself does not run, ${notRun.length}:`);
  for (const text of notRun) console.log(`  ${text}`);
});

function of(outcome: Outcome, category?: Category): string[] {
  return [...results]
    .filter(([one, result]) => result.outcome === outcome && (!category || one.category === category))
    .map(([one, { why }]) => `${one.category}/${one.name}: ${why.split('\n')[0]?.slice(0, 200)}`);
}

function tallyText(category: Category): string {
  const counts = new Map<Outcome, number>();
  for (const [one, { outcome }] of results)
    if (one.category === category) counts.set(outcome, (counts.get(outcome) ?? 0) + 1);
  return [...counts].map(([outcome, count]) => `${count} ${outcome}`).join(', ');
}

test.each(['wrong', 'nan', 'crash'] as const)('no case ends %s', (outcome) => {
  expect(of(outcome)).toEqual([]);
});

test('no case that the runtime can run is refused at the start', () => {
  expect(of('refused')).toEqual([]);
});

test.each(categories)('of %s, no case is lost that was served before', (category) => {
  const exact = of('exact', category).length;
  expect(exact).toBeGreaterThanOrEqual(reached[category].exact);
  expect(exact + of('as the runtime', category).length).toBeGreaterThanOrEqual(reached[category].served);
});

test('models whose inputs are not tensors, or which have none, are refused at the start', () => {
  for (const text of of('no tensors')) expect(text).toContain('the engine refuses it: model-unsupported');
});
