import UPlot from 'uplot';
import { valuesOf, type ChartKind } from './charts.ts';
import type { Point } from './history.ts';

/** A chart on a canvas. */
export interface Plot {
  draw(points: readonly Point[]): void;
  resize(): void;
  destroy(): void;
}

const height = 110;

/** Between the times under a chart: what is shorter than a second would be written twice. */
const stepsSeconds = [1, 2, 5, 10, 15, 30, 60, 120, 300, 600] as const;

/** Lines differ by dashes as well as by colour. The styles of `.key` draw the same. */
const dashes: readonly (readonly number[])[] = [[], [7, 4], [2, 3], [10, 3, 2, 3]];

/** Draws into a box in the colours that its page has now: a canvas does not follow a change of theme. */
export function createPlot(box: HTMLElement, kind: ChartKind): Plot {
  const style = getComputedStyle(document.documentElement);
  const color = (name: string) => style.getPropertyValue(name).trim() || 'gray';
  const axis = {
    stroke: color('--fg'),
    font: '11px system-ui, sans-serif',
    grid: { stroke: color('--grid'), width: 1 },
    ticks: { show: false },
  };
  const width = () => Math.max(120, box.clientWidth);
  const chart = new UPlot(
    {
      width: width(),
      height,
      legend: { show: false },
      cursor: { show: false },
      // The last time stands around its line, half of it to the right.
      padding: [6, 36, 0, 0],
      scales: { y: { range: (_self, _min, max) => [0, max > 0 ? max * 1.05 : 1] } },
      axes: [
        {
          ...axis,
          size: 24,
          space: 80,
          incrs: [...stepsSeconds],
          values: (_self, seconds) => seconds.map(timeText),
        },
        { ...axis, size: 46 },
      ],
      series: [
        {},
        ...kind.lines.map(({ label }, i) => ({
          label,
          stroke: color(`--line-${i}`),
          width: 2,
          dash: [...(dashes[i] ?? [])],
          points: { show: false },
        })),
      ],
    },
    [[], ...kind.lines.map(() => [])],
    box,
  );
  return {
    draw: (points) =>
      chart.setData([
        points.map(({ at }) => at / 1_000),
        ...kind.lines.map((line) => [...valuesOf(line, points)]),
      ]),
    resize: () => chart.setSize({ width: width(), height }),
    destroy: () => chart.destroy(),
  };
}

function timeText(seconds: number): string {
  return new Date(seconds * 1_000).toLocaleTimeString();
}
