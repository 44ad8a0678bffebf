import { expect, test } from 'vitest';
import { listedPage } from '../../../client/src/jobs/queues/listedPage.ts';

test('records of each list have what the table shows of them', () => {
  expect(
    listedPage(
      { records: [{ id: '1-0', uri: 'a', at: 5, requeued: 2 }], next: '1-0' },
      { state: 'waiting' },
      99,
    ),
  ).toEqual({ records: [{ id: '1-0', uri: 'a', at: 5, requeued: 2 }], next: '1-0' });
  const pending = [{ id: '1-0', consumer: 'cs-1', idleMs: 40, deliveries: 1 }];
  expect(listedPage({ records: pending }, { state: 'pending' }, 99).records).toEqual([
    { id: '1-0', at: 59, worker: 'cs-1', deliveries: 1 },
  ]);
  const letter = {
    id: '2-0',
    reason: 'why',
    at: 7,
    deliveries: 3,
    consumer: 'cs-1',
    worker: '5@here',
    requeued: 0,
  };
  expect(listedPage({ records: [letter], searched: 10 }, { state: 'dead' }, 99)).toEqual({
    records: [{ id: '2-0', reason: 'why', at: 7, deliveries: 3, worker: '5@here', requeued: 0 }],
    searched: 10,
  });
});
