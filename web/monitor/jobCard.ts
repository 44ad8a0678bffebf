import { around, button, element } from '../design/element.ts';
import type { AdvisedKey } from '../../schemas/pages.ts';
import { charts, type ChartKind } from './charts.ts';
import { createChartFigure, type ChartFigure } from './chartFigure.ts';
import type { Series } from './history.ts';
import { timeText } from './plot.ts';
import type { Message, Text } from './texts.ts';

/** What the host of the page can change in the config of a job; a browser can change nothing. */
export type Fix = (series: Series, key: AdvisedKey) => void;

/** All that is shown of one job. */
export interface JobCard {
  readonly box: HTMLElement;
  readonly figures: readonly ChartFigure[];
  draw(series: Series, rangeMs: number): void;
}

const eventTexts = {
  start: '{0} worker {1} started',
  stop: '{0} worker {1} stopped',
  death: '{0} worker {1} died',
  reload: '{0} worker {1} reloaded',
  refusal: '{0} worker {1} refused a reload',
} as const satisfies Readonly<Record<Series['marks'][number]['kind'], Message>>;

/** The charts of which there are figures: a frontend has no stages, and a job that starts has none of its workers yet. */
export function kindsOf({ points }: Series): readonly ChartKind[] {
  return charts.filter(({ lines }) =>
    lines.some(({ value }) => points.some((point) => value(point) !== null)),
  );
}

export function createJobCard(
  name: string,
  kinds: readonly ChartKind[],
  t: Text,
  fix: Fix | undefined,
): JobCard {
  const state = element('span', 'state');
  const detail = element('span', 'detail muted');
  const advice = element('div', 'advice notice row');
  const events = element('details', 'events');
  const figures = kinds.map((kind) => createChartFigure(name, kind, t));
  const box = around(
    'section',
    'job card',
    around('header', 'row', element('h2', '', name), state, detail),
    advice,
    around('div', 'charts', ...figures.map((one) => one.box)),
    events,
  );
  const sentence = element('span');
  const raise = button('', () => raised?.());
  let raised: (() => void) | undefined;
  advice.append(around('p', '', element('b', '', `${t('Where the time goes')}: `), sentence), raise);

  /** The figures of the sentence change with each look; the button stays, so that it can be pressed. */
  function drawAdvice(series: Series): void {
    const { text = '', key } = series.advice ?? {};
    advice.hidden = text === '';
    if (sentence.textContent !== text) sentence.textContent = text;
    raise.hidden = key === undefined || fix === undefined;
    if (key === undefined || !fix) return;
    raised = () => fix(series, key);
    const label = t('Raise {0} in the config…', key);
    if (raise.textContent !== label) raise.textContent = label;
  }

  function drawEvents({ marks }: Series): void {
    events.hidden = marks.length === 0;
    if (events.dataset.count === String(marks.length)) return;
    events.dataset.count = String(marks.length);
    const rows = marks
      .toReversed()
      .map(({ at, kind, worker }) => element('li', kind, t(eventTexts[kind], timeText(at), worker)));
    events.replaceChildren(
      element('summary', '', marks.length === 1 ? t('1 event') : t('{0} events', marks.length)),
      around('ul', 'small', ...rows),
    );
  }

  return {
    box,
    figures,
    draw(series, rangeMs) {
      state.className = `state ${series.state}`;
      state.textContent = t(series.state);
      detail.textContent = series.detail;
      drawAdvice(series);
      drawEvents(series);
      for (const one of figures) one.draw(series, rangeMs);
    },
  };
}
