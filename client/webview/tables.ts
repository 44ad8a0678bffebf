import type { Point, Series } from '../../server/src/http/web/history.ts';

const columns: readonly { readonly title: string; readonly value: (point: Point) => number }[] = [
  { title: 'records/s', value: ({ perSecond }) => perSecond },
  { title: 'p50, ms', value: ({ p50 }) => p50 },
  { title: 'p99, ms', value: ({ p99 }) => p99 },
  { title: 'backlog', value: ({ backlog }) => backlog },
  { title: 'errors', value: ({ errors }) => errors },
];

/** The charts as a table, for those who do not see them: the last figures of each job, and its mean and most. */
export function drawTables(root: HTMLElement, series: readonly Series[]): void {
  const details = root.querySelector('details') ?? document.createElement('details');
  const summary = document.createElement('summary');
  summary.textContent = 'Figures as tables';
  details.replaceChildren(summary, ...series.map(table));
  if (details.parentElement !== root) root.replaceChildren(details);
}

function table({ name, state, points }: Series): HTMLTableElement {
  const made = document.createElement('table');
  made.createCaption().textContent = `${name}, ${state}`;
  const last = points.at(-1);
  row(made, 'th', ['', ...columns.map(({ title }) => title)]);
  const all = (value: (point: Point) => number) => points.map(value);
  row(made, 'td', ['now', ...columns.map(({ value }) => figure(last ? value(last) : 0))]);
  row(made, 'td', ['mean', ...columns.map(({ value }) => figure(mean(all(value))))]);
  row(made, 'td', ['most', ...columns.map(({ value }) => figure(Math.max(0, ...all(value))))]);
  return made;
}

/** The first cell heads its row. */
function row(made: HTMLTableElement, kind: 'td' | 'th', cells: readonly string[]): void {
  const line = made.insertRow();
  cells.forEach((text, i) => {
    const isHead = (kind === 'th' || i === 0) && text !== '';
    const cell = document.createElement(isHead ? 'th' : 'td');
    if (isHead) cell.setAttribute('scope', kind === 'th' ? 'col' : 'row');
    cell.textContent = text;
    line.append(cell);
  });
}

function mean(values: readonly number[]): number {
  return values.length === 0 ? 0 : values.reduce((sum, value) => sum + value, 0) / values.length;
}

function figure(value: number): string {
  return value >= 100 ? String(Math.round(value)) : String(Number(value.toPrecision(3)));
}
