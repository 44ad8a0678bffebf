import { expect, test } from 'vitest';
import { rowHeight, rowsInView } from '../../../web/records/virtualGrid.ts';

test('only the rows in view are drawn, and some around them', () => {
  const { from, to } = rowsInView(50_000 * rowHeight, 10 * rowHeight, 100_000);
  expect(from).toBeLessThan(50_000);
  expect(to).toBeGreaterThan(50_010);
  expect(to - from).toBeLessThan(50);
});

test('the view ends at both ends of the table, and there may be no rows', () => {
  expect(rowsInView(0, 320, 5)).toEqual({ from: 0, to: 5 });
  expect(rowsInView(0, 320, 0)).toEqual({ from: 0, to: 0 });
  // The table has become shorter than it is scrolled.
  expect(rowsInView(90_000, 320, 10)).toEqual({ from: 10, to: 10 });
});
