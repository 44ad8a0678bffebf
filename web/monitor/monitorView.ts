import { around, button, element, segments } from '../design/element.ts';
import type { Series } from './history.ts';
import { createJobCard, kindsOf, type Fix, type JobCard } from './jobCard.ts';
import type { Text } from './texts.ts';

/** The charts of the jobs in an element. It fetches nothing: the host of the page (a browser, an editor's panel)
 *  brings the data. */
export interface MonitorView {
  draw(series: readonly Series[]): void;
  /** Draws again in the colours that the page has now. */
  recolor(): void;
}

/** What the user has chosen. */
export interface MonitorChoice {
  readonly minutes: number;
  /** The ids of the jobs that are shown; all of them while it is empty. */
  readonly shown: readonly string[];
}

export interface MonitorOptions {
  readonly t: Text;
  /** Present where configs can be changed. */
  readonly fix?: Fix | undefined;
  readonly choice?: MonitorChoice | undefined;
  readonly onChoice?: (choice: MonitorChoice) => void;
}

const ranges = [2, 15, 60] as const;
/** From this many jobs on they can be looked for by name. */
const manyJobs = 9;
/** Who wants less motion sees the lines jump less often. */
const calmMs = 5_000;

export function createMonitorView(
  root: HTMLElement,
  { t, fix, choice, onChoice }: MonitorOptions,
): MonitorView {
  const cards = new Map<string, JobCard>();
  const none = element('p', 'empty', t('No job is known on this Redis.'));
  const calm = matchMedia('(prefers-reduced-motion: reduce)');
  let minutes: number = choice?.minutes ?? ranges[0];
  let shown = new Set(choice?.shown ?? []);
  let find = '';
  let drawnAt = -Infinity;
  let last: readonly Series[] = [];

  const chips = element('div', 'row chips');
  chips.setAttribute('role', 'group');
  chips.setAttribute('aria-label', t('Shown jobs'));
  const search = element('input');
  search.type = 'search';
  search.placeholder = t('Find a job');
  search.setAttribute('aria-label', t('Find a job'));
  search.addEventListener('input', () => {
    find = search.value.trim().toLowerCase();
    redraw();
  });
  const tools = around(
    'div',
    'row spread tools',
    around('div', 'row', search, chips),
    segments(
      t('Time range'),
      ranges.map((value) => ({ value, text: t('{0} min', value) })),
      minutes as (typeof ranges)[number],
      (value) => {
        minutes = value;
        changed();
      },
    ),
  );
  const list = element('div', 'jobs');
  root.append(tools, list);
  new ResizeObserver(() => {
    for (const card of cards.values()) for (const one of card.figures) one.resize();
  }).observe(root);

  function changed(): void {
    onChoice?.({ minutes, shown: [...shown] });
    redraw();
  }

  function redraw(): void {
    drawnAt = -Infinity;
    chips.dataset.drawn = '';
    draw(last);
  }

  function toggle(id: string | undefined): void {
    if (id === undefined) shown.clear();
    else if (!shown.delete(id)) shown.add(id);
    changed();
  }

  /** One button for each job, and one for all of them. */
  function drawChips(series: readonly Series[]): void {
    const found = series.filter(({ name }) => name.toLowerCase().includes(find));
    const key = JSON.stringify([found.map(({ id }) => id), [...shown]]);
    search.hidden = series.length < manyJobs;
    chips.hidden = series.length < 2;
    if (chips.dataset.drawn === key) return;
    chips.dataset.drawn = key;
    const focused = chips.contains(document.activeElement)
      ? document.activeElement?.getAttribute('data-job')
      : undefined;
    const chip = (id: string | undefined, text: string, isOn: boolean) => {
      const made = button(text, () => toggle(id), 'chip');
      made.setAttribute('aria-pressed', String(isOn));
      made.dataset.job = id ?? 'all jobs';
      return made;
    };
    chips.replaceChildren(
      chip(undefined, t('All'), shown.size === 0),
      ...found.map(({ id, name }) => chip(id, name, shown.has(id))),
      ...(found.length === 0 ? [element('span', 'muted', t('No job is called so.'))] : []),
    );
    // The button that was pressed has been drawn again.
    for (const made of chips.querySelectorAll('button')) if (made.dataset.job === focused) made.focus();
  }

  function cardOf(series: Series): JobCard {
    const known = cards.get(series.id);
    const kinds = kindsOf(series);
    if (known && kinds.length <= known.figures.length) return known;
    const made = createJobCard(series.name, kinds, t, fix);
    cards.set(series.id, made);
    if (known) {
      for (const one of known.figures) one.destroy();
      known.box.replaceWith(made.box);
    } else list.append(made.box);
    return made;
  }

  function draw(series: readonly Series[]): void {
    const ids = new Set(series.map(({ id }) => id));
    shown = new Set([...shown].filter((id) => ids.has(id)));
    const visible = series.filter(
      ({ id, name }) => (shown.size === 0 || shown.has(id)) && name.toLowerCase().includes(find),
    );
    const isSame = visible.length === cards.size && visible.every(({ id }) => cards.has(id));
    if (isSame && calm.matches && performance.now() - drawnAt < calmMs) return;
    drawnAt = performance.now();
    last = series;
    drawChips(series);
    const kept = new Set(visible.map(({ id }) => id));
    for (const [id, card] of cards) {
      if (kept.has(id)) continue;
      for (const one of card.figures) one.destroy();
      card.box.remove();
      cards.delete(id);
    }
    if (series.length === 0) list.append(none);
    else none.remove();
    visible.forEach((one, i) => {
      const card = cardOf(one);
      if (list.children[i] !== card.box) list.insertBefore(card.box, list.children[i] ?? null);
      card.draw(one, minutes * 60_000);
    });
  }

  return {
    draw,
    recolor() {
      for (const card of cards.values()) for (const one of card.figures) one.recolor();
      drawnAt = -Infinity;
      draw(last);
    },
  };
}
