import { expect, test } from 'vitest';
import type { Translate } from '../../../client/src/views/figures.ts';
import { statusText } from '../../../client/src/views/statusText.ts';
import { aJob } from '../aJob.ts';

const t: Translate = (message, ...args) => message.replace(/\{(\d)\}/g, (_, i) => String(args[Number(i)]));
const noon = new Date(2026, 5, 4, 12, 3).getTime();
const watched = () => undefined;
const two = [aJob(), aJob({ jobName: 'other', state: 'failed' })];

test('what is watched is said as it is, and failures stand out', () => {
  expect(statusText([aJob()], watched, noon, t)).toMatchObject({
    text: '$(server-process) 1 job',
    isAlarm: false,
  });
  expect(statusText(two, watched, noon, t)).toMatchObject({
    text: '$(error) 1 of 2 jobs failed',
    isAlarm: true,
  });
});

test('what is not watched has the time at which it was seen, and raises no alarm', () => {
  const alone = statusText([aJob()], () => noon, noon + 60_000, t);
  expect(alone.text).toMatch(/^\$\(history\) 1 job as of 12:03/);
  const failed = statusText(two, () => noon, noon, t);
  expect(failed.text).toMatch(/1 of 2 jobs failed as of 12:03/);
  expect(failed.isAlarm).toBe(false);
});

test('one Redis that is not watched makes the figure as old as its jobs', () => {
  const jobs = [aJob({ redis: 'a:1' }), aJob({ redis: 'b:1' }), aJob({ redis: 'c:1' })];
  const asOf = (redis: string) => ({ 'a:1': noon, 'b:1': noon - 60_000 })[redis];
  expect(statusText(jobs, asOf, noon, t).text).toMatch(/3 jobs as of 12:02/);
});

test('a time of another day is said with its day', () => {
  const { text } = statusText([aJob()], () => noon, noon + 86_400_000, t);
  expect(text).toContain(new Date(noon).toLocaleDateString());
});
