import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { float16Bits, halfToNumber } from '../../../server/src/tensor/half.ts';
import { runs } from '../../support/runs.ts';

describe('float16', () => {
  test.each([
    [0, 0],
    [-0, 0x8000],
    [1, 0x3c00],
    [65504, 0x7bff],
    [65519, 0x7bff],
    [65520, 0x7c00],
    [2 ** -24, 1],
    [2 ** -25, 0],
    [2 ** -14, 0x0400],
    [1 + 2 ** -11, 0x3c00],
    [1 + 3 * 2 ** -11, 0x3c02],
    [2047.9999, 0x6800],
    [-Infinity, 0xfc00],
  ])('%d has the bits %i', (value, bits) => {
    expect(float16Bits(value)).toBe(bits);
  });

  test('all bits come back as they were', () => {
    for (let bits = 0; bits < 0x10000; bits++) {
      const value = halfToNumber(bits);
      if (!Number.isNaN(value)) expect(float16Bits(value)).toBe(bits);
    }
  });

  test('rounding is to the nearest', () => {
    fc.assert(
      fc.property(fc.double({ min: -65000, max: 65000, noNaN: true }), (value) => {
        const bits = float16Bits(value);
        const error = Math.abs(halfToNumber(bits) - value);
        for (const near of [bits - 1, bits + 1].filter((b) => (b & 0x7fff) <= 0x7bff && b >= 0))
          expect(error).toBeLessThanOrEqual(Math.abs(halfToNumber(near) - value));
      }),
      runs(),
    );
  });
});
