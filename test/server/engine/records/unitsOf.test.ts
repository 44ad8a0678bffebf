import { expect, test } from 'vitest';
import { countUnits, unitsOf } from '../../../../server/src/engine/records/unitsOf.ts';
import type { FittedRecord } from '../../../../server/src/tensor/fit.ts';
import { queued } from '../../../support/memoryQueue.ts';

const fitted: FittedRecord = {
  rows: 2,
  strip: false,
  key: 'k',
  parts: [
    { type: 'float32', shape: [2, 2], data: Float32Array.of(1, 2, 3, 4), isConstant: false },
    { type: 'string', shape: [2], data: ['a', 'b'], isConstant: false },
    { type: 'float32', shape: [], data: Float32Array.of(9), isConstant: true },
  ],
};

test('a record of one client stays whole; one that requests share is taken row by row', () => {
  const row = (floats: number[], text: string) => ({
    rows: 1,
    strip: false,
    key: 'k',
    parts: [
      { type: 'float32', shape: [1, 2], data: Float32Array.from(floats), isConstant: false },
      { type: 'string', shape: [1], data: [text], isConstant: false },
      { type: 'float32', shape: [], data: Float32Array.of(9), isConstant: true },
    ],
  });
  const decoded = { rows: 2, strip: false, key: 'k', instances: [fitted] };
  const items = [1, 2].map((sharedBy) => ({ record: queued({ sharedBy }), decoded, rows: 2, key: 'k' }));
  expect(unitsOf(items)).toEqual([fitted, row([1, 2], 'a'), row([3, 4], 'b')]);
  expect(countUnits(items)).toBe(3);
});
