import { expect, test } from 'vitest';
import type { Point } from '../../../web/monitor/point.ts';
import { thinned } from '../../../web/monitor/thinned.ts';

const point = (at: number, more: Partial<Point> = {}): Point => ({
  at,
  perSecond: 10,
  p50: 1,
  p99: 2,
  backlog: 0,
  newErrors: 0,
  errors: 0,
  ...more,
});

/** What an hour and a half of looks leaves, each thinned as it comes. */
function afterHours(of: (second: number) => Partial<Point> = () => ({})): readonly Point[] {
  let points: readonly Point[] = [];
  for (let second = 0; second <= 5_400; second++)
    points = thinned([...points, point(second * 1_000, of(second))], second * 1_000);
  return points;
}

test('every second of the last two minutes stays', () => {
  const last = afterHours().filter(({ at }) => at >= 5_400_000 - 120_000);
  expect(last).toHaveLength(121);
});

test('an hour is kept, in a few hundred points, and nothing older', () => {
  const points = afterHours();
  expect(points.length).toBeLessThan(450);
  expect(points[0]?.at).toBeGreaterThanOrEqual(1_800_000);
  expect(points[0]?.at).toBeLessThan(1_860_000);
  const ats = points.map(({ at }) => at);
  expect(ats).toEqual(ats.toSorted((a, b) => a - b));
});

test('no error is lost, and no peak', () => {
  const points = afterHours((second) => (second === 3_003 ? { newErrors: 3, p99: 500, backlog: 77 } : {}));
  expect(points.reduce((sum, { newErrors }) => sum + newErrors, 0)).toBe(3);
  expect(Math.max(...points.map(({ p99 }) => p99))).toBe(500);
  expect(Math.max(...points.map(({ backlog }) => backlog))).toBe(77);
});

test('rates become their mean, however often points were put together', () => {
  const points = afterHours((second) => ({ perSecond: second % 2 === 0 ? 0 : 20 }));
  const [old] = points.filter(({ moments = 1 }) => moments >= 30);
  expect(old?.perSecond).toBeCloseTo(10, 0);
});

test('stages and batches are put together where both moments have them', () => {
  const stages = { queueWait: 1, decode: 2, inference: 3, write: 4 };
  const points = afterHours((second) => ({
    stages: second === 100 ? { ...stages, inference: 9 } : stages,
    batch: { mean: second % 2, max: second % 2 },
  }));
  expect(points.every((one) => one.stages !== undefined && one.batch !== undefined)).toBe(true);
  const [old] = points.filter(({ moments = 1 }) => moments >= 30);
  expect(old?.batch?.mean).toBeCloseTo(0.5, 1);
  expect(old?.batch?.max).toBe(1);
});
