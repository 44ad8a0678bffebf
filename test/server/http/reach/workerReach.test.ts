import { expect, test } from 'vitest';
import { createInferenceCounter } from '../../../../server/src/engine/flow/inferenceCounter.ts';
import type { Prediction } from '../../../../server/src/ask/prediction.ts';
import { createWorkerReach, type WorkerSide } from '../../../../server/src/http/reach/workerReach.ts';
import type { JobWatch } from '../../../../server/src/http/watch/jobWatch.ts';
import { blockerIn } from '../../../../server/src/http/watch/readiness.ts';
import { dense } from '../../../support/ask.ts';

const inputs = [{ name: 'x', type: 'float32', shape: [null, 2] }];

/** A worker whose answers are in the test's hand. */
function side(more: Partial<WorkerSide> = {}): WorkerSide & { readonly asked: string[] } {
  const asked: string[] = [];
  return {
    asked,
    jobName: 'mlp',
    model: () => ({ inputs, outputs: [], batched: true, rowsPerRecord: 8, forms: ['original', 'typed'] }),
    labels: () => ({}),
    reload: () => undefined,
    inferences: () => ({
      ...createInferenceCounter().report(),
      queueWait: { count: 0, sumMs: 0 },
    }),
    death: undefined,
    waiting: 0,
    progressAt: performance.now(),
    ask(name) {
      asked.push(name);
      return { answer: Promise.resolve<Prediction>([]), hangUp: () => undefined };
    },
    ...more,
  };
}

function watch(trouble?: string): JobWatch {
  return {
    job: () => undefined,
    jobs: () => [],
    figures: () => undefined,
    readyWorker: () => undefined,
    trouble,
    refusal: undefined,
    clockAheadMs: 0,
    readAt: performance.now(),
    progressAt: () => performance.now(),
    refresh: () => Promise.resolve(),
    close: () => undefined,
  };
}

const reachOf = (worker: WorkerSide, trouble?: string) =>
  createWorkerReach({ worker, watch: watch(trouble) });
const sent = (values: readonly number[]) => ({
  uri: `of-${values.length}`,
  place: `instances[${values.length}]`,
  inputs: new Map([['x', dense([values.length], values)]]),
});
const options = { deadline: 60_000, text: undefined, choice: { name: 'a' } };

test('all records are checked before the first is asked, and the place of what is wrong is named', () => {
  const worker = side();
  expect(() => reachOf(worker).ask([sent([1, 2]), sent([1, 2, 3])], options)).toThrow(/^instances\[3\]\.x /);
  expect(worker.asked).toEqual([]);
});

test('a model that died is a 503 for what it had and for what comes', async () => {
  const death = new Error('its thread ended');
  const worker = side({
    death,
    ask: () => ({ answer: Promise.reject(death), hangUp: () => undefined }),
  });
  const reach = reachOf(worker);
  const [asked] = await reach.ask([sent([1, 2])], options);
  await expect(asked?.prediction).rejects.toMatchObject({
    code: 'not-ready',
    headers: { 'retry-after': '1' },
  });
  expect(reach.refusal()).toContain('its thread ended');
  expect(blockerIn(reach.checks())).toMatchObject({ name: 'model', ok: false });
});

test('a reason of the model is passed on as it is', async () => {
  const reason = new Error('no 13');
  const worker = side({ ask: () => ({ answer: Promise.reject(reason), hangUp: () => undefined }) });
  const [asked] = await reachOf(worker).ask([sent([1, 2])], options);
  await expect(asked?.prediction).rejects.toBe(reason);
});

test('a Redis that is away is reported and blocks nothing; requests that do not move do', () => {
  const away = reachOf(side(), 'Redis does not answer.').checks();
  expect(away.find(({ name }) => name === 'redis')).toMatchObject({ ok: false, needed: false });
  expect(blockerIn(away)).toBeUndefined();
  const stuck = reachOf(side({ waiting: 3, progressAt: performance.now() - 60_000 })).checks();
  expect(blockerIn(stuck)).toMatchObject({ name: 'progress', ok: false });
});
