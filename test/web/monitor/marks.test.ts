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
