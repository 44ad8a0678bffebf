import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import type { BenchReport, StepReport } from '../../../../server/src/bench/benchReport.ts';
import type { Comparison } from '../../../../server/src/bench/compareReports.ts';
import type { Saturation } from '../../../../server/src/bench/findSaturation.ts';
import { printBench } from '../../../../server/src/cli/bench/benchText.ts';

let shown = '';
beforeEach(() => {
  shown = '';
  vi.spyOn(process.stdout, 'write').mockImplementation((text) => {
    shown += String(text);
    return true;
  });
});
afterEach(() => vi.restoreAllMocks());

const latency = { mean: 2, p50: 1.234, p90: 12.34, p99: 123.456, max: 1_234.5 };
const step = (more: Partial<StepReport> = {}): StepReport => ({
  ...{
    kind: 'concurrency',
    value: 4,
    perSecond: 100.04,
    requests: 500,
    latencyMs: latency,
    errors: {},
    parts: [],
  },
  ...more,
});

function print(
  steps: readonly StepReport[],
  saturation: readonly Saturation[] = [],
  comparison?: Comparison,
): string {
  const load = { way: 'queue', durationSeconds: 5, bytes: 3_136, payload: 'zeros' };
  printBench({ jobName: 'digits', load, steps } as unknown as BenchReport, saturation, comparison);
  return shown;
}

describe('what a bench prints', () => {
  test('has a row for each step, with fewer digits the longer it took', () => {
    const row = print([step()])
      .split('\n')
      .find((line) => line.startsWith('4 under way'));
    expect(row?.split(/ {2,}/)).toEqual(['4 under way', '100.0', '1.23', '12.3', '123.5', '1234.5', '-']);
  });

  test('shows what was not answered, by code, and no latency where there is none', () => {
    const { kind, value, requests, parts } = step();
    const silent = { kind, value, requests, parts, perSecond: 0, errors: { late: 3, 'redis-full': 1 } };
    const row = print([silent])
      .split('\n')
      .find((line) => line.startsWith('4 under way'));
    expect(row?.split(/ {2,}/)).toEqual(['4 under way', '0.0', '-', '-', '-', '-', '3 late, 1 redis-full']);
  });

  test('shows the stages of those steps that have some, and no table where none has', () => {
    expect(print([step()])).not.toContain('inference');
    shown = '';
    const text = print([step(), step({ kind: 'rate', value: 50, stages: { decode: 0.5, inference: 20 } })]);
    const [, stages = ''] = text.split('Where the time goes');
    expect(stages).toMatch(/50\/s +- +0\.50 +20\.0 +-/);
    expect(stages).not.toContain('4 under way');
  });

  test('says when this machine was late itself, and not when it was hardly', () => {
    expect(print([step({ sentLateMs: { ...latency, p99: 5 } })])).not.toContain('late or later');
    shown = '';
    expect(print([step({ sentLateMs: { ...latency, p99: 5.6 } })])).toMatch(
      /4 under way: .* 6 ms late or later/,
    );
  });

  test('has a sentence for each way to be saturated or not', () => {
    const found = (kind: Saturation['kind'], isReached: boolean, value?: number) => {
      shown = '';
      return print([], [{ kind, isReached, value, perSecond: value === undefined ? undefined : 99 }])
        .split('\n')
        .at(-2);
    };
    const sentences = [
      found('rate', true, 50),
      found('rate', false, 50),
      found('rate', true),
      found('concurrency', true, 8),
      found('concurrency', false, 8),
      found('concurrency', false),
    ];
    expect(new Set(sentences).size).toBe(6);
    expect(sentences[0]).toMatch(/^Saturated above 50\/s/);
    expect(sentences[1]).toMatch(/^Not saturated: 50\/s/);
    expect(sentences[3]).toMatch(/8 under way: 99\.0 answers\/s/);
  });

  test('compares with the run before, and says where the load was another', () => {
    const base = { kind: 'rate', value: 50, before: 10, noisePercent: 5 } as const;
    const text = print([], [], {
      unlike: ['the payload'],
      differences: [
        { ...base, figure: 'perSecond', after: 12, percent: 20, verdict: 'better' },
        { ...base, figure: 'p99', after: 8, percent: -20, verdict: 'worse' },
      ],
    });
    expect(text).toContain('Not the same load: the payload.');
    expect(text).toMatch(/50\/s +answers\/s +10\.00 +12\.00 +\+20 % +5 % +better/);
    expect(text).toMatch(/50\/s +p99 ms +10\.00 +8\.00 +-20 % +5 % +worse/);
    shown = '';
    expect(print([], [], { unlike: [], differences: [] })).toContain('No step is in both runs.');
  });
});
