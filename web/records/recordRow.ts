import type { ListedRecord, ListedState } from '../../schemas/recordsPage.ts';

/** A row of the table. */
export interface RecordRow extends ListedRecord {
  /** Ids of dead letters are of a stream of their own. */
  readonly key: string;
  readonly state: ListedState;
}

export type SortColumn = 'name' | 'state' | 'at' | 'details';

export interface Sorting {
  readonly column: SortColumn;
  readonly isDescending: boolean;
}

export function rowOf(state: ListedState, record: ListedRecord): RecordRow {
  return { ...record, state, key: `${state}/${record.id}` };
}

/** What a row is called: most clients give their records uris. */
export function nameOf({ uri, id }: Pick<RecordRow, 'uri' | 'id'>): string {
  return uri ?? id;
}

/** What a click on the head of a column does: upwards, downwards, then the order of the queue again. */
export function nextSorting(before: Sorting | undefined, column: SortColumn): Sorting | undefined {
  if (before?.column !== column) return { column, isDescending: false };
  return before.isDescending ? undefined : { column, isDescending: true };
}

const collator = new Intl.Collator(undefined, { numeric: true });

/** @param sorting  undefined for the order of the queue */
export function sortRows(rows: readonly RecordRow[], sorting: Sorting | undefined): readonly RecordRow[] {
  if (!sorting) return rows;
  const { column, isDescending } = sorting;
  const way = isDescending ? -1 : 1;
  const compare = comparisons[column];
  return [...rows].sort((a, b) => way * compare(a, b));
}

const comparisons: Readonly<Record<SortColumn, (a: RecordRow, b: RecordRow) => number>> = {
  name: (a, b) => collator.compare(nameOf(a), nameOf(b)),
  state: (a, b) => (a.state < b.state ? -1 : Number(a.state > b.state)),
  at: (a, b) => a.at - b.at,
  details: (a, b) =>
    collator.compare(a.reason ?? a.worker ?? '', b.reason ?? b.worker ?? '') ||
    (a.deliveries ?? 0) - (b.deliveries ?? 0),
};
