import { expect, test } from 'vitest';
import { flowOf, withSight, type Sight } from '../../../client/src/jobs/flow.ts';
import { aJob } from '../aJob.ts';

/** The job of the tests answers 10 records a second. */
const sights = (...list: readonly [at: number, backlog: number, added?: number][]): readonly Sight[] =>
  list.map(([at, backlog, added]) => ({ at, backlog, ...(added === undefined ? {} : { added }) }));

test('the rate in is what clients added between two sights', () => {
  expect(flowOf(aJob(), sights([0, 0, 100], [2_000, 0, 150])).inPerSecond).toBe(25);
});

test('a Redis that does not count what is added gives no rate in', () => {
  expect(flowOf(aJob(), sights([0, 0], [2_000, 0]))).toEqual({ outPerSecond: 10, trend: 'steady' });
});

test.each([
  [100, 102, 'steady'],
  [100, 200, 'grows'],
  [100, 50, 'shrinks'],
] as const)('a queue that went from %i to %i is called %s', (before, after, trend) => {
  expect(flowOf(aJob(), sights([0, before], [2_000, after])).trend).toBe(trend);
});

test('a queue is drained at the rate out less the rate in', () => {
  expect(flowOf(aJob(), sights([0, 120, 0], [2_000, 120, 8])).drainMs).toBe(20_000);
});

test('a queue into which more comes than goes out has no end', () => {
  expect(flowOf(aJob(), sights([0, 100, 0], [1_000, 110, 20])).drainMs).toBeUndefined();
});

test('what was seen long ago does not count', () => {
  const kept = withSight(sights([0, 5], [10_000, 6]), { at: 20_000, backlog: 7 });
  expect(kept.map(({ at }) => at)).toEqual([10_000, 20_000]);
});
