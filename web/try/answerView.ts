import type { StageMedians, TryModel } from '../../schemas/pages.ts';
import { around, element } from '../design/element.ts';
import { figure } from '../design/figure.ts';
import { barLengths, rankingsOf, type Ranking } from './classes.ts';
import { heatMapOf, statisticsOf, strength, type HeatMap, type Plane } from './heatMap.ts';
import type { Reply } from './host.ts';
import type { Outcome, Output } from './outcome.ts';
import type { Message, Text } from './texts.ts';
import { stageParts, stepsOf, type RequestPart, type Step, type TimePart } from './waterfall.ts';

/** What a model has answered, for people. */

const shownValues = 200;
const shownCells = { rows: 12, columns: 12 };

/** The best classes as bars, and every output by its figures. */
export function outcomeView(outcome: Outcome, { labels }: TryModel, t: Text): HTMLElement {
  if ('error' in outcome) {
    const box = around('div', 'notice bad', element('p', '', outcome.error));
    if (outcome.code !== undefined) box.append(element('p', 'mono muted', outcome.code));
    return box;
  }
  const rankings = rankingsOf(outcome, labels);
  const box = around('div', 'stack', ...rankings.map((ranking) => barsView(ranking, t)));
  if ('filtered' in outcome) {
    if (rankings.length === 0) box.append(element('pre', 'scroll', textOf(outcome.filtered)));
    return box;
  }
  // A heat map is worth more than a click; where there is nothing else to see, everything is.
  const isShown = (output: Output) => rankings.length === 0 || heatMapOf(output) !== undefined;
  const others = outcome.outputs.filter((output) => !isShown(output));
  box.append(...outcome.outputs.filter(isShown).map((output) => outputView(output, t)));
  if (others.length > 0)
    box.append(
      around(
        'details',
        '',
        element('summary', '', t('Outputs as numbers')),
        ...others.map((output) => outputView(output, t)),
      ),
    );
  return box;
}

function textOf(value: unknown): string {
  return typeof value === 'string' ? value : JSON.stringify(value, undefined, 1);
}

function barsView(ranking: Ranking, t: Text): HTMLElement {
  const lengths = barLengths(ranking);
  const list = element('ol', 'bars');
  ranking.classes.forEach(({ index, value, name }, i) => {
    const fill = element('span', 'fill');
    fill.style.width = `${(100 * (lengths[i] ?? 0)).toFixed(1)}%`;
    list.append(
      around(
        'li',
        '',
        element('span', 'name', name ?? t('class {0}', index)),
        element('span', 'value', ranking.areShares ? `${(100 * value).toFixed(1)} %` : figure(value)),
        around('span', 'track', fill),
      ),
    );
  });
  const { title, of = 0, classes } = ranking;
  const caption = [
    title,
    ...(of > classes.length ? [t('the best {0} of {1}', classes.length, of)] : []),
  ].filter(Boolean);
  return around(
    'div',
    '',
    ...(caption.length > 0 ? [element('h3', 'muted small', caption.join(' · '))] : []),
    list,
  );
}

function outputView(output: Output, t: Text): HTMLElement {
  const { name, shape } = output;
  const statistics = statisticsOf(output);
  const facts = [
    `[${shape.join(', ')}]`,
    ...(statistics
      ? [t('{0} to {1}, mean {2}', figure(statistics.min), figure(statistics.max), figure(statistics.mean))]
      : []),
    ...(statistics && statistics.notFinite > 0 ? [t('{0} not finite', statistics.notFinite)] : []),
  ];
  const map = heatMapOf(output);
  return around(
    'section',
    'output',
    around('h3', '', name, element('span', 'muted small', ` ${facts.join(' · ')}`)),
    map ? heatMapView(map, name, t) : valuesView(output, t),
  );
}

function heatMapView(map: HeatMap, name: string, t: Text): HTMLElement {
  const planes = map.planes.map((plane) => {
    const canvas = planeCanvas(plane, map);
    canvas.setAttribute('role', 'img');
    canvas.setAttribute('aria-label', t('{0} as a heat map, {1} × {2}', name, plane.rows, plane.columns));
    return around(
      'figure',
      'image',
      canvas,
      element('figcaption', 'muted small', plane.place.length > 0 ? `[${plane.place.join(', ')}]` : ''),
    );
  });
  const scale = around('div', 'row small', figure(map.min), element('span', 'scale'), figure(map.max));
  const more =
    map.of > map.planes.length
      ? [element('span', 'muted small', t('the first {0} of {1}', map.planes.length, map.of))]
      : [];
  return around('div', 'stack', around('div', 'row images', ...planes), around('div', 'row', scale, ...more));
}

