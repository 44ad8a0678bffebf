import {
  listedStates,
  type ListedState,
  type RecordChange,
  type RecordCounts,
} from '../../schemas/recordsPage.ts';
import { around, button, element, segments } from '../design/element.ts';
import { previewCell } from './preview.ts';
import { createPreviews } from './previews.ts';
import { createRecordList } from './recordList.ts';
import { nameOf, nextSorting, type RecordRow, type SortColumn, type Sorting } from './recordRow.ts';
import type { RecordsHost } from './recordsHost.ts';
import { createSortedRows } from './sortedRows.ts';
import { statusText } from './statusText.ts';
import type { Message, Text } from './texts.ts';
import { createVirtualGrid } from './virtualGrid.ts';

/** The table of a queue's records, in an element. */
export interface RecordsView {
  /** What is known of the queue now. @param hasMoved  other records may be in it */
  show(counts: RecordCounts, hasMoved: boolean): void;
}

export interface RecordsOptions {
  readonly t: Text;
  readonly language: string;
  readonly host: RecordsHost;
  /** The list to begin with. */
  readonly state: ListedState | undefined;
}

/** How long typing has to rest until it is searched for, in ms. */
const typingMs = 300;
/** While parts arrive one after the other, the table is drawn this often at the most, in ms. */
const drawMs = 250;

const stateTexts = { dead: 'dead', pending: 'in flight', waiting: 'waiting' } as const;
const listTexts = {
  dead: 'Dead letters',
  pending: 'In flight',
  waiting: 'Waiting',
} as const satisfies Record<ListedState, Message>;

