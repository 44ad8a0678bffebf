import type { BenchReport, StepReport } from '../../bench/benchReport.ts';
import type { Comparison, Difference } from '../../bench/compareReports.ts';
import type { Saturation } from '../../bench/findSaturation.ts';
import { paint, print, table } from '../output.ts';

/* What `bench` prints for people. */

/** Sent this late, requests say more about this machine than about the job. */
const lateMs = 5;

/** A line while the run goes on, for those who watch. */
export function printBenchStep(step: StepReport): void {
  if (process.stderr.isTTY) print(`… ${nameOf(step)}: ${step.perSecond.toFixed(1)}/s`, process.stderr);
}

export function printBench(
  { jobName, load, steps }: BenchReport,
  saturation: readonly Saturation[],
  comparison: Comparison | undefined,
): void {
  const way = load.way === 'http' ? 'over HTTP' : 'through the queue';
  print(`"${jobName}" ${way}, ${load.durationSeconds} s a step, ${load.bytes} bytes each: ${load.payload}`);
  const head = ['load', 'answers/s', 'p50 ms', 'p90 ms', 'p99 ms', 'max ms', 'errors'];
  print(table([head, ...steps.map(rowOf)], [0]));
  const withStages = steps.filter(({ stages }) => stages);
  if (withStages.length > 0) {
    print(
      'Where the time goes in the workers, means in ms: a record waits and is decoded, a batch is run, answers are written.',
    );
    print(table([['load', 'wait', 'decode', 'inference', 'write'], ...withStages.map(stagesOf)], [0]));
  }
  for (const step of steps) {
    const late = step.sentLateMs?.p99 ?? 0;
    if (late > lateMs)
      print(
        paint(
          'yellow',
          `${nameOf(step)}: this machine sent 1 % of the requests ${late.toFixed(0)} ms late or later; that is part of their latency.`,
        ),
      );
  }
  for (const one of saturation) print(saturationText(one));
  if (comparison) printComparison(comparison);
}

function nameOf({ kind, value }: Pick<StepReport, 'kind' | 'value'>): string {
  return kind === 'concurrency' ? `${value} under way` : `${value}/s`;
}

function rowOf(step: StepReport): string[] {
  const { perSecond, latencyMs, errors } = step;
  const times = [latencyMs?.p50, latencyMs?.p90, latencyMs?.p99, latencyMs?.max];
  const found = Object.entries(errors).map(([code, count]) => `${count} ${code}`);
  return [nameOf(step), perSecond.toFixed(1), ...times.map(msText), found.join(', ') || '-'];
}

function stagesOf(step: StepReport): string[] {
  const { queueWait, decode, inference, write } = step.stages ?? {};
  return [nameOf(step), ...[queueWait, decode, inference, write].map(msText)];
}

function msText(ms: number | undefined): string {
  return ms === undefined ? '-' : ms.toFixed(ms < 10 ? 2 : 1);
}

function saturationText({ kind, value, perSecond, isReached }: Saturation): string {
  if (value === undefined || perSecond === undefined)
    return kind === 'rate' ? 'Saturated below the lowest rate.' : 'Nothing was answered.';
  const most = `${perSecond.toFixed(1)} answers/s`;
  if (kind === 'rate')
    return isReached
      ? `Saturated above ${value}/s: the next rate was not answered in full.`
      : `Not saturated: ${value}/s were answered in full. Try higher rates.`;
  return isReached
    ? `Saturated with ${value} under way: ${most}; more of them only wait longer.`
    : `Not saturated: ${value} under way gave the most, ${most}. Try more.`;
}

function printComparison({ differences, unlike }: Comparison): void {
  for (const one of unlike) print(paint('yellow', `Not the same load: ${one}.`));
  if (differences.length === 0) {
    print('No step is in both runs.');
    return;
  }
  print('Compared with the run before:');
  const head = ['load', 'figure', 'before', 'after', 'difference', 'noise below', 'verdict'];
  print(table([head, ...differences.map(differenceRow)], [0]));
}

function differenceRow(difference: Difference): string[] {
  const { figure, before, after, percent, noisePercent, verdict } = difference;
  const sign = percent > 0 ? '+' : '';
  return [
    nameOf(difference),
    figure === 'perSecond' ? 'answers/s' : `${figure} ms`,
    before.toFixed(2),
    after.toFixed(2),
    `${sign}${percent} %`,
    `${noisePercent} %`,
    paint(verdict === 'worse' ? 'red' : verdict === 'better' ? 'green' : 'gray', verdict),
  ];
}
