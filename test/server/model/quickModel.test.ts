import { expect, test } from 'vitest';
import { createQuickModel } from '../../../server/src/model/quickModel.ts';

/** A model whose runs take these times. */
function modelOf(runs: {
  readonly ms: number;
  readonly processorMs: number;
  readonly onProcessorTime?: () => void;
}) {
  let steady = 0;
  let processor = 0;
  const session = {
    run: () => {
      steady += runs.ms;
      processor += runs.processorMs;
      return Promise.resolve([]);
    },
  };
  const quick = { quickMs: 0.25, slowMs: 2 };
  const clocks = {
    steady: () => steady,
    processor() {
      runs.onProcessorTime?.();
      return processor;
    },
  };
  return createQuickModel(session, quick, clocks);
}

test('a model whose runs turn out to be slow leaves the calling thread after some runs', async () => {
  const model = modelOf({ ms: 5, processorMs: 5 });
  for (let i = 0; i < 2; i++) await model.run([]);
  expect(model.isQuick).toBe(true);
  await model.run([]);
  expect(model.isQuick).toBe(false);
});

test('runs that only wait for a processor are quick, however many there are in a row', async () => {
  const model = modelOf({ ms: 30, processorMs: 0.1 });
  for (let i = 0; i < 100; i++) await model.run([]);
  expect(model.isQuick).toBe(true);
});

test('processor time that other threads take beside quick runs does not count', async () => {
  const model = modelOf({ ms: 0.1, processorMs: 30 });
  for (let i = 0; i < 100; i++) await model.run([]);
  expect(model.isQuick).toBe(true);
});

test('the processor time of quick runs is not asked for', async () => {
  let asked = 0;
  const model = modelOf({ ms: 0.1, processorMs: 0.1, onProcessorTime: () => (asked += 1) });
  for (let i = 0; i < 100; i++) await model.run([]);
  expect(asked).toBe(0);
});