export function createRecordsView(
  root: HTMLElement,
  { t, language, host, ...begin }: RecordsOptions,
): RecordsView {
  let counts: RecordCounts = { waiting: 0, pending: 0, dead: 0 };
  let chosen: ListedState | 'all' = begin.state ?? 'all';
  let uri = '';
  let sorting: Sorting | undefined;
  let pausedAt: number | undefined;
  let drawing: ReturnType<typeof setTimeout> | undefined;
  const time = new Intl.DateTimeFormat(language, { dateStyle: 'short', timeStyle: 'medium' });
  const sorted = createSortedRows();

  const list = createRecordList({ ask: (question) => host.page(question), onChange: drawSoon });
  const previews = createPreviews({
    ask: (ids) => host.previews(ids),
    onNew: (keys) => keys.forEach(drawPreview),
  });
  const cells = new Map<string, HTMLElement>();

  const search = element('input');
  search.type = 'search';
  search.placeholder = t('Search by uri or id');
  search.setAttribute('aria-label', t('Search by uri or id'));
  let typing: ReturnType<typeof setTimeout> | undefined;
  search.addEventListener('input', () => {
    clearTimeout(typing);
    typing = setTimeout(() => {
      uri = search.value.trim();
      void list.choose(statesChosen(), uri);
    }, typingMs);
  });
  const states = element('div');
  const pause = button(t('Pause'), () => {
    pausedAt = pausedAt === undefined ? Date.now() : undefined;
    pause.textContent = pausedAt === undefined ? t('Pause') : t('Follow');
    if (pausedAt === undefined) void list.reload();
    drawStatus();
  });
  const refresh = button(t('Refresh'), () => void list.reload());
  const status = element('span', 'count');
  status.setAttribute('role', 'status');
  const loadAll = button(t('Load All'), () => void list.all(), 'link');
  const stop = button(t('Stop'), () => list.stop(), 'link');
  const note = element('p', 'notice warn');
  note.setAttribute('role', 'status');
  const selection = element('div', 'row chosen');
  const empty = element('p', 'muted');
  const grid = createVirtualGrid<RecordRow>({
    label: t('Records'),
    selectAllText: t('Select all that are loaded'),
    columns: [
      { name: 'name', text: t('uri or id'), isSortable: true },
      { name: 'state', text: t('State'), isSortable: true },
      { name: 'at', text: t('Since'), isSortable: true },
      { name: 'details', text: t('Details'), isSortable: true },
      { name: 'held', text: t('Preview'), isSortable: false },
    ],
    cells: (row) => [
      titled(nameOf(row), `${nameOf(row)}\n${row.id}`),
      element('span', `state ${row.state}`, t(stateTexts[row.state])),
      time.format(row.at),
      titled(detailsOf(row, t)),
      previewPlace(row),
    ],
    rowName: nameOf,
    onOpen: ({ id }) => host.open(id),
    onSelect: drawSelection,
    onSort(column) {
      sorting = nextSorting(sorting, column as SortColumn);
      grid.sortedBy(sorting?.column, sorting?.isDescending ?? false);
      draw();
    },
    onView(rows, isNearEnd) {
      previews.want(rows);
      // A search that was stopped goes on when the user says so.
      const isWanted = uri === '' || !list.isStopped();
      if (isNearEnd && isWanted && list.hasMore() && !list.isLoading() && list.failure() === undefined)
        void list.more();
    },
  });
  root.append(
    around('div', 'row tools', search, states, pause, refresh),
    around('div', 'row small status', status, loadAll, stop),
    note,
    selection,
    empty,
    grid.box,
  );

  function statesChosen(): readonly ListedState[] {
    return chosen === 'all' ? listedStates : [chosen];
  }

  function previewPlace(row: RecordRow): HTMLElement {
    const place = element('span', 'place');
    cells.set(row.key, place);
    place.append(previewCell(previews.of(row.key)));
    return place;
  }

  function drawPreview(key: string): void {
    cells.get(key)?.replaceChildren(previewCell(previews.of(key)));
  }

  function drawStates(): void {
    const focused = states.contains(document.activeElement);
    const choice = (value: ListedState | 'all', text: string, count: number) => ({
      value,
      text: `${text} ${count.toLocaleString(language)}`,
    });
    states.replaceChildren(
      segments<ListedState | 'all'>(
        t('Which records'),
        [
          choice('all', t('All'), counts.waiting + counts.pending + counts.dead),
          ...listedStates.map((state) => choice(state, t(listTexts[state]), counts[state])),
        ],
        chosen,
        (value) => {
          chosen = value;
          void list.choose(statesChosen(), uri);
        },
      ),
    );
    if (focused) states.querySelector<HTMLElement>('[aria-pressed=true]')?.focus();
  }

  function drawSoon(): void {
    drawStatus();
    drawing ??= setTimeout(draw, drawMs);
  }

  function draw(): void {
    clearTimeout(drawing);
    drawing = undefined;
    const rows = sorted.of(list.rows(), sorting);
    for (const key of cells.keys()) if (cells.size > rows.length + 500) cells.delete(key);
    grid.draw(rows, uri === '' ? Math.max(total(), rows.length) : rows.length);
    drawStatus();
    drawSelection();
  }

  function total(): number {
    return statesChosen().reduce((sum, state) => sum + counts[state], 0);
  }

  function drawStatus(): void {
    const isLoading = list.isLoading();
    const rows = list.rows().length;
    const text = statusText(
      {
        rows,
        looked: list.looked(),
        total: total(),
        uri,
        hasMore: list.hasMore(),
        isLoading,
        isSorted: sorting !== undefined,
      },
      t,
      language,
    );
    if (status.textContent !== text) status.textContent = text;
    loadAll.hidden = !list.hasMore() || isLoading;
    stop.hidden = !isLoading || !list.hasMore();
    const failure = list.failure();
    note.textContent =
      failure !== undefined
        ? t('The records cannot be read: {0}', failure)
        : pausedAt !== undefined
          ? t('Paused: the list stays as it was at {0}.', time.format(pausedAt))
          : list.isOld()
            ? t('The queue has moved since these were loaded.')
            : '';
    empty.hidden = rows > 0 || isLoading || list.hasMore() || failure !== undefined;
    empty.textContent = uri === '' ? t('The queue is empty.') : t('No record has this in its uri or id.');
  }

  function drawSelection(): void {
    const rows = grid.selected();
    selection.hidden = rows.length === 0;
    const change = (
      kind: RecordChange,
      text: 'Put Back ({0})' | 'Move to the Dead Letters ({0})…',
      of: readonly RecordRow[],
    ) =>
      of.length === 0
        ? []
        : [
            button(t(text, of.length), () =>
              host.change(
                kind,
                of.map(({ id }) => id),
              ),
            ),
          ];
    selection.replaceChildren(
      element('span', '', t('{0} selected', rows.length)),
      ...change(
        'requeue',
        'Put Back ({0})',
        rows.filter(({ state }) => state === 'dead'),
      ),
      ...change(
        'kill',
        'Move to the Dead Letters ({0})…',
        rows.filter(({ state }) => state !== 'dead'),
      ),
      button(t('Select None'), () => grid.select([])),
    );
  }

  drawStates();
  drawStatus();
  selection.hidden = true;
  void list.choose(statesChosen(), uri);

  return {
    show(next, hasMoved) {
      const isSame = JSON.stringify(next) === JSON.stringify(counts);
      counts = next;
      if (!isSame) drawStates();
      drawStatus();
      if (hasMoved && pausedAt === undefined) void list.moved();
    },
  };
}

function titled(text: string, title = text): HTMLElement {
  const made = element('span', '', text);
  made.title = title;
  return made;
}

function detailsOf({ reason, worker, deliveries, requeued = 0 }: RecordRow, t: Text): string {
  return [
    ...(reason === undefined ? [] : [reason]),
    ...(worker === undefined ? [] : [worker]),
    ...(deliveries === undefined
      ? []
      : [deliveries === 1 ? t('1 delivery') : t('{0} deliveries', deliveries)]),
    ...(requeued > 0 ? [t('put back {0} times before', requeued)] : []),
  ].join(' · ');
}
