import { expect, test } from 'vitest';
import { createHistogram } from '../../../server/src/bench/histogram.ts';
import { createRandom } from '../../torture/random.ts';

test('percentiles are at most 1 % above those of the sorted durations, and never below', () => {
  const random = createRandom(7);
  const histogram = createHistogram();
  const all = Array.from({ length: 5_000 }, () => random.between(1, 1_000_000) ** 1.5 / 1e5);
  for (const ms of all) histogram.add(ms);
  const sorted = all.sort((a, b) => a - b);
  for (const share of [0.001, 0.1, 0.5, 0.9, 0.99, 0.999, 1]) {
    const exact = sorted[Math.ceil(share * sorted.length) - 1] ?? 0;
    const found = histogram.percentile(share) ?? 0;
    expect(found).toBeGreaterThanOrEqual(exact * 0.9999);
    expect(found).toBeLessThanOrEqual(Math.max(0.001, exact * 1.0101));
  }
  expect(histogram.report()?.max).toBeCloseTo(sorted.at(-1) ?? 0, 2);
  expect(histogram.report()?.mean).toBeCloseTo(all.reduce((a, b) => a + b, 0) / all.length, 2);
});

test('an empty one has no percentile, and one of a single duration has that', () => {
  const histogram = createHistogram();
  expect([histogram.percentile(0.5), histogram.report(), histogram.count]).toEqual([undefined, undefined, 0]);
  histogram.add(12.5);
  expect(histogram.report()).toEqual({ mean: 12.5, p50: 12.5, p90: 12.5, p99: 12.5, max: 12.5 });
});

test('no duration is negative, and none is too short or too long', () => {
  const histogram = createHistogram();
  for (const ms of [-1, 0, 1e-9, 1e9]) histogram.add(ms);
  expect(histogram.count).toBe(4);
  expect(histogram.report()).toMatchObject({ p50: 0.001, max: 1e9 });
});
