import { expect, test } from 'vitest';
import { marksBetween, sightsOf } from '../../../web/monitor/marks.ts';
import { aJob, aWorker } from './aJob.ts';

const living = aWorker('a');
const dead = { registration: living.registration };
const sights = (...workers: Parameters<typeof aJob>[0]) => sightsOf(aJob(workers));

test('a worker that comes has started, and one that is gone has stopped', () => {
  expect(marksBetween(sights(), sights(living), 5)).toEqual([{ at: 5, kind: 'start', worker: '7@here' }]);
  expect(marksBetween(sights(living), sights(), 6)).toEqual([{ at: 6, kind: 'stop', worker: '7@here' }]);
});

test('a worker that leaves its registration without a heartbeat has died, once', () => {
  expect(marksBetween(sights(living), sights(dead), 5).map(({ kind }) => kind)).toEqual(['death']);
  expect(marksBetween(sights(dead), sights(dead), 6)).toEqual([]);
  // What is left of a dead worker is removed by the next start or stop.
  expect(marksBetween(sights(dead), sights(), 7)).toEqual([]);
});

test('a worker that ended by itself has died', () => {
  const failed = { ...living, registration: { ...living.registration, failure: 'out of memory' } };
  expect(marksBetween(sights(living), sights(failed), 5).map(({ kind }) => kind)).toEqual(['death']);
});

test('a worker that takes the place of a dead one is a start', () => {
  expect(marksBetween(sights(dead), sights(dead, aWorker('b')), 5).map(({ kind }) => kind)).toEqual([
    'start',
  ]);
});

test('when the workers of a job began that was not seen before is not known', () => {
  expect(marksBetween(undefined, sights(living), 5)).toEqual([]);
});

test('a worker that loads its model lives', () => {
  const early = { workerId: 'a', jobName: 'digits', at: 0, state: 'starting' } as const;
  expect(marksBetween(sights(), sights({ ...dead, early }), 5).map(({ kind }) => kind)).toEqual(['start']);
  expect(marksBetween(sights({ ...dead, early }), sights(living), 6)).toEqual([]);
});

test('a worker that serves something else has reloaded, and one that refuses to is marked each time', () => {
  const beat = (more: Parameters<typeof aWorker>[2]) => sights(aWorker('a', {}, more));
  const refused = (at: number) =>
    beat({
      reloads: 2,
      reload: { by: 'change', state: 'refused', at, refusal: { code: 'model-damaged', message: 'It is.' } },
    });
  const kinds = (before: ReturnType<typeof beat> | undefined, after: ReturnType<typeof beat>) =>
    marksBetween(before, after, 5).map(({ kind }) => kind);
  expect(kinds(beat({ reloads: 0 }), beat({ reloads: 1 }))).toEqual(['reload']);
  expect(kinds(beat({ reloads: 1 }), beat({ reloads: 1 }))).toEqual([]);
  expect(kinds(beat({ reloads: 2 }), refused(100))).toEqual(['refusal']);
  expect(kinds(refused(100), refused(100))).toEqual([]);
  expect(kinds(refused(100), refused(200))).toEqual(['refusal']);
  expect(kinds(undefined, refused(100))).toEqual([]);
});

test('a worker that cannot reload, and one that is seen for the first time, has not reloaded', () => {
  const before = sights(living);
  expect(marksBetween(before, sights(aWorker('a', {}, { reloads: 3 })), 5)).toEqual([]);
  const marks = marksBetween(before, sights(living, aWorker('b', {}, { reloads: 3 })), 5);
  expect(marks.map(({ kind }) => kind)).toEqual(['start']);
});
