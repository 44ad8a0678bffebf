import { expect, test } from 'vitest';
import type { WorkerInferences } from '../../../../server/src/http/reach/reach.ts';
import { modelStatistics } from '../../../../server/src/http/v2/modelStatistics.ts';

const worker: WorkerInferences = {
  ...{ runs: 3, rows: 7, lastAt: 1_000 },
  ran: { count: 4, sumMs: 8 },
  succeeded: { count: 3, sumMs: 0.0015 },
  failed: { count: 1, sumMs: 2 },
  queueWait: { count: 4, sumMs: 1 },
  batches: [{ rows: 2, count: 2, sumMs: 3 }],
};

test('what several workers report is summed, in ns', () => {
  const other = { ...worker, lastAt: 5_000, batches: [{ rows: 1, count: 1, sumMs: 1 }, ...worker.batches] };
  expect(modelStatistics('m', '2', [worker, other])).toEqual({
    name: 'm',
    version: '2',
    last_inference: 5_000,
    inference_count: 14,
    execution_count: 6,
    inference_stats: {
      success: { count: 6, ns: 3_000 },
      fail: { count: 2, ns: 4_000_000 },
      queue: { count: 8, ns: 2_000_000 },
      compute_infer: { count: 8, ns: 16_000_000 },
    },
    batch_stats: [
      { batch_size: 1, compute_infer: { count: 1, ns: 1_000_000 } },
      { batch_size: 2, compute_infer: { count: 4, ns: 6_000_000 } },
    ],
  });
});

test('what has not been yet is left out', () => {
  const fresh: WorkerInferences = { ...worker, runs: 0, rows: 0, batches: [] };
  Reflect.deleteProperty(fresh, 'lastAt');
  expect(modelStatistics('m', '1', [fresh])).not.toHaveProperty('last_inference');
});
