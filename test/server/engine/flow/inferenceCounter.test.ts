import { expect, test } from 'vitest';
import { createInferenceCounter } from '../../../../server/src/engine/flow/inferenceCounter.ts';

test('runs are counted by their rows, and each record of a run has its time', () => {
  const counter = createInferenceCounter();
  counter.ran(3, 6, 10, 1_000.4);
  counter.ran(1, 2, 4, 2_000.6);
  counter.ran(2, 6, 20, 3_000.5);
  counter.answered(4, 7);
  counter.gaveUp(1, 2.5);
  expect(counter.report()).toEqual({
    runs: 3,
    rows: 14,
    lastAt: 3_001,
    ran: { count: 6, sumMs: 74 },
    succeeded: { count: 4, sumMs: 28 },
    failed: { count: 1, sumMs: 2.5 },
    batches: [
      { rows: 2, count: 1, sumMs: 4 },
      { rows: 6, count: 2, sumMs: 30 },
    ],
  });
});

test('before the first run there is no last one', () => {
  expect(createInferenceCounter().report()).not.toHaveProperty('lastAt');
});

test('a clock of the store that is behind makes no negative duration', () => {
  const counter = createInferenceCounter();
  counter.answered(1, -5);
  expect(counter.report().succeeded).toEqual({ count: 1, sumMs: 0 });
});

test('a heartbeat stays small whatever sizes batches have, and all runs count', () => {
  const counter = createInferenceCounter();
  for (let rows = 1; rows <= 1_000; rows++) counter.ran(1, rows, 1, 0);
  expect(counter.report().batches).toHaveLength(256);
  expect(counter.report().runs).toBe(1_000);
});
