import { figure } from '../design/figure.ts';
import type { Point } from './point.ts';
import type { Message, Text } from './texts.ts';

/** One line of a chart. */
export interface Line {
  readonly label: Message;
  /** Null where there is no figure: the line has a gap there. */
  readonly value: (point: Point) => number | null;
}

export interface ChartKind {
  readonly title: Message;
  readonly unit: Message;
  readonly lines: readonly Line[];
}

/** What is drawn of each job; a chart without a figure is left out. */
export const charts: readonly ChartKind[] = [
  {
    title: 'Throughput',
    unit: 'records/s',
    lines: [{ label: 'answered', value: ({ perSecond }) => perSecond }],
  },
  {
    title: 'Latency',
    unit: 'ms',
    lines: [
      { label: 'p50', value: ({ p50 }) => p50 },
      { label: 'p99', value: ({ p99 }) => p99 },
    ],
  },
  {
    title: 'Latency by stage, p95',
    unit: 'ms',
    lines: [
      { label: 'queue wait', value: ({ stages }) => stages?.queueWait ?? null },
      { label: 'decode', value: ({ stages }) => stages?.decode ?? null },
      { label: 'inference', value: ({ stages }) => stages?.inference ?? null },
      { label: 'write', value: ({ stages }) => stages?.write ?? null },
    ],
  },
  {
    title: 'Backlog',
    unit: 'records',
    lines: [{ label: 'waiting and pending', value: ({ backlog }) => backlog }],
  },
  {
    title: 'Batch size',
    unit: 'rows',
    lines: [
      { label: 'mean', value: ({ batch }) => batch?.mean ?? null },
      { label: 'largest', value: ({ batch }) => batch?.max ?? null },
    ],
  },
  {
    title: 'Errors',
    unit: 'records',
    lines: [
      { label: 'failed since the last update', value: ({ newErrors }) => newErrors },
      { label: 'dead letters', value: ({ dead }) => dead ?? null },
    ],
  },
];

/** The figures of one line, oldest first. */
export function valuesOf({ value }: Line, points: readonly Point[]): readonly (number | null)[] {
  return points.map(value);
}

/** A sentence for those who do not see the chart. */
export function summaryOf({ title, unit, lines }: ChartKind, points: readonly Point[], t: Text): string {
  const parts = lines.map((line) => {
    const known = valuesOf(line, points).filter((value) => value !== null);
    const mean = known.reduce((sum, value) => sum + value, 0) / Math.max(1, known.length);
    return t(
      '{0} {1} now, {2} on average, {3} at most',
      t(line.label),
      figure(known.at(-1) ?? 0),
      figure(mean),
      figure(Math.max(0, ...known)),
    );
  });
  return t('{0}, {1}: {2}.', t(title), t(unit), parts.join('; '));
}
