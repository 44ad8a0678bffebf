import { describe, expect, test } from 'vitest';
import type { JobReport, JobState } from '../../../../schemas/jobEvents.ts';
import { maxClockSkewMs } from '../../../../schemas/redis/redisKeys.ts';
import type { JobWatch } from '../../../../server/src/http/watch/jobWatch.ts';
import {
  blockerIn,
  checkJob,
  progressCheck,
  redisCheck,
} from '../../../../server/src/http/watch/readiness.ts';
import { aJob, beat } from '../../../client/aJob.ts';

const second = 1_000;

/** A watch of one job that answers, changed as a test wants it. */
function watchOf(job: JobReport | undefined, more: Partial<JobWatch> = {}): JobWatch {
  return {
    job: () => job,
    jobs: () => (job ? [job] : []),
    figures: () => job?.queue,
    readyWorker: () => undefined,
    trouble: undefined,
    refusal: undefined,
    clockAheadMs: 0,
    readAt: performance.now(),
    progressAt: () => performance.now(),
    refresh: () => Promise.resolve(),
    close: () => undefined,
    ...more,
  };
}
const check = (watch: JobWatch, isUnregistered = false) => checkJob(watch, 'digits', isUnregistered);
const states: Readonly<Record<JobState, boolean>> = {
  running: true,
  starting: false,
  'waiting-for-secret': false,
  full: false,
  stopping: false,
  failed: false,
  stopped: false,
};

describe('a job', () => {
  test.each(Object.entries(states) as [JobState, boolean][])('that is %s can be asked: %s', (state, ok) => {
    const checks = check(watchOf(aJob({ state })));
    expect(checks.find(({ name }) => name === 'model')?.ok).toBe(ok);
    const blocker = blockerIn(checks);
    expect(blocker?.name).toBe(ok ? undefined : 'model');
    if (blocker) expect(blocker.detail).toMatch(/\.$/);
  });

  test('that is not there says how it is started', () => {
    expect(blockerIn(check(watchOf(undefined)))?.detail).toMatch(/digits.*Start it/);
  });

  test('that has failed or waits says what its worker said', () => {
    const failed = aJob({ state: 'failed', failure: 'The model is damaged.' });
    expect(blockerIn(check(watchOf(failed)))?.detail).toBe('The model is damaged.');
    const needs = { code: 'model-secret-missing', message: 'Put the secret.' } as const;
    const waiting = aJob({ state: 'waiting-for-secret', needs });
    expect(blockerIn(check(watchOf(waiting)))?.detail).toBe('Put the secret.');
  });

  test('whose workers do not register is judged by Redis alone', () => {
    expect(check(watchOf(undefined), true).map(({ name, ok }) => [name, ok])).toEqual([['redis', true]]);
    expect(blockerIn(check(watchOf(undefined, { trouble: 'gone' }), true))?.detail).toBe('gone');
  });

  test('is blocked by Redis first: what it last said of the job is old', () => {
    const watch = watchOf(aJob({ state: 'failed' }), { trouble: 'Redis is away.', refusal: 'full' });
    expect(blockerIn(check(watch))).toMatchObject({ name: 'redis', detail: 'Redis is away.' });
  });

  test('whose records wait while none is answered is stuck, and says how many', () => {
    const queue = { waiting: 3, pending: 4, dead: 9, oldestAgeMs: 0 };
    const since = (ms: number) => watchOf(aJob({ queue }), { progressAt: () => performance.now() - ms });
    expect(blockerIn(check(since(29 * second)))).toBeUndefined();
    expect(blockerIn(check(since(31 * second)))).toMatchObject({
      name: 'progress',
      detail: expect.stringMatching(/^7 records wait.* 31 s/) as string,
    });
  });
});

describe('clocks', () => {
  const withClocks = (own: number, worker: number) => {
    const [first] = aJob().workers;
    const heartbeat = { ...beat, clockAheadMs: worker };
    const workers = first ? [{ ...first, heartbeat }, { registration: first.registration }] : [];
    return check(watchOf(aJob({ workers }), { clockAheadMs: own })).filter(({ name }) => name === 'clock');
  };

  test('that differ little are not mentioned, in either direction', () => {
    expect(withClocks(maxClockSkewMs, -maxClockSkewMs)).toEqual([]);
  });

  test('that differ are named each, and keep nothing from being answered', () => {
    const clocks = withClocks(maxClockSkewMs + 1, -60 * second);
    expect(clocks.map(({ detail }) => detail)).toEqual([
      expect.stringMatching(/this machine is 2 s ahead of/),
      expect.stringMatching(/worker on here is 60 s behind/),
    ]);
    expect(blockerIn(clocks)).toBeUndefined();
  });
});

describe('single checks', () => {
  test('say how old they are, and nothing of the age of what was never read', () => {
    expect(redisCheck(watchOf(undefined, { readAt: 0, trouble: 'never' }))).toMatchObject({
      ok: false,
      ageMs: 0,
    });
    const read = redisCheck(watchOf(undefined, { readAt: performance.now() - 5 * second }));
    expect(read.ok).toBe(true);
    expect(read.ageMs).toBeGreaterThanOrEqual(5 * second);
    expect(progressCheck(0, performance.now(), 77)).toMatchObject({
      ok: true,
      ageMs: 77,
      detail: '0 records wait.',
    });
  });

  test('name Redis where it takes no writes', () => {
    expect(redisCheck(watchOf(undefined, { refusal: 'It is a replica.' }))).toMatchObject({
      ok: false,
      detail: 'It is a replica.',
    });
  });

  test('that are not needed block nothing', () => {
    const base = { name: 'frontend', ok: false, detail: '', ageMs: 0 } as const;
    expect(blockerIn([{ ...base, needed: false }])).toBeUndefined();
    expect(
      blockerIn([
        { ...base, needed: false },
        { ...base, detail: 'b' },
      ])?.detail,
    ).toBe('b');
    expect(blockerIn([])).toBeUndefined();
  });
});
