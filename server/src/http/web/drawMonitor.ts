import type { Point, Series } from './history.ts';

/** Draws the lines of figures into an element, anew each time. It asks nobody for anything: who shows the page (a
 *  browser, an editor's panel) brings the data. Colours come from the CSS variables of `monitorStyle`. */
export function drawMonitor(root: HTMLElement, series: readonly Series[]): void {
  const cards = series.map(card);
  root.replaceChildren(
    ...(cards.length > 0 ? cards : [element('p', 'empty', 'No job is known on this Redis.')]),
  );
}

interface Chart {
  readonly title: string;
  readonly lines: readonly { readonly value: (point: Point) => number; readonly color: string }[];
  readonly text: (point: Point) => string;
}

const charts: readonly Chart[] = [
  {
    title: 'throughput',
    lines: [{ value: (p) => p.perSecond, color: 'a' }],
    text: (p) => `${round(p.perSecond)} /s`,
  },
  {
    title: 'latency, p50 and p99',
    lines: [
      { value: (p) => p.p50, color: 'a' },
      { value: (p) => p.p99, color: 'b' },
    ],
    text: (p) => `${round(p.p50)} / ${round(p.p99)} ms`,
  },
  { title: 'backlog', lines: [{ value: (p) => p.backlog, color: 'a' }], text: (p) => round(p.backlog) },
  { title: 'errors', lines: [{ value: (p) => p.errors, color: 'bad' }], text: (p) => round(p.errors) },
];

function card(series: Series): HTMLElement {
  const box = element('section', 'job');
  const head = element('header', '');
  head.append(element('h2', '', series.name), element('span', `state ${series.state}`, series.state));
  head.append(element('span', 'detail', series.detail));
  const row = element('div', 'charts');
  row.append(...charts.map((chart) => drawChart(chart, series.points)));
  box.append(head, row);
  return box;
}

function drawChart({ title, lines, text }: Chart, points: readonly Point[]): HTMLElement {
  const box = element('figure', 'chart');
  const last = points.at(-1);
  const caption = element('figcaption', '', title);
  caption.append(element('strong', '', last ? text(last) : ''));
  box.append(caption, plot(lines, points));
  return box;
}

const width = 240;
const height = 60;
const svgName = 'http://www.w3.org/2000/svg';

function plot(lines: Chart['lines'], points: readonly Point[]): SVGElement {
  const svg = document.createElementNS(svgName, 'svg');
  svg.setAttribute('viewBox', `0 0 ${width} ${height}`);
  svg.setAttribute('preserveAspectRatio', 'none');
  const top = Math.max(1e-9, ...points.flatMap((point) => lines.map(({ value }) => value(point))));
  const first = points[0]?.at ?? 0;
  const span = Math.max(1, (points.at(-1)?.at ?? 1) - first);
  for (const { value, color } of lines) {
    const line = document.createElementNS(svgName, 'polyline');
    const at = (point: Point) => {
      const x = ((point.at - first) / span) * width;
      const y = height - 2 - (value(point) / top) * (height - 4);
      return `${x.toFixed(1)},${y.toFixed(1)}`;
    };
    line.setAttribute('points', points.map(at).join(' '));
    line.setAttribute('class', `line ${color}`);
    svg.append(line);
  }
  return svg;
}

function element(name: string, className: string, text = ''): HTMLElement {
  const made = document.createElement(name);
  if (className) made.className = className;
  // Text, never markup: names of jobs come from whoever put them into Redis.
  made.textContent = text;
  return made;
}

function round(value: number): string {
  if (value >= 100 || Number.isInteger(value)) return String(Math.round(value));
  return value.toPrecision(2);
}

/** What the drawing looks like; the variables may be set by the page around it. */
export const monitorStyle = `
:root { color-scheme: light dark; --fg: CanvasText; --line-a: #2f7de1; --line-b: #d08a1d; --bad: #d3404b; --good: #2c9a4b; --card: color-mix(in srgb, CanvasText 6%, Canvas); }
body { font: 14px/1.4 system-ui, sans-serif; margin: 0 auto; padding: 16px; max-width: 1100px; color: var(--fg); }
h1 { font-size: 18px; } h2 { font-size: 15px; margin: 0; }
.job { background: var(--card); border-radius: 8px; padding: 12px 16px; margin: 12px 0; }
.job header { display: flex; gap: 12px; align-items: baseline; flex-wrap: wrap; }
.state { font-size: 12px; padding: 0 8px; border-radius: 8px; color: #fff; background: #777; }
.state.running { background: var(--good); } .state.failed, .state.full { background: var(--bad); }
.detail { opacity: .7; font-size: 12px; }
.charts { display: grid; grid-template-columns: repeat(auto-fit, minmax(200px, 1fr)); gap: 16px; margin-top: 8px; }
.chart { margin: 0; } figcaption { display: flex; justify-content: space-between; font-size: 12px; opacity: .85; }
svg { width: 100%; height: 60px; } .line { fill: none; stroke-width: 1.5; vector-effect: non-scaling-stroke; }
.line.a { stroke: var(--line-a); } .line.b { stroke: var(--line-b); } .line.bad { stroke: var(--bad); }
`;
