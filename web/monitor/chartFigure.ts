import { around, element } from '../design/element.ts';
import { figure } from '../design/figure.ts';
import { summaryOf, type ChartKind } from './charts.ts';
import { drawTable } from './drawTable.ts';
import type { Series } from './history.ts';
import { createPlot, timeText, type Plot } from './plot.ts';
import type { Point } from './point.ts';
import type { Text } from './texts.ts';

/** A chart with the present figure of each of its lines, and the same as a table. */
export interface ChartFigure {
  readonly box: HTMLElement;
  draw(series: Series, rangeMs: number): void;
  resize(): void;
  recolor(): void;
  destroy(): void;
}

/** @param name  of the job */
export function createChartFigure(name: string, kind: ChartKind, t: Text): ChartFigure {
  const box = element('figure', 'chart');
  const moment = element('span', 'moment muted small');
  const figures = kind.lines.map(() => element('b', 'value', '–'));
  const keys = around(
    'div',
    'keys',
    ...kind.lines.map(({ label }, i) =>
      around(
        'span',
        'key',
        ...(kind.lines.length > 1 ? [element('i', `swatch line-${i}`), t(label)] : []),
        figures[i] ?? '',
      ),
    ),
  );
  const caption = around(
    'figcaption',
    '',
    element('span', 'title', t('{0}, {1}', t(kind.title), t(kind.unit))),
    moment,
  );
  const canvas = element('div', 'plot');
  canvas.setAttribute('role', 'img');
  const details = element('details');
  const table = element('table');
  details.append(
    element('summary', '', t('{0} of {1} as a table', t(kind.title), name)),
    around('div', 'scroll', table),
  );
  box.append(caption, keys, canvas, details);

  let plot: Plot | undefined;
  let points: readonly Point[] = [];
  let hovered: number | undefined;
  details.addEventListener('toggle', () => {
    if (details.open) drawTable(table, kind, points, t);
  });

  /** Of the moment under the pointer, else of now. */
  function showValues(): void {
    const point = points[hovered ?? -1] ?? points.at(-1);
    moment.textContent = point && hovered !== undefined ? timeText(point.at) : '';
    kind.lines.forEach(({ value }, i) => {
      const found = point ? value(point) : null;
      const shown = figures[i];
      if (shown) shown.textContent = found === null ? '–' : figure(found);
    });
  }

  function hover(index: number | undefined): void {
    hovered = index;
    showValues();
  }

  return {
    box,
    draw(series, rangeMs) {
      const last = series.points.at(-1)?.at ?? 0;
      points = series.points.filter(({ at }) => at >= last - rangeMs);
      plot ??= createPlot(canvas, kind, hover);
      plot.draw(points, series.marks, rangeMs);
      showValues();
      canvas.setAttribute('aria-label', summaryOf(kind, points, t));
      if (details.open) drawTable(table, kind, points, t);
    },
    resize: () => plot?.resize(),
    recolor() {
      plot?.destroy();
      plot = undefined;
    },
    destroy: () => plot?.destroy(),
  };
}
