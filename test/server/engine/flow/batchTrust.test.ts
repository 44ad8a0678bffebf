import { expect, test } from 'vitest';
import { createBatchTrust } from '../../../../server/src/engine/flow/batchTrust.ts';
import type { Sharing } from '../../../../server/src/model/sharing.ts';

const sharing = (proof: Sharing['proof']): Sharing => ({ shared: true, reason: 'so', proof });
const fine = (compared: number) => ({ compared, slight: 0 });

/** How many records of each of the next runs are checked. */
function plans(trust: ReturnType<typeof createBatchTrust>, runs: number, records = 8): number[] {
  return Array.from({ length: runs }, () => {
    const checked = trust.plan(records);
    trust.report(fine(checked.length));
    return checked.length;
  });
}

test.each([
  ['graph', 3],
  ['samples', 20],
  ['word', 0],
] as const)('what rests upon %s has its first %i runs checked in full', (proof, first) => {
  const trust = createBatchTrust(sharing(proof));
  expect(plans(trust, 30).filter((checked) => checked === 8)).toHaveLength(first);
});

test.each(['graph', 'samples'] as const)(
  'what rests upon %s is looked at for ever, for a hundredth of all runs',
  (proof) => {
    const trust = createBatchTrust(sharing(proof));
    plans(trust, 100);
    const later = plans(trust, 10_000).reduce((sum, checked) => sum + checked, 0);
    expect(later).toBeGreaterThan(80);
    expect(later).toBeLessThanOrEqual(101);
  },
);

test('later checks come to every place of a run', () => {
  const trust = createBatchTrust(sharing('graph'));
  plans(trust, 3);
  const seen = new Set(Array.from({ length: 5_000 }, () => trust.plan(8)).flat());
  expect(seen.size).toBe(8);
});

test('a record alone is not checked, and uses up no check', () => {
  const trust = createBatchTrust(sharing('samples'));
  expect(plans(trust, 50, 1)).toEqual(Array(50).fill(0));
  expect(trust.plan(2)).toEqual([0, 1]);
});

test('trouble ends sharing for good, with its reason', () => {
  const trust = createBatchTrust(sharing('samples'));
  trust.report({ compared: 8, slight: 0, trouble: 'output "y" differs' });
  expect(trust.sharing).toEqual({ shared: false, reason: 'output "y" differs', proof: 'samples' });
  trust.report(fine(8));
  trust.report({ compared: 8, slight: 0, trouble: 'another' });
  expect(trust.sharing.reason).toBe('output "y" differs');
  expect(trust.plan(8)).toEqual([]);
});

test('rows that cannot be given back end sharing, whatever the user says', () => {
  const trust = createBatchTrust(sharing('word'));
  trust.lose('no rows');
  expect(trust.sharing).toMatchObject({ shared: false, reason: 'no rows' });
});

test('a few answers that are decided by a hair end nothing; many do', () => {
  const few = createBatchTrust(sharing('graph'));
  for (let i = 0; i < 100; i++) few.report({ compared: 100, slight: 1 });
  expect(few.sharing.shared).toBe(true);
  const many = createBatchTrust(sharing('graph'));
  for (let i = 0; i < 3; i++) many.report({ compared: 8, slight: 1 });
  expect(many.sharing).toMatchObject({ shared: false });
});

test('what is not shared from the start is never planned', () => {
  expect(createBatchTrust({ ...sharing('graph'), shared: false }).plan(8)).toEqual([]);
});
