import { around, element } from '../design/element.ts';

/** A table of any length of which only the rows in view are elements. The focus is on the table itself, so that no row that
 *  leaves the view takes it along. */
export interface VirtualGrid<Row extends Keyed> {
  readonly box: HTMLElement;
  draw(rows: readonly Row[], total: number): void;
  /** Draws the rows in view again: what they show has changed. */
  redraw(): void;
  selected(): readonly Row[];
  select(keys: Iterable<string>): void;
  sortedBy(column: string | undefined, isDescending: boolean): void;
}

interface Keyed {
  readonly key: string;
}

export interface Column {
  readonly name: string;
  readonly text: string;
  readonly isSortable: boolean;
}

export interface VirtualGridOptions<Row extends Keyed> {
  readonly label: string;
  readonly selectAllText: string;
  readonly columns: readonly Column[];
  /** What is in the cells of a row, without that of the selection. */
  readonly cells: (row: Row) => readonly (Node | string)[];
  readonly rowName: (row: Row) => string;
  readonly onOpen: (row: Row) => void;
  readonly onSelect: () => void;
  readonly onSort: (column: string) => void;
  /** Called when the rows in view change, with these. */
  readonly onView: (rows: readonly Row[], isNearEnd: boolean) => void;
}

/** In pixels; the style sheet has the same. */
export const rowHeight = 32;
/** Rows that are drawn above and below the view, so that scrolling finds them there. */
const spare = 12;

/** The rows to draw of a table that is scrolled.
 *  @param top  how far it is scrolled, in pixels @param height  of what is seen, in pixels */
export function rowsInView(top: number, height: number, count: number): { from: number; to: number } {
  const from = Math.max(0, Math.floor(top / rowHeight) - spare);
  const to = Math.min(count, Math.ceil((top + height) / rowHeight) + spare);
  return { from: Math.min(from, to), to };
}

