import UPlot from 'uplot';
import { figure, roundTop } from '../design/figure.ts';
import { valuesOf, type ChartKind } from './charts.ts';
import type { Mark } from './marks.ts';
import type { Point } from './point.ts';

/** A chart on a canvas. */
export interface Plot {
  /** @param rangeMs  how much of the time before the last point is shown */
  draw(points: readonly Point[], marks: readonly Mark[], rangeMs: number): void;
  resize(): void;
  destroy(): void;
}

const height = 132;

/** Between the times under a chart: what is shorter than a second would be written twice. */
const stepsSeconds = [1, 2, 5, 10, 15, 30, 60, 120, 300, 600, 900] as const;

/** Lines differ by dashes as well as by colour. The styles of `.key` draw the same. */
const dashes: readonly (readonly number[])[] = [[], [7, 4], [2, 3], [10, 3, 2, 3]];

/** A pointer over one chart marks the same moment in all of them. */
const sharedCursor = 'monitor';

/** By shape as well as by colour. */
const signs = {
  start: { color: '--good', sign: '▲' },
  stop: { color: '--fg', sign: '■' },
  death: { color: '--bad', sign: '✕' },
  reload: { color: '--good', sign: '↻' },
  refusal: { color: '--bad', sign: '⊘' },
} as const satisfies Readonly<Record<Mark['kind'], { readonly color: string; readonly sign: string }>>;

/** Draws into a box in the colours that its page has now: a canvas does not follow a change of theme.
 *  @param onHover  called with the place of the point under the pointer, undefined when it leaves */
export function createPlot(
  box: HTMLElement,
  kind: ChartKind,
  onHover: (index: number | undefined) => void,
): Plot {
  const color = resolver(box);
  let marks: readonly Mark[] = [];
  let range: [number, number] = [0, 1];
  const axis = {
    stroke: color('--fg'),
    font: `11px ${getComputedStyle(document.body).fontFamily}`,
    grid: { stroke: color('--grid'), width: 1 },
    ticks: { show: false },
  };
  const width = () => Math.max(120, box.clientWidth);
  const chart = new UPlot(
    {
      width: width(),
      height,
      legend: { show: false },
      cursor: {
        y: false,
        drag: { x: false, y: false },
        points: { size: 7 },
        sync: { key: sharedCursor, setSeries: false },
      },
      // The last time stands around its line, half of it to the right.
      padding: [14, 30, 0, 0],
      scales: {
        x: { time: false, range: () => range },
        y: { range: (_self, _min, max) => [0, roundTop(max)] },
      },
      axes: [
        {
          ...axis,
          size: 24,
          space: 76,
          incrs: [...stepsSeconds],
          values: (_self, seconds) => seconds.map((at) => timeText(at * 1_000)),
        },
        {
          ...axis,
          size: 48,
          // The top is labelled: it is what one reads the height of a line by.
          splits: (_self, _axis, low, high) => [low, (low + high) / 2, high],
          values: (_self, values) => values.map(figure),
        },
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
      hooks: {
        draw: [(self) => drawMarks(self, marks, range, color)],
        setCursor: [({ cursor: { idx, left = -1 } }) => onHover(left < 0 ? undefined : (idx ?? undefined))],
      },
    },
    [[], ...kind.lines.map(() => [])],
    box,
  );
  return {
    draw(points, shown, rangeMs) {
      const last = points.at(-1)?.at ?? 0;
      marks = shown;
      range = [(last - rangeMs) / 1_000, last / 1_000];
      chart.setData([
        points.map(({ at }) => at / 1_000),
        ...kind.lines.map((line) => [...valuesOf(line, points)]),
      ]);
    },
    resize: () => chart.setSize({ width: width(), height }),
    destroy: () => chart.destroy(),
  };
}

/** What a variable of the page is as a colour; a canvas takes no variables. */
function resolver(box: HTMLElement): (name: string) => string {
  const probe = document.createElement('span');
  box.append(probe);
  const found = new Map<string, string>();
  for (const name of ['--fg', '--grid', '--good', '--bad', '--line-0', '--line-1', '--line-2', '--line-3']) {
    probe.style.color = `var(${name})`;
    found.set(name, getComputedStyle(probe).color);
  }
  probe.remove();
  return (name) => found.get(name) ?? 'gray';
}

function drawMarks(
  { ctx, bbox: { left, top, width, height: tall } }: UPlot,
  marks: readonly Mark[],
  [from, to]: readonly [number, number],
  color: (name: string) => string,
): void {
  const ratio = devicePixelRatio;
  ctx.save();
  ctx.font = `${9 * ratio}px sans-serif`;
  ctx.textAlign = 'center';
  for (const { at, kind } of marks) {
    const seconds = at / 1_000;
    if (seconds < from || seconds > to) continue;
    const x = left + (width * (seconds - from)) / (to - from);
    ctx.strokeStyle = ctx.fillStyle = color(signs[kind].color);
    ctx.lineWidth = ratio;
    ctx.setLineDash([3 * ratio, 3 * ratio]);
    ctx.beginPath();
    ctx.moveTo(x, top);
    ctx.lineTo(x, top + tall);
    ctx.stroke();
    ctx.fillText(signs[kind].sign, x, top - 3 * ratio);
  }
  ctx.restore();
}

export function timeText(at: number): string {
  return new Date(at).toLocaleTimeString([], { hourCycle: 'h23' });
}
