import { describe, expect, test } from 'vitest';
import { convertNumbers, requireValid, UnfitValue } from '../../../server/src/tensor/convert.ts';
import {
  numericType,
  numericTypes,
  type NumericArray,
  type NumericTypeName,
} from '../../../server/src/tensor/elementTypes.ts';
import { float16Bits, halfToNumber } from '../../../server/src/tensor/half.ts';
import type { Origin } from '../../../server/src/tensor/tensor.ts';

const types = Object.keys(numericTypes) as NumericTypeName[];
const origins: readonly Origin[] = ['declared', 'json', 'arrow'];

/** Integers at and around every limit there is. */
const integers = [7, 8, 11, 15, 16, 24, 31, 32, 53, 63, 64]
  .flatMap((bits) => [-1n, 0n, 1n].map((more) => 2n ** BigInt(bits) + more))
  // Rounded to 53 bits first, this one would be a tie of float32.
  .concat([0n, 1n, 2n, 100n, 65504n, 65519n, 65520n, (2n ** 24n + 1n) * 2n ** 30n + 1n])
  .flatMap((value) => [value, -value]);
const floats = [
  ...integers.map(Number),
  ...[-0, NaN, Infinity, 0.1, 0.5, 1.5, 65519.99, 65503.9, 2 ** -24, 2 ** -25, 5e-324, 1e-45, 1e39],
  ...[3.4028234663852886e38, 3.4028235677973362e38, 3.4028235677973366e38, Number.MAX_VALUE, 1e300],
].flatMap((value) => [value, -value]);

/** What of the values above the type has. */
function valuesOf(type: NumericTypeName): NumericArray {
  const { array, kind, min, max } = numericType(type);
  if (type === 'float16') return Uint16Array.from(floats, float16Bits);
  if (type === 'float32') return Float32Array.from(floats);
  if (kind === 'float') return Float64Array.from(floats);
  const held = integers.filter((value) => value >= min && value <= max);
  const isBig = typeof max === 'bigint';
  return (array as unknown as { from(values: unknown[]): NumericArray }).from(
    isBig ? held : held.map(Number),
  );
}

/** A number as it is, whatever array it lies in. */
function numberAt(data: NumericArray, type: NumericTypeName, i: number): number | bigint {
  const value = data[i] ?? 0;
  return type === 'float16' ? halfToNumber(Number(value)) : value;
}

/** The float32 nearest to an integer, ties to even, found among neighbours by exact arithmetic. */
function nearestFloat32(value: bigint): number {
  if (Math.fround(Number(value)) === Number(value) && BigInt(Number(value)) === value) return Number(value);
  const view = new DataView(new ArrayBuffer(4));
  view.setFloat32(0, Number(value));
  const bits = view.getUint32(0);
  const near = [bits - 1, bits, bits + 1].map((one) => {
    view.setUint32(0, one >>> 0);
    const float = view.getFloat32(0);
    const distance = Number.isFinite(float) ? BigInt(float) - value : 2n ** 200n;
    return { float, even: one % 2 === 0, distance: distance < 0n ? -distance : distance };
  });
  const least = near.reduce((best, one) => (one.distance < best.distance ? one : best));
  return (near.find(({ distance, even }) => distance === least.distance && even) ?? least).float;
}

/** The value as the type, or why it has none. */
function wanted(
  value: number | bigint,
  from: NumericTypeName,
  to: NumericTypeName,
  origin: Origin,
): number | bigint | UnfitValue['why'] {
  const { kind, min, max } = numericType(to);
  if (kind !== 'float') {
    if (typeof value === 'number' && !Number.isInteger(value))
      return Number.isFinite(value) ? 'fraction' : 'range';
    if (origin === 'json' && from === 'float64' && !Number.isSafeInteger(value)) return 'digits';
    if (value < min || value > max) return 'range';
    return typeof max === 'bigint' ? BigInt(value) : Number(value) + 0;
  }
  const rounded =
    to === 'float64'
      ? Number(value)
      : to === 'float16'
        ? halfToNumber(float16Bits(Number(value)))
        : typeof value === 'bigint'
          ? nearestFloat32(value)
          : Math.fround(value);
  if (Number.isFinite(Number(value)) && !Number.isFinite(rounded)) return 'range';
  const isInteger = numericType(from).kind === 'integer';
  if (origin === 'declared' && isInteger && BigInt(rounded) !== BigInt(value)) return 'digits';
  return rounded;
}

describe.each(types)('%s', (from) => {
  test.each(types)('becomes %s exactly, correctly rounded, or not at all', (to) => {
    const data = valuesOf(from);
    for (const origin of origins)
      for (let i = 0; i < data.length; i++) {
        const value = numberAt(data, from, i);
        const expected = from === to ? value : wanted(value, from, to, origin);
        let got: unknown;
        try {
          got = numberAt(convertNumbers(data.slice(i, i + 1), from, to, origin), to, 0);
        } catch (error) {
          if (!(error instanceof UnfitValue)) throw error;
          expect([error.index, error.value]).toEqual([0, value]);
          got = error.why;
        }
        // Integers have no minus zero.
        const isSame = Object.is(got, expected) || (got === 0 && expected === 0 && to.includes('int'));
        if (!isSame)
          expect.fail(
            `${from} ${value} of ${origin} as ${to}: ${String(got)} instead of ${String(expected)}`,
          );
      }
  });
});

test('numbers of the wanted type are handed on without a copy', () => {
  const data = BigInt64Array.of(2n ** 63n - 1n);
  expect(convertNumbers(data, 'int64', 'int64', 'json')).toBe(data);
});

test('the position of what does not fit is reported', () => {
  expect(() => convertNumbers(Int32Array.of(1, 2, 300, 4), 'int32', 'int8', 'json')).toThrow(
    expect.objectContaining({ index: 2, value: 300, why: 'range' }) as Error,
  );
});

test('a bool is 0 or 1', () => {
  expect(() => requireValid('bool', Uint8Array.of(0, 1))).not.toThrow();
  expect(() => requireValid('bool', Uint8Array.of(0, 1, 2))).toThrow(
    expect.objectContaining({ index: 2, value: 2, why: 'range' }) as Error,
  );
  expect(() => requireValid('uint8', Uint8Array.of(2))).not.toThrow();
});
