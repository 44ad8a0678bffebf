import { charts, summaryOf, type ChartKind } from './charts.ts';
import { drawTable } from './drawTable.ts';
import { element } from './element.ts';
import type { Series } from './history.ts';
import { createPlot, type Plot } from './plot.ts';
import type { Text } from './texts.ts';

/** The charts of the jobs in an element. It fetches nothing: the host of the page (a browser, an editor's panel)
 *  brings the data. Colours come from the CSS variables of `monitorStyle`. */
export interface MonitorView {
  draw(series: readonly Series[]): void;
  /** Draws again in the colours that the page has now. */
  recolor(): void;
}

interface Figure {
  readonly box: HTMLElement;
  draw(series: Series): void;
  resize(): void;
  recolor(): void;
  destroy(): void;
}

interface Card {
  readonly box: HTMLElement;
  readonly state: HTMLElement;
  readonly detail: HTMLElement;
  readonly figures: readonly Figure[];
}

/** Who wants less motion sees the lines jump less often. */
const calmMs = 5_000;

export function createMonitorView(root: HTMLElement, t: Text): MonitorView {
  const cards = new Map<string, Card>();
  const none = element('p', 'empty', t('No job is known on this Redis.'));
  const calm = matchMedia('(prefers-reduced-motion: reduce)');
  let drawnAt = -Infinity;
  let last: readonly Series[] = [];
  const figures = () => [...cards.values()].flatMap((card) => card.figures);
  new ResizeObserver(() => {
    for (const figure of figures()) figure.resize();
  }).observe(root);

  function cardOf(series: Series): Card {
    const known = cards.get(series.name);
    const kinds = charts.filter((kind) => hasFigures(kind, series));
    // A job that starts has no figures of its workers yet.
    if (known && kinds.length <= known.figures.length) return known;
    const made = createCard(series.name, kinds, t);
    cards.set(series.name, made);
    if (known) {
      for (const figure of known.figures) figure.destroy();
      known.box.replaceWith(made.box);
    } else root.append(made.box);
    return made;
  }

  function draw(series: readonly Series[]): void {
    const names = new Set(series.map(({ name }) => name));
    const isSame = names.size === cards.size && series.every(({ name }) => cards.has(name));
    if (isSame && calm.matches && performance.now() - drawnAt < calmMs) return;
    drawnAt = performance.now();
    last = series;
    for (const [name, card] of cards) {
      if (names.has(name)) continue;
      for (const figure of card.figures) figure.destroy();
      card.box.remove();
      cards.delete(name);
    }
    if (series.length === 0) root.append(none);
    else none.remove();
    for (const one of series) {
      const { state, detail, figures: own } = cardOf(one);
      state.className = `state ${one.state}`;
      state.textContent = t(one.state);
      detail.textContent = one.detail;
      for (const figure of own) figure.draw(one);
    }
  }

  return {
    draw,
    recolor() {
      for (const figure of figures()) figure.recolor();
      drawnAt = -Infinity;
      draw(last);
    },
  };
}

function hasFigures({ lines }: ChartKind, { points }: Series): boolean {
  return lines.some(({ value }) => points.some((point) => value(point) !== null));
}

function createCard(name: string, kinds: readonly ChartKind[], t: Text): Card {
  const box = element('section', 'job');
  const head = element('header');
  const state = element('span', 'state');
  const detail = element('span', 'detail');
  head.append(element('h2', '', name), state, detail);
  const row = element('div', 'charts');
  const figures = kinds.map((kind) => createFigure(name, kind, t));
  row.append(...figures.map((figure) => figure.box));
  box.append(head, row);
  return { box, state, detail, figures };
}

/** A chart, what its lines mean, and the same as a table. */
function createFigure(name: string, kind: ChartKind, t: Text): Figure {
  const box = element('figure', 'chart');
  const caption = element('figcaption', '', t('{0}, {1}', t(kind.title), t(kind.unit)));
  const keys = element('div', 'keys');
  if (kind.lines.length > 1)
    keys.append(
      ...kind.lines.map(({ label }, i) => {
        const key = element('span', 'key');
        key.append(element('i', `swatch line-${i}`), document.createTextNode(t(label)));
        return key;
      }),
    );
  const canvas = element('div', 'plot');
  canvas.setAttribute('role', 'img');
  const details = element('details');
  const table = element('table');
  details.append(element('summary', '', t('{0} of {1} as a table', t(kind.title), name)), table);
  box.append(caption, keys, canvas, details);
  let plot: Plot | undefined;
  let points: Series['points'] = [];
  details.addEventListener('toggle', () => {
    if (details.open) drawTable(table, kind, points, t);
  });
  return {
    box,
    draw(series) {
      ({ points } = series);
      plot ??= createPlot(canvas, kind);
      plot.draw(points);
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
