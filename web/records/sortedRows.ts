import { sortRows, type RecordRow, type Sorting } from './recordRow.ts';

/** Rows in their order. What is loaded later is sorted into what is sorted already, which costs little. */
export interface SortedRows {
  of(rows: readonly RecordRow[], sorting: Sorting | undefined): readonly RecordRow[];
}

export function createSortedRows(): SortedRows {
  let last:
    { readonly rows: readonly RecordRow[]; readonly length: number; readonly sorting: Sorting } | undefined;
  let result: readonly RecordRow[] = [];
  return {
    of(rows, sorting) {
      // A copy: the list goes on in the same place.
      if (!sorting) return rows.slice();
      const isMore =
        last?.rows === rows &&
        last.sorting.column === sorting.column &&
        last.sorting.isDescending === sorting.isDescending;
      result = sortRows(isMore ? [...result, ...rows.slice(last?.length)] : rows, sorting);
      last = { rows, length: rows.length, sorting };
      return result;
    },
  };
}