export function createVirtualGrid<Row extends Keyed>(options: VirtualGridOptions<Row>): VirtualGrid<Row> {
  let rows: readonly Row[] = [];
  let places = new Map<string, number>();
  const chosen = new Set<string>();
  const drawn = new Map<string, { readonly row: Row; readonly box: HTMLElement }>();
  let active = 0;
  /** Where a choice of several rows began. */
  let anchor = 0;

  const all = element('input');
  all.type = 'checkbox';
  all.setAttribute('aria-label', options.selectAllText);
  all.addEventListener('change', () => choose(all.checked ? rows.map(({ key }) => key) : []));
  const heads = options.columns.map((column) => headOf(column));
  const selectHead = around('div', 'cell check', all);
  selectHead.setAttribute('role', 'columnheader');
  const head = around('div', 'gridrow head', selectHead, ...heads);
  head.setAttribute('role', 'row');
  head.setAttribute('aria-rowindex', '1');
  const body = element('div', 'gridbody');
  body.setAttribute('role', 'rowgroup');
  const headGroup = around('div', 'gridhead', head);
  headGroup.setAttribute('role', 'rowgroup');
  const box = around('div', 'grid', headGroup, body);
  box.setAttribute('role', 'grid');
  box.setAttribute('aria-label', options.label);
  box.setAttribute('aria-multiselectable', 'true');
  box.tabIndex = 0;

  function headOf({ name, text, isSortable }: Column): HTMLElement {
    const cell = element('div', `cell col-${name}`);
    cell.setAttribute('role', 'columnheader');
    if (!isSortable) {
      cell.textContent = text;
      return cell;
    }
    const sort = element('button', 'sort', text);
    sort.type = 'button';
    sort.addEventListener('click', () => options.onSort(name));
    cell.append(sort);
    return cell;
  }

  function view(): void {
    const { from, to } = rowsInView(box.scrollTop, box.clientHeight, rows.length);
    const wanted = new Map<string, number>();
    for (let i = from; i < to; i++) wanted.set((rows[i] as Row).key, i);
    const current = rows[active];
    // The active row is there wherever the view is: screen readers are led to it.
    if (current) wanted.set(current.key, active);
    for (const [key, { box: old }] of drawn)
      if (!wanted.has(key)) {
        old.remove();
        drawn.delete(key);
      }
    for (const [key, place] of wanted) drawRow(rows[place] as Row, key, place);
    if (current) box.setAttribute('aria-activedescendant', idOf(current.key));
    else box.removeAttribute('aria-activedescendant');
    options.onView(rows.slice(from, to), to >= rows.length - spare);
  }

  function drawRow(row: Row, key: string, place: number): void {
    const known = drawn.get(key);
    const made = known?.row === row ? known.box : makeRow(row);
    if (made !== known?.box) {
      known?.box.remove();
      drawn.set(key, { row, box: made });
    }
    if (made.parentNode !== body) body.append(made);
    made.style.transform = `translateY(${place * rowHeight}px)`;
    made.setAttribute('aria-rowindex', String(place + 2));
    made.setAttribute('aria-selected', String(chosen.has(key)));
    made.classList.toggle('active', place === active);
  }

  function makeRow(row: Row): HTMLElement {
    const mark = element('div', 'cell check');
    mark.setAttribute('role', 'gridcell');
    mark.append(element('span', 'mark'));
    const cells = options.cells(row).map((content, i) => {
      const cell = around('div', `cell col-${options.columns[i]?.name ?? ''}`, content);
      cell.setAttribute('role', 'gridcell');
      return cell;
    });
    const made = around('div', 'gridrow', mark, ...cells);
    made.setAttribute('role', 'row');
    made.id = idOf(row.key);
    made.dataset.key = row.key;
    return made;
  }

  function choose(keys: Iterable<string>): void {
    chosen.clear();
    for (const key of keys) if (places.has(key)) chosen.add(key);
    changed();
  }

  function toggle(place: number): void {
    const { key } = rows[place] as Row;
    if (!chosen.delete(key)) chosen.add(key);
    anchor = place;
    changed();
  }

  function chooseTo(place: number): void {
    const [first, last] = place < anchor ? [place, anchor] : [anchor, place];
    for (const { key } of rows.slice(first, last + 1)) chosen.add(key);
    changed();
  }

  function changed(): void {
    all.checked = rows.length > 0 && chosen.size === rows.length;
    all.indeterminate = chosen.size > 0 && !all.checked;
    view();
    options.onSelect();
  }

  function moveTo(place: number, extends_: boolean): void {
    if (rows.length === 0) return;
    active = Math.max(0, Math.min(rows.length - 1, place));
    const top = active * rowHeight;
    const seen = box.clientHeight - headGroup.offsetHeight;
    if (top < box.scrollTop) box.scrollTop = top;
    else if (top + rowHeight > box.scrollTop + seen) box.scrollTop = top + rowHeight - seen;
    if (extends_) chooseTo(active);
    else view();
  }

  box.addEventListener('scroll', () => requestAnimationFrame(view), { passive: true });
  new ResizeObserver(view).observe(box);
  body.addEventListener('click', (event) => {
    const key = (event.target as Element).closest<HTMLElement>('.gridrow')?.dataset.key;
    const place = key === undefined ? undefined : places.get(key);
    if (place === undefined) return;
    active = place;
    const isMark = (event.target as Element).closest('.check') !== null;
    if (event.shiftKey) chooseTo(place);
    else if (isMark || event.ctrlKey || event.metaKey) toggle(place);
    else {
      anchor = place;
      view();
      options.onOpen(rows[place] as Row);
    }
  });
  box.addEventListener('keydown', (event) => {
    // Keys on the head are its own.
    if (event.target !== box) return;
    const page = Math.max(1, Math.floor(box.clientHeight / rowHeight) - 1);
    const moves: Readonly<Record<string, number>> = {
      ArrowDown: active + 1,
      ArrowUp: active - 1,
      PageDown: active + page,
      PageUp: active - page,
      Home: 0,
      End: rows.length - 1,
    };
    const to = moves[event.key];
    const row = rows[active];
    if (to !== undefined) {
      if (event.shiftKey && chosen.size === 0) anchor = active;
      moveTo(to, event.shiftKey);
    } else if (event.key === ' ' && row) toggle(active);
    else if (event.key === 'Enter' && row) options.onOpen(row);
    else if (event.key.toLowerCase() === 'a' && (event.ctrlKey || event.metaKey)) choose(places.keys());
    else if (event.key === 'Escape') choose([]);
    else return;
    event.preventDefault();
    // The editor would select the text of the page as well.
    event.stopPropagation();
  });

  return {
    box,
    draw(next, total) {
      const key = rows[active]?.key;
      rows = next;
      places = new Map(rows.map((row, i) => [row.key, i]));
      active = (key === undefined ? undefined : places.get(key)) ?? 0;
      const before = chosen.size;
      for (const one of chosen) if (!places.has(one)) chosen.delete(one);
      body.style.height = `${rows.length * rowHeight}px`;
      box.setAttribute('aria-rowcount', String(total + 1));
      if (chosen.size === before) view();
      else changed();
    },
    redraw() {
      drawn.forEach(({ box: old }) => old.remove());
      drawn.clear();
      view();
    },
    selected: () => [...chosen].flatMap((key) => rows[places.get(key) ?? -1] ?? []),
    select: choose,
    sortedBy(column, isDescending) {
      heads.forEach((cell, i) => {
        if (options.columns[i]?.name !== column) cell.removeAttribute('aria-sort');
        else cell.setAttribute('aria-sort', isDescending ? 'descending' : 'ascending');
      });
    },
  };
}

function idOf(key: string): string {
  return `row-${key.replaceAll('/', '-')}`;
}
