import { expect, test } from 'vitest';
import { durationBucketsMs } from '../../../schemas/config/durations.ts';
import { createStatistics } from '../../../server/src/engine/statistics.ts';

test('counts, rates, batches and percentiles add up', () => {
  const statistics = createStatistics(0);
  for (let ms = 1; ms <= 100; ms++) statistics.stages.decode.add(ms);
  statistics.finished({ processed: 40, failed: 3, expired: 7, shared: 5, overHttp: 0 });
  statistics.finished({ processed: 60, failed: 0, expired: 0, shared: 20, overHttp: 15 });
  statistics.batch(10);
  statistics.batch(30);
  expect(statistics.report(2_000)).toMatchObject({
    processed: 100,
    failed: 3,
    expired: 7,
    shared: 25,
    overHttp: 15,
    recordsPerSecond: 50,
    batchSize: { mean: 20, max: 30 },
    latencyMs: { decode: { p50: 51, p95: 96, p99: 100 }, inference: { p50: 0, p95: 0, p99: 0 } },
  });
});

test('the rate is that of the last ten seconds', () => {
  const statistics = createStatistics(0);
  statistics.finished({ processed: 1_000, failed: 0, expired: 0, shared: 0, overHttp: 0 });
  for (let at = 1_000; at <= 30_000; at += 1_000) statistics.report(at);
  expect(statistics.report(31_000)).toMatchObject({ processed: 1_000, recordsPerSecond: 0 });
});

test('all durations are counted by bucket, also those beyond the last one', () => {
  const statistics = createStatistics(0);
  for (const ms of [0.25, 0.3, 70_000]) statistics.stages.write.add(ms);
  const { count, sumMs, buckets } = statistics.report(1_000).durations.write;
  expect([count, sumMs]).toEqual([3, 70_000.55]);
  expect(buckets.slice(0, 3)).toEqual([1, 2, 2]);
  expect([buckets.length, buckets.at(-1)]).toEqual([durationBucketsMs.length, 2]);
});
