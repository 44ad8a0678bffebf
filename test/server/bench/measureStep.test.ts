import { describe, expect, test } from 'vitest';
import type { StepReport } from '../../../server/src/bench/benchReport.ts';
import { measureStep, type Ask } from '../../../server/src/bench/measureStep.ts';
import { createHandClock, type HandClock } from '../../support/handClock.ts';

const { signal } = new AbortController();

/** A job that has one worker: answers take a time each, one after the other. */
function oneWorker(clock: HandClock, ms: number, isDown: (at: number) => boolean = () => false) {
  const asked: number[] = [];
  let freeAt = 0;
  const ask: Ask = () => {
    const now = clock.steadyMs();
    asked.push(now);
    freeAt = Math.max(freeAt, now) + ms;
    while (isDown(freeAt)) freeAt += 1;
    return new Promise((resolve) => clock.after(freeAt - now, () => resolve(undefined)));
  };
  return { ask, asked };
}

async function measured(
  clock: HandClock,
  ask: Ask,
  kind: StepReport['kind'],
  value: number,
  stop: AbortSignal = signal,
): Promise<StepReport> {
  const options = { ask, clock, warmUpMs: 200, durationMs: 1_000, signal: stop };
  let report: StepReport | undefined;
  void measureStep({ kind, value }, options).then((found) => (report = found));
  for (let i = 0; i < 100 && !report; i++) await clock.pass(100);
  if (!report) throw new Error('the step does not end');
  return report;
}

describe('with a number of requests under way', () => {
  test('each is followed by the next, and the warm-up is not counted', async () => {
    const clock = createHandClock();
    const { ask, asked } = oneWorker(clock, 10);
    const report = await measured(clock, ask, 'concurrency', 4);
    // One worker answers 100 a second, whatever waits; each waits for three others.
    expect(report.perSecond).toBe(100);
    expect(report.requests).toBe(100);
    expect(asked.length).toBeGreaterThan(119);
    expect(report.latencyMs?.max).toBe(40);
    expect(report.latencyMs?.p50).toBeCloseTo(40, 0);
    expect(report.errors).toEqual({});
    expect(report.sentLateMs).toBeUndefined();
    expect(report.parts.map(({ perSecond }) => perSecond)).toEqual([100, 100, 100, 100, 100]);
  });

  test('errors are counted by code, apart from answers, and do not make it ask without a pause', async () => {
    const clock = createHandClock();
    const report = await measured(clock, () => Promise.resolve('http-503'), 'concurrency', 2);
    expect(report).toMatchObject({ requests: 0, perSecond: 0, errors: { 'http-503': 200 } });
    expect(report.latencyMs).toBeUndefined();
  });
});

describe('at a rate', () => {
  test('requests are sent at their times, however long answers take', async () => {
    const clock = createHandClock();
    const { ask, asked } = oneWorker(clock, 2);
    const report = await measured(clock, ask, 'rate', 100);
    expect(asked.slice(0, 4)).toEqual([1_000, 1_010, 1_020, 1_030]);
    expect(report).toMatchObject({ requests: 100, perSecond: 100, errors: {} });
    expect(report.latencyMs?.max).toBe(2);
    expect(report.sentLateMs?.max).toBe(0);
  });

  test('a rest of the job makes every request slow that was to be sent in it', async () => {
    const clock = createHandClock();
    // From 300 to 800 ms after the warm-up nothing is answered.
    const { ask } = oneWorker(clock, 1, (at) => at > 1_500 && at < 2_000);
    const report = await measured(clock, ask, 'rate', 100);
    expect(report.requests).toBe(100);
    // Half of the requests wait for 0 to 500 ms: what a client that waits for each answer would not see.
    expect(report.latencyMs?.max).toBeGreaterThan(490);
    expect(report.latencyMs?.p90).toBeGreaterThan(390);
    expect(report.latencyMs?.p50).toBeLessThan(60);
  });

  test('a rate that is too high shows as fewer answers and longer latencies, not as fewer requests', async () => {
    const clock = createHandClock();
    const { ask } = oneWorker(clock, 10);
    const report = await measured(clock, ask, 'rate', 200);
    expect(report.perSecond).toBe(100);
    expect(report.requests).toBe(200);
    expect(report.latencyMs?.max).toBeGreaterThan(1_000);
  });

  test('what could not be sent in time was late, and that is part of its latency', async () => {
    const clock = createHandClock();
    const { ask } = oneWorker(clock, 0);
    const late = { ...clock, after: (ms: number, call: () => void) => clock.after(ms + 30, call) };
    const report = await measured(late, ask, 'rate', 100);
    expect(report.requests).toBe(100);
    expect(report.sentLateMs?.max).toBeGreaterThanOrEqual(20);
    expect(report.latencyMs?.max).toBeGreaterThanOrEqual(20);
  });

  test('with too many under way the rest counts as not sent', async () => {
    const clock = createHandClock();
    const answers: (() => void)[] = [];
    const ask: Ask = () => new Promise((resolve) => answers.push(() => resolve('timeout')));
    let report: StepReport | undefined;
    void measureStep(
      { kind: 'rate', value: 25_000 },
      { ask, clock, warmUpMs: 0, durationMs: 1_000, signal },
    ).then((found) => (report = found));
    await clock.pass(1_000);
    for (const answer of answers) answer();
    await clock.pass(1);
    expect(answers).toHaveLength(20_000);
    expect(report?.errors).toEqual({ timeout: 20_000, 'not-sent': 5_000 });
  });
});

test.each(['concurrency', 'rate'] as const)('a step of %s ends when it is stopped', async (kind) => {
  const clock = createHandClock();
  const stop = new AbortController();
  const { ask, asked } = oneWorker(clock, 10);
  clock.after(100, () => stop.abort());
  await measured(clock, ask, kind, 10, stop.signal);
  expect(clock.steadyMs()).toBeLessThan(1_500);
  expect(asked.length).toBeLessThan(30);
});
