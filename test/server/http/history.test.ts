import { expect, test } from 'vitest';
import { addSnapshot as add, type Series } from '../../../server/src/http/web/history.ts';
import type { MonitorSnapshot } from '../../../server/src/http/web/snapshot.ts';
import { aJob, beat } from '../../client/aJob.ts';
import { createText } from '../../../server/src/http/web/texts.ts';

const addSnapshot = (before: readonly Series[], snapshot: MonitorSnapshot) =>
  add(before, snapshot, createText('en'));

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

test('a job that is gone loses its line, and one that stays keeps its points', () => {
  let series = addSnapshot([], snapshot(0, 0, ['a', 'b']));
  series = addSnapshot(series, snapshot(1_000, 0, ['b']));
  expect(series.map(({ name, points }) => [name, points.length])).toEqual([
    ['HTTP frontend', 2],
    ['b', 2],
  ]);
  expect(series[1]?.points[0]).toMatchObject({ backlog: 5, dead: 1 });
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
  const [job] = now.jobs as [MonitorSnapshot['jobs'][number]];
  const jobs = [
    { ...job, workers: aJob().workers.map((worker) => ({ ...worker, heartbeat: { ...beat, reload } })) },
  ];
  expect(addSnapshot([], { ...now, jobs })[1]?.detail).toContain('not reloaded: m.onnx is empty.');
});
