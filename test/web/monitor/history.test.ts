import { expect, test } from 'vitest';
import type { MonitorSnapshot } from '../../../schemas/pages.ts';
import { createText } from '../../../web/design/createText.ts';
import { addSnapshot as add, type Series } from '../../../web/monitor/history.ts';
import { chinese } from '../../../web/monitor/texts.ts';
import { aJob, aWorker } from './aJob.ts';

const addSnapshot = (before: readonly Series[], snapshot: MonitorSnapshot) =>
  add(before, snapshot, createText(chinese, 'en'));

const latencyMs = { p50: 1, p95: 2, p99: 3 };
const snapshot = (at: number, predictions: number, jobs: string[] = []): MonitorSnapshot => ({
  at,
  trouble: [],
  jobs: jobs.map((jobName) => ({
    jobName,
    redis: 'localhost:6379',
    backend: 'embedded',
    state: 'running',
    workers: [],
    queue: { waiting: 2, pending: 3, dead: 1, oldestAgeMs: 0 },
  })),
  frontend: { predictions, failed: 0, inFlight: 0, latencyMs },
});

test("the frontend's rate is the change of its total over the time between", () => {
  const series = addSnapshot(addSnapshot([], snapshot(0, 100)), snapshot(2_000, 300));
  expect(series[0]?.points.map(({ perSecond }) => perSecond)).toEqual([0, 100]);
});

test('a job that is gone is shown as stopped for a quarter of an hour, and one that stays keeps its points', () => {
  let series = addSnapshot([], snapshot(0, 0, ['a', 'b']));
  series = addSnapshot(series, snapshot(1_000, 0, ['b']));
  expect(series.map(({ name, state, points }) => [name, state, points.length])).toEqual([
    ['HTTP frontend', 'running', 2],
    ['a', 'stopped', 1],
    ['b', 'running', 2],
  ]);
  expect(series[2]?.points[0]).toMatchObject({ backlog: 5, dead: 1 });
  series = addSnapshot(series, snapshot(1_000_000, 0, ['b']));
  expect(series.map(({ name }) => name)).toEqual(['HTTP frontend', 'b']);
});

test('jobs of one name on two Redis are two', () => {
  const { jobs, ...rest } = snapshot(0, 0, ['a', 'a']);
  const two = jobs.map((job, i) => ({ ...job, redis: `r${i}:6379` }));
  const series = addSnapshot(addSnapshot([], { ...rest, jobs: two }), { ...rest, at: 1_000, jobs: two });
  expect(series.slice(1).map(({ id, points }) => [id, points.length])).toEqual([
    ['r0:6379/a', 2],
    ['r1:6379/a', 2],
  ]);
});

test('the life of a job is marked: its start, the death of its worker, and its end', () => {
  const at = (time: number, ...jobs: MonitorSnapshot['jobs']): MonitorSnapshot => ({
    at: time,
    trouble: [],
    jobs,
  });
  const worker = aWorker('w');
  const dead = { registration: worker.registration };
  let series = addSnapshot([], at(0, aJob([])));
  series = addSnapshot(series, at(1_000, aJob([worker])));
  series = addSnapshot(series, at(2_000, aJob([dead], { state: 'failed' })));
  series = addSnapshot(series, at(3_000, aJob([dead, aWorker('x')])));
  series = addSnapshot(series, at(4_000));
  expect(series[0]?.marks.map(({ at: time, kind }) => [time, kind])).toEqual([
    [1_000, 'start'],
    [2_000, 'death'],
    [3_000, 'start'],
    [4_000, 'stop'],
  ]);
  expect(series[0]?.advice).toBeUndefined();
  // An hour later they are out of every range.
  const later = addSnapshot(addSnapshot(series, at(5_000, aJob([worker]))), at(3_700_000, aJob([worker])));
  expect(later[0]?.marks).toEqual([]);
});

test('errors are counted since the last snapshot', () => {
  const failed = (at: number, count: number) => ({
    ...snapshot(at, 0),
    frontend: { predictions: 0, failed: count, inFlight: 0, latencyMs },
  });
  let series = addSnapshot([], failed(0, 5));
  series = addSnapshot(series, failed(1_000, 8));
  series = addSnapshot(series, failed(2_000, 1));
  expect(series[0]?.points.map(({ newErrors }) => newErrors)).toEqual([0, 3, 0]);
});

test('why a change is not served stands beside the figures of the job', () => {
  const refusal = { code: 'model-damaged', message: 'm.onnx is empty.' };
  const reload = { by: 'change', state: 'refused', at: 0, refusal } as const;
  const now = snapshot(0, 0, ['a']);
  const jobs = now.jobs.map((job) => ({ ...job, workers: [aWorker('w', {}, { reload })] }));
  expect(addSnapshot([], { ...now, jobs })[1]?.detail).toContain('not reloaded: m.onnx is empty.');
});

test('a rollout is shown with what both versions have answered, of all workers together', () => {
  const inferenceMs = { p50: 1, p95: 2, p99: 3 };
  const rollout = {
    ...{ version: '2', percent: 25, isShadow: false, since: 0 },
    served: { version: '1', answered: 30, failed: 0, inferenceMs },
    next: { version: '2', answered: 10, failed: 0, inferenceMs },
  };
  const shadow = {
    ...rollout,
    isShadow: true,
    agreement: { compared: 5, agreed: 4, difference: 0, skipped: 0 },
  };
  const detailOf = (shown: typeof rollout) => {
    const job = aJob(['a', 'b'].map((id) => aWorker(id, {}, { rollout: shown })));
    return addSnapshot([], { ...snapshot(0, 0), jobs: [job] }).at(-1)?.detail;
  };
  expect(detailOf(rollout)).toContain('version 2 on 25 %: 20 answered; version 1: 60');
  expect(detailOf(shadow)).toContain('version 2 as a shadow on 25 %: 8 of 10 agree');
});
