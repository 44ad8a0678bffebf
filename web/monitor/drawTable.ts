import { element } from '../design/element.ts';
import { figure } from '../design/figure.ts';
import { summaryOf, type ChartKind } from './charts.ts';
import type { Point } from './point.ts';
import type { Text } from './texts.ts';

/** The rows of a table, evenly taken from the moments that are drawn: a table of all would be too long to read. */
const shownMoments = 12;

/** A chart's figures as a table, with a sentence that sums them up. */
export function drawTable(table: HTMLTableElement, kind: ChartKind, points: readonly Point[], t: Text): void {
  const caption = element('caption', '', summaryOf(kind, points, t));
  const head = element('tr');
  head.append(heading(t('time'), 'col'), ...kind.lines.map(({ label }) => heading(t(label), 'col')));
  table.replaceChildren(caption, head, ...chosen(points).map((point) => row(kind, point)));
}

function row({ lines }: ChartKind, point: Point): HTMLTableRowElement {
  const made = element('tr');
  made.append(heading(new Date(point.at).toLocaleTimeString(), 'row'));
  for (const { value } of lines) {
    const found = value(point);
    made.append(element('td', '', found === null ? '–' : figure(found)));
  }
  return made;
}

function heading(text: string, scope: 'col' | 'row'): HTMLTableCellElement {
  const made = element('th', '', text);
  made.scope = scope;
  return made;
}

function chosen(points: readonly Point[]): readonly Point[] {
  const step = Math.max(1, Math.ceil(points.length / shownMoments));
  return points.filter((_, i) => (points.length - 1 - i) % step === 0).reverse();
}
