import { ServingError } from '../../../schemas/errors.ts';
import type { BenchReport, LoadFacts, PartReport, StepReport } from './benchReport.ts';

export type Verdict = 'better' | 'worse' | 'noise';

/** One figure of a step, in both runs. */
export interface Difference {
  readonly kind: StepReport['kind'];
  readonly value: number;
  readonly figure: 'perSecond' | 'p50' | 'p99';
  readonly before: number;
  readonly after: number;
  readonly percent: number;
  /** A difference of fewer percent is noise. */
  readonly noisePercent: number;
  readonly verdict: Verdict;
}

export interface Comparison {
  readonly differences: readonly Difference[];
  /** What of the load was not the same: the figures of two loads say nothing about the job. */
  readonly unlike: readonly string[];
}

/** Less than this is never taken for a difference. */
const leastPercent = 5;
/** A difference counts from this many standard errors on. */
const standardErrors = 3;

const figures = ['perSecond', 'p50', 'p99'] as const;

/** Compares the steps that both runs have. What is noise follows from how much the parts of each step differ: less than three
 *  standard errors of the difference of their means, and 5 % at least. */
export function compareReports(before: BenchReport, after: BenchReport): Comparison {
  const differences = after.steps.flatMap((step) => {
    const earlier = before.steps.find(({ kind, value }) => kind === step.kind && value === step.value);
    return earlier ? figures.flatMap((figure) => differenceOf(figure, earlier, step) ?? []) : [];
  });
  return { differences, unlike: unlikeLoads(before.load, after.load) };
}

function differenceOf(
  figure: Difference['figure'],
  earlier: StepReport,
  later: StepReport,
): Difference | undefined {
  const before = valueOf(figure, earlier);
  const after = valueOf(figure, later);
  if (before === undefined || after === undefined || before === 0) return undefined;
  const percent = tenths(((after - before) * 100) / before);
  const noisePercent = tenths(
    Math.max(leastPercent, (standardErrors * errorOf(figure, earlier, later) * 100) / before),
  );
  const isBetter = figure === 'perSecond' ? percent > 0 : percent < 0;
  const verdict = Math.abs(percent) < noisePercent ? 'noise' : isBetter ? 'better' : 'worse';
  const { kind, value } = later;
  return { kind, value, figure, before, after, percent, noisePercent, verdict };
}

function valueOf(figure: Difference['figure'], step: StepReport): number | undefined {
  return figure === 'perSecond' ? step.perSecond : step.latencyMs?.[figure];
}

/** The standard error of the difference of two means. */
function errorOf(figure: keyof PartReport, ...steps: readonly StepReport[]): number {
  return Math.sqrt(
    steps.reduce((sum, { parts }) => {
      const values = parts.flatMap((part) => part[figure] ?? []);
      return sum + (values.length > 1 ? varianceOf(values) / values.length : 0);
    }, 0),
  );
}

function varianceOf(values: readonly number[]): number {
  const mean = values.reduce((sum, value) => sum + value, 0) / values.length;
  return values.reduce((sum, value) => sum + (value - mean) ** 2, 0) / (values.length - 1);
}

function unlikeLoads(before: LoadFacts, after: LoadFacts): string[] {
  return (Object.keys(after) as (keyof LoadFacts)[])
    .filter((name) => before[name] !== after[name])
    .map((name) => `${name} was ${before[name]} and is ${after[name]}`);
}

function tenths(value: number): number {
  return Math.round(value * 10) / 10;
}

/** @param text  what `bench --json` printed @throws ServingError "wrong-use" */
export function parseReport(text: string, name: string): BenchReport {
  try {
    const value = JSON.parse(text) as Partial<BenchReport>;
    if (value.version === 1 && Array.isArray(value.steps) && typeof value.load === 'object')
      return value as BenchReport;
  } catch {
    // What is no JSON is none either.
  }
  throw new ServingError('wrong-use', `${name} is no result of "cluster-serving bench --json".`);
}
