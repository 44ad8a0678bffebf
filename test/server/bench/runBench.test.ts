import { expect, test } from 'vitest';
import type { Step, StepReport } from '../../../server/src/bench/benchReport.ts';
import { runBench } from '../../../server/src/bench/runBench.ts';
import { stageCounts, stageMeans, type CountingWorker } from '../../../server/src/bench/stageMeans.ts';
import { createHandClock } from '../../support/handClock.ts';

const counted = (count: number, sumMs: number) => ({ count, sumMs, buckets: [] });

/** @param write  count and sum */
function beat(workerId: string, at: number, write?: readonly [number, number]): CountingWorker {
  const rest = counted(0, 0);
  const durations = write && { queueWait: rest, decode: rest, inference: rest, write: counted(...write) };
  return { heartbeat: { workerId, at, ...(durations ? { durations } : {}) } };
}
const counts = (...workers: CountingWorker[]) => stageCounts({ workers });

test('means are of what was counted in between, over all workers', () => {
  const before = counts(beat('a', 1, [10, 100]), beat('b', 1, [0, 0]));
  const after = counts(beat('a', 2, [20, 300]), beat('b', 2, [10, 100]), beat('new', 2, [5, 50]));
  expect(stageMeans(before, after)).toEqual({ write: 14 });
});

test('a worker that began again is left out, and nothing is made of nothing', () => {
  expect(stageMeans(counts(beat('a', 1, [10, 100])), counts(beat('a', 2, [4, 40])))).toBeUndefined();
  expect(stageMeans(counts(beat('a', 1)), counts(beat('a', 2)))).toBeUndefined();
  expect(stageMeans(counts(), counts())).toBeUndefined();
});

test('each step has what the workers reported of it, and nothing of the step before', async () => {
  const clock = createHandClock(0);
  let asked = 0;
  const ask = () =>
    new Promise<undefined>((resolve) =>
      clock.after(10, () => {
        asked += 1;
        resolve(undefined);
      }),
    );
  // A worker reports once a second. Each write of the first step took 1 ms, of the second 5.
  const writes = () => (asked <= 300 ? asked : 300 + (asked - 300) * 5);
  let reported = counts(beat('a', 0, [0, 0]));
  const report = () => {
    reported = counts(beat('a', clock.steadyMs(), [asked, writes()]));
    clock.after(1_000, report);
  };
  clock.after(1_000, report);
  const steps: readonly Step[] = [
    { kind: 'concurrency', value: 1 },
    { kind: 'concurrency', value: 2 },
  ];
  const seen: StepReport[] = [];
  const { signal } = new AbortController();
  let found: readonly StepReport[] | undefined;
  void runBench({
    ...{ steps, ask, clock, warmUpMs: 1_000, durationMs: 2_000, signal },
    readStages: () => Promise.resolve(reported),
    onStep: (step) => seen.push(step),
  }).then((all) => (found = all));
  for (let i = 0; i < 300 && !found; i++) await clock.pass(100);
  expect(found).toEqual(seen);
  expect(seen.map(({ value, perSecond, stages }) => [value, perSecond, stages])).toEqual([
    [1, 100, { write: 1 }],
    [2, 200, { write: 5 }],
  ]);
});

test('a run that is stopped keeps the steps that were whole', async () => {
  const clock = createHandClock(0);
  const stop = new AbortController();
  let at = 0;
  let found: readonly StepReport[] | undefined;
  void runBench({
    steps: [1, 2, 3].map((value) => ({ kind: 'rate', value }) as const),
    ask: () => Promise.resolve(undefined),
    ...{ clock, warmUpMs: 0, durationMs: 1_000, signal: stop.signal },
    readStages: () => Promise.resolve(counts(beat('a', ++at))),
    onStep: ({ value }) => value === 2 && stop.abort(),
  }).then((all) => (found = all));
  for (let i = 0; i < 100 && !found; i++) await clock.pass(100);
  expect(found?.map(({ value }) => value)).toEqual([1, 2]);
});
