import { expect, test } from 'vitest';
import { unitsOf } from '../../../server/src/engine/unitsOf.ts';

const fitted = {
  rows: 2,
  strip: false,
  key: 'k',
  parts: [
    { rowShape: [2], data: Float32Array.of(1, 2, 3, 4) },
    { rowShape: [], data: ['a', 'b'] },
  ],
};

test('a record of one client stays whole; one that requests share is taken row by row', () => {
  const row = (floats: number[], text: string) => ({
    rows: 1,
    strip: false,
    key: 'k',
    parts: [
      { rowShape: [2], data: Float32Array.from(floats) },
      { rowShape: [], data: [text] },
    ],
  });
  expect(
    unitsOf([
      { fitted, sharedBy: 1 },
      { fitted, sharedBy: 2 },
    ]),
  ).toEqual([fitted, row([1, 2], 'a'), row([3, 4], 'b')]);
});
