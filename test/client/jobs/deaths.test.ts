import { expect, test } from 'vitest';
import type { JobState } from '../../../schemas/jobEvents.ts';
import { createDeaths } from '../../../client/src/jobs/deaths.ts';
import { aJob } from '../aJob.ts';

const quiet = () => false;
const names = (states: readonly JobState[], isAnnounced: (id: string) => boolean = quiet) => {
  const deaths = createDeaths();
  return states.map((state) => deaths.among([aJob({ state })], isAnnounced).length);
};

test('a job that served and has failed now has died, once', () => {
  expect(names(['running', 'failed', 'failed'])).toEqual([0, 1, 0]);
  expect(names(['full', 'failed'])).toEqual([0, 1]);
});

test('a job that serves again can die again', () => {
  expect(names(['running', 'failed', 'starting', 'running', 'failed'])).toEqual([0, 1, 0, 0, 1]);
});

test('a job that had failed before it was first seen is no news', () => {
  expect(names(['failed'])).toEqual([0]);
  expect(names(['starting', 'failed'])).toEqual([0, 0]);
});

test('a job that was stopped has not died', () => {
  expect(names(['running', 'stopping', 'failed'])).toEqual([0, 0, 0]);
  expect(names(['running', 'stopped', 'failed'])).toEqual([0, 0, 0]);
});

test('a job that is started or stopped from here says itself how that ended', () => {
  expect(names(['running', 'failed'], () => true)).toEqual([0, 0]);
});

test('a job that could not be seen for a while is not forgotten, and others stay apart', () => {
  const deaths = createDeaths();
  deaths.among([aJob({ state: 'running' })], quiet);
  deaths.among([], quiet);
  const other = aJob({ jobName: 'other', state: 'failed' });
  const dead = deaths.among([other, aJob({ state: 'failed' })], quiet);
  expect(dead.map(({ jobName }) => jobName)).toEqual([aJob().jobName]);
});
