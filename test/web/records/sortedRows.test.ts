import { expect, test } from 'vitest';
import { rowOf, sortRows, type RecordRow } from '../../../web/records/recordRow.ts';
import { createSortedRows } from '../../../web/records/sortedRows.ts';

const row = (i: number) => rowOf('waiting', { id: `${i}-0`, uri: `r-${(i * 7919) % 1_000}`, at: i });
const sorting = { column: 'name', isDescending: false } as const;

test('rows that come later are sorted in as if all had been sorted at once', () => {
  const sorted = createSortedRows();
  const rows: RecordRow[] = [];
  for (let part = 0; part < 5; part++) {
    for (let i = 0; i < 50; i++) rows.push(row(part * 50 + i));
    expect(sorted.of(rows, sorting)).toEqual(sortRows(rows, sorting));
  }
});

test('other rows, and another order, are sorted by themselves', () => {
  const sorted = createSortedRows();
  sorted.of([row(1), row(2)], sorting);
  expect(sorted.of([row(5), row(3)], sorting)).toHaveLength(2);
  const rows = [row(1), row(2), row(3)];
  sorted.of(rows, sorting);
  const down = { column: 'at', isDescending: true } as const;
  expect(sorted.of(rows, down).map(({ at }) => at)).toEqual([3, 2, 1]);
});

test('without an order the rows are those of the list, in an array of their own', () => {
  const rows = [row(2), row(1)];
  const shown = createSortedRows().of(rows, undefined);
  expect(shown).toEqual(rows);
  expect(shown).not.toBe(rows);
});
