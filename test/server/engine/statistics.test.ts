import { expect, test } from 'vitest';
import { createStatistics } from '../../../server/src/engine/statistics.ts';

test('counts, rates, batches and percentiles add up', () => {
  const statistics = createStatistics(0);
  for (let ms = 1; ms <= 100; ms++) statistics.stages.decode.add(ms);
  statistics.answered(40, 3);
  statistics.answered(60, 0);
  statistics.expired(7);
  statistics.batch(10);
  statistics.batch(30);
  expect(statistics.report(2_000)).toMatchObject({
    processed: 100,
    failed: 3,
    expired: 7,
    recordsPerSecond: 50,
    batchSize: { mean: 20, max: 30 },
    latencyMs: { decode: { p50: 51, p95: 96, p99: 100 }, inference: { p50: 0, p95: 0, p99: 0 } },
  });
});

test('the rate is that of the last ten seconds', () => {
  const statistics = createStatistics(0);
  statistics.answered(1_000, 0);
  for (let at = 1_000; at <= 30_000; at += 1_000) statistics.report(at);
  expect(statistics.report(31_000)).toMatchObject({ processed: 1_000, recordsPerSecond: 0 });
});
