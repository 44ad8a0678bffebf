import { expect, test } from 'vitest';
import { raised } from '../../../client/src/jobs/raised.ts';

const tuning = { batchSize: 64, threadPerModel: 1, modelParallelism: 3, coreNumberPerMachine: -1 };

test.each([
  ['batchSize', 64, 128],
  ['threadPerModel', 1, 2],
  ['modelParallelism', 3, 6],
] as const)('%s goes from %d to %d', (key, from, to) => {
  expect(raised(tuning, key)).toEqual({ key, from, to });
});

test('coreNumberPerMachine is raised where it stands in place of copies and threads', () => {
  const set = { ...tuning, coreNumberPerMachine: 4 };
  expect(raised(set, 'modelParallelism')).toEqual({ key: 'coreNumberPerMachine', from: 4, to: 8 });
  expect(raised(set, 'threadPerModel').key).toBe('coreNumberPerMachine');
  expect(raised(set, 'batchSize').key).toBe('batchSize');
});
