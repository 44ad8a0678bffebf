import { expect, test } from 'vitest';
import { goneJobs } from '../../../client/src/jobs/goneJobs.ts';
import { aJob } from '../aJob.ts';

const a = aJob({ jobName: 'a', redis: 'r:1' });
const b = aJob({ jobName: 'b', redis: 'r:1' });
const far = aJob({ jobName: 'a', redis: 'r:2' });

test('a job that is no longer listed by its Redis is gone', () => {
  expect(goneJobs([a, b, far], [a, far], ['r:1', 'r:2'])).toEqual([b]);
});

test('what a Redis holds that did not answer is not taken for gone', () => {
  expect(goneJobs([a, far], [], ['r:2'])).toEqual([far]);
  expect(goneJobs([a, far], [], [])).toEqual([]);
});
