import { describe, expect, it } from 'vitest';
import type { ElementType, NumericArray } from '../../../server/src/tensor/elementTypes.ts';
import { toFloat32 } from '../../../server/src/tensor/toFloat32.ts';
import { codeOf } from '../codec/wire.ts';

describe('toFloat32', () => {
  it('hands float32 through without a copy', () => {
    const data = Float32Array.of(1, 2);
    expect(toFloat32('float32', data)).toBe(data);
  });

  it.each<[ElementType, NumericArray]>([
    ['float64', Float64Array.of(0.5, -2)],
    ['int64', BigInt64Array.of(3n, -2n)],
    ['uint64', BigUint64Array.of(3n, 2n)],
    ['int32', Int32Array.of(3, -2)],
    ['uint16', Uint16Array.of(3, 60_000)],
    ['bool', Uint8Array.of(1, 0)],
  ])('converts %s', (type, data) => {
    expect(Array.from(toFloat32(type, data))).toEqual(Array.from<bigint | number>(data).map(Number));
  });

  it('reads float16 from its bits', () => {
    expect(Array.from(toFloat32('float16', Uint16Array.of(0x3c00, 0xc000, 0x0001, 0x7c00)))).toEqual([
      1,
      -2,
      2 ** -24,
      Infinity,
    ]);
    expect(toFloat32('float16', Uint16Array.of(0x7e00))[0]).toBeNaN();
    expect(toFloat32('float16', Uint16Array.of(0x7bff))[0]).toBe(65504);
  });

  it('refuses texts', () => {
    expect(codeOf(() => toFloat32('string', ['a']))).toBe('not-supported');
  });
});
