import { describe, expect, test } from 'vitest';
import type { BenchReport, StepReport } from '../../../server/src/bench/benchReport.ts';
import { compareReports, parseReport } from '../../../server/src/bench/compareReports.ts';
import { findSaturation } from '../../../server/src/bench/findSaturation.ts';

/** @param spread  how far the parts are from their mean, in percent */
function step(
  kind: StepReport['kind'],
  value: number,
  perSecond: number,
  more: Partial<StepReport> = {},
  spread = 1,
): StepReport {
  const latency = 1_000 / perSecond;
  return {
    ...{ kind, value, perSecond, requests: perSecond, errors: {} },
    latencyMs: { mean: latency, p50: latency, p90: latency, p99: latency, max: latency },
    parts: [-1, 1, -1, 1].map((sign) => {
      const factor = 1 + (sign * spread) / 100;
      return { perSecond: perSecond * factor, p50: latency * factor, p99: latency * factor };
    }),
    ...more,
  };
}

function report(steps: readonly StepReport[], more: Partial<BenchReport['load']> = {}): BenchReport {
  const load = {
    way: 'queue',
    payload: 'x',
    bytes: 9,
    durationSeconds: 1,
    warmUpSeconds: 1,
    ...more,
  } as const;
  return { version: 1, at: 1, jobName: 'j', load, steps };
}

describe('saturation', () => {
  const clients = (...perSecond: number[]) =>
    findSaturation(perSecond.map((n, i) => step('concurrency', 4 ** i, n)));

  test('is at the fewest requests under way that reach nearly the most', () => {
    expect(clients(100, 300, 310, 305)).toEqual([
      { kind: 'concurrency', value: 4, perSecond: 300, isReached: true },
    ]);
  });

  test('is not reached while the last step gives more', () => {
    expect(clients(100, 300, 900)).toEqual([
      { kind: 'concurrency', value: 16, perSecond: 900, isReached: false },
    ]);
  });

  test('is unknown where nothing was answered', () => {
    expect(clients(0, 0)).toMatchObject([{ value: undefined, isReached: false }]);
  });

  const rates = (...steps: [number, number, Partial<StepReport>?][]) =>
    findSaturation(steps.map(([value, perSecond, more]) => step('rate', value, perSecond, more)));

  test('is above the highest rate before the first that is not answered in full', () => {
    expect(rates([100, 100], [200, 197], [400, 250], [800, 240])).toEqual([
      { kind: 'rate', value: 200, perSecond: 197, isReached: true },
    ]);
    expect(rates([100, 100], [200, 200, { errors: { 'http-503': 1 } }])).toMatchObject([
      { value: 100, isReached: true },
    ]);
    expect(rates([100, 50])).toMatchObject([{ value: undefined, isReached: true }]);
    expect(rates([200, 200], [100, 100])).toMatchObject([{ value: 200, isReached: false }]);
  });
});

describe('two runs', () => {
  const verdicts = (before: StepReport, after: StepReport) =>
    compareReports(report([before]), report([after])).differences.map(({ figure, verdict }) => [
      figure,
      verdict,
    ]);

  test('differ by what is more than their noise', () => {
    expect(verdicts(step('rate', 1, 100), step('rate', 1, 130))).toEqual([
      ['perSecond', 'better'],
      ['p50', 'better'],
      ['p99', 'better'],
    ]);
    expect(verdicts(step('rate', 1, 130), step('rate', 1, 100))).toEqual([
      ['perSecond', 'worse'],
      ['p50', 'worse'],
      ['p99', 'worse'],
    ]);
  });

  test('do not differ where their parts do as much, or by less than 5 %', () => {
    for (const [other, spread] of [
      [130, 40],
      [104, 0.1],
    ] as const)
      expect(
        verdicts(step('rate', 1, 100, {}, spread), step('rate', 1, other, {}, spread)).map(
          ([, verdict]) => verdict,
        ),
      ).toEqual(['noise', 'noise', 'noise']);
  });

  test('are compared by the steps that both have, and without what one of them lacks', () => {
    const none = {
      kind: 'rate',
      value: 2,
      perSecond: 0,
      requests: 0,
      errors: { timeout: 9 },
      parts: [],
    } as const;
    const { differences } = compareReports(
      report([step('rate', 1, 100), step('concurrency', 4, 9), none]),
      report([step('rate', 8, 100), step('concurrency', 4, 9), none]),
    );
    expect(differences.map(({ kind, value, percent }) => [kind, value, percent])).toEqual([
      ['concurrency', 4, 0],
      ['concurrency', 4, 0],
      ['concurrency', 4, 0],
    ]);
  });

  test('of unlike loads are named as such', () => {
    expect(compareReports(report([]), report([])).unlike).toEqual([]);
    expect(compareReports(report([], { bytes: 1 }), report([], { way: 'http' })).unlike).toEqual([
      'way was queue and is http',
      'bytes was 1 and is 9',
    ]);
  });

  test('are read from what was printed, and from nothing else', () => {
    const whole = report([step('rate', 1, 100)]);
    expect(parseReport(JSON.stringify(whole), 'a.json')).toEqual(whole);
    for (const text of ['', '[]', '{}', 'null', '{"version":2,"steps":[],"load":{}}'])
      expect(() => parseReport(text, 'a.json'), text).toThrow(
        expect.objectContaining({
          code: 'wrong-use',
          message: expect.stringContaining('a.json') as string,
        }) as Error,
      );
  });
});