function planeCanvas({ rows, columns, values }: Plane, map: HeatMap): HTMLCanvasElement {
  const canvas = element('canvas', 'pixels heat');
  canvas.width = columns;
  canvas.height = rows;
  const scale = Math.max(1, Math.min(24, 160 / Math.max(rows, columns)));
  canvas.style.width = `${Math.round(columns * scale)}px`;
  canvas.style.height = `${Math.round(rows * scale)}px`;
  const [red = 0, green = 0, blue = 0] = getComputedStyle(document.documentElement)
    .getPropertyValue('--heat')
    .trim()
    .split(/\s+/)
    .map(Number);
  const pixels = new Uint8ClampedArray(4 * rows * columns);
  values.forEach((value, i) => pixels.set([red, green, blue, strength(value, map)], 4 * i));
  canvas.getContext('2d')?.putImageData(new ImageData(pixels, columns, rows), 0, 0);
  return canvas;
}

/** Small tensors as a table, others by their first values. */
function valuesView({ shape, data }: Output, t: Text): HTMLElement {
  const columns = shape.at(-1) ?? 1;
  const rows = columns > 0 ? data.length / columns : 0;
  if (rows > 1 && rows <= shownCells.rows && columns <= shownCells.columns) {
    const table = element('table');
    for (let row = 0; row < rows; row++)
      table.append(
        around(
          'tr',
          '',
          ...data
            .slice(row * columns, (row + 1) * columns)
            .map((value) => element('td', 'number', elementText(value))),
        ),
      );
    return around('div', 'scroll', table);
  }
  const shown = data.slice(0, shownValues).map(elementText).join(', ');
  const rest = data.length > shownValues ? ` ${t('… {0} more', data.length - shownValues)}` : '';
  return element('pre', 'scroll', `${shown}${rest}`);
}

function elementText(value: Output['data'][number]): string {
  if (value === null) return 'NaN';
  return typeof value === 'number' && !Number.isInteger(value)
    ? String(Number(value.toPrecision(5)))
    : String(value);
}

const partTexts = {
  network: 'network and browser',
  receive: 'receive the request',
  read: 'read and check it',
  predict: 'queue, model and result',
  queue: 'queue, model and result',
  program: 'command line',
} as const satisfies Record<RequestPart, Message>;

const stageTexts = {
  queueWait: 'wait in the queue, and for a batch',
  decode: 'decode',
  inference: 'inference',
  write: 'write the result',
} as const satisfies Record<keyof StageMedians, Message>;

/** Where the time went: what is known of this request, and what is usual for the job's records. */
export function timeView(
  { totalMs, parts }: Reply,
  typicalMs: StageMedians | undefined,
  t: Text,
): HTMLElement {
  const box = element('div', 'stack');
  box.append(waterfall(t('This request: {0} ms', figure(totalMs)), parts, (name) => t(partTexts[name]), t));
  if (typicalMs)
    box.append(
      waterfall(
        t("The job's last records, median of each stage"),
        stageParts(typicalMs),
        (name) => t(stageTexts[name]),
        t,
      ),
    );
  return box;
}

function waterfall<Name extends string>(
  title: string,
  parts: readonly TimePart<Name>[],
  textOfPart: (name: Name) => string,
  t: Text,
): HTMLElement {
  const table = element('table', 'waterfall');
  for (const step of stepsOf(parts)) table.append(stepRow(step, textOfPart(step.name), t));
  return around('div', '', element('h3', 'small', title), table);
}

function stepRow({ ms, from, share }: Step<string>, text: string, t: Text): HTMLTableRowElement {
  const fill = element('span', 'fill');
  fill.style.marginLeft = `${(100 * from).toFixed(2)}%`;
  fill.style.width = `max(2px, ${(100 * share).toFixed(2)}%)`;
  const name = element('th', '', text);
  name.scope = 'row';
  return around(
    'tr',
    '',
    name,
    element('td', 'number', t('{0} ms', figure(ms))),
    around('td', 'track', fill),
  );
}
