import { expect, test } from 'vitest';
import { charts, summaryOf, valuesOf } from '../../../web/monitor/charts.ts';
import { createText } from '../../../web/design/createText.ts';
import { chinese } from '../../../web/monitor/texts.ts';
import type { Point } from '../../../web/monitor/point.ts';

const point = (at: number, perSecond: number): Point => ({
  at,
  perSecond,
  p50: 1,
  p99: 2,
  backlog: 0,
  newErrors: 0,
  errors: 0,
});

test('a chart is summed up by what is now, on average and at most', () => {
  const [throughput] = charts;
  expect(
    throughput &&
      summaryOf(throughput, [point(0, 10), point(1, 30), point(2, 20)], createText(chinese, 'en')),
  ).toMatch(/\b20\b.*\b20\b.*\b30\b/);
});

test('what has no stages leaves gaps in their lines', () => {
  const lines = charts.find(({ title }) => title.startsWith('Latency by stage'))?.lines ?? [];
  expect(lines.map((line) => valuesOf(line, [point(0, 1)]))).toEqual([[null], [null], [null], [null]]);
});
