import { expect, test } from 'vitest';
import { nameOf, nextSorting, rowOf, sortRows, type RecordRow } from '../../../web/records/recordRow.ts';

const rows: readonly RecordRow[] = [
  rowOf('waiting', { id: '3-0', uri: 'r-10', at: 30 }),
  rowOf('dead', { id: '1-0', uri: 'r-9', at: 10, reason: 'b' }),
  rowOf('dead', { id: '2-0', at: 20, reason: 'a', deliveries: 2 }),
  rowOf('pending', { id: '4-0', uri: 'R-9', at: 5, worker: 'w', deliveries: 1 }),
];
const order = (column: Parameters<typeof nextSorting>[1], isDescending = false) =>
  sortRows(rows, { column, isDescending }).map(({ id }) => id);

test('a record without a uri is called by its id', () => {
  expect(rows.map(nameOf)).toEqual(['r-10', 'r-9', '2-0', 'R-9']);
});

test('dead letters and records of the queue with the same id are two rows', () => {
  expect(rowOf('dead', { id: '1-0', at: 1 }).key).not.toBe(rowOf('waiting', { id: '1-0', at: 1 }).key);
});

test('rows are sorted by a column in both ways, numbers within names by their value', () => {
  expect(order('name')).toEqual(['2-0', '1-0', '4-0', '3-0']);
  expect(order('at')).toEqual(['4-0', '1-0', '2-0', '3-0']);
  expect(order('at', true)).toEqual(['3-0', '2-0', '1-0', '4-0']);
  expect(order('details').slice(0, 3)).toEqual(['3-0', '2-0', '1-0']);
  expect(order('state')).toEqual(['1-0', '2-0', '4-0', '3-0']);
});

test('without a sorting the order of the queue stays', () => {
  expect(sortRows(rows, undefined)).toBe(rows);
});

test('clicks on a head sort upwards, downwards, and not at all', () => {
  const up = nextSorting(undefined, 'at');
  const down = nextSorting(up, 'at');
  expect([up, down, nextSorting(down, 'at')]).toEqual([
    { column: 'at', isDescending: false },
    { column: 'at', isDescending: true },
    undefined,
  ]);
  expect(nextSorting(down, 'name')).toEqual({ column: 'name', isDescending: false });
});
