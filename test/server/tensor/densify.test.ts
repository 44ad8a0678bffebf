import { describe, expect, test } from 'vitest';
import { densify } from '../../../server/src/tensor/densify.ts';
import type { SparseTensor } from '../../../server/src/tensor/tensor.ts';

describe('sparse tensors', () => {
  const sparse = (more: Partial<SparseTensor>): SparseTensor => ({
    kind: 'sparse',
    type: 'float32',
    shape: [2, 3],
    indices: Int32Array.of(0, 1, 1, 2),
    indiceShape: [2, 2],
    data: Float32Array.of(5, 6),
    ...more,
  });

  test('zeros are written out', () => {
    expect(densify('x', sparse({}))).toEqual({
      kind: 'dense',
      type: 'float32',
      shape: [2, 3],
      data: Float32Array.of(0, 5, 0, 0, 0, 6),
    });
  });

  test('indices the other way round are understood where the shape distinguishes them', () => {
    const transposed = sparse({
      indices: Int32Array.of(0, 1, 1, 1, 2, 0),
      indiceShape: [2, 3],
      data: Float32Array.of(5, 6, 7),
    });
    expect(densify('x', transposed).data).toEqual(Float32Array.of(0, 5, 0, 7, 0, 6));
  });

  test.each([
    sparse({ type: 'int64', data: BigInt64Array.of(2n ** 63n - 1n, -1n), origin: 'json' }),
    sparse({ type: 'uint64', data: BigUint64Array.of(2n ** 64n - 1n, 1n) }),
    sparse({ type: 'float64', data: Float64Array.of(0.1, 1e300) }),
    sparse({ type: 'bool', data: Uint8Array.of(1, 1) }),
    sparse({ type: 'float16', data: Uint16Array.of(0x3c00, 0x0001) }),
  ])('numbers of $type keep their type, their digits and where they came from', (tensor) => {
    const { type, data, origin } = densify('x', tensor);
    expect([type, origin]).toEqual([tensor.type, tensor.origin]);
    expect([data[1], data[5]]).toEqual([...tensor.data]);
    expect([0, 2, 3, 4].map((i) => Number(data[i]))).toEqual([0, 0, 0, 0]);
  });

  test.each<[string, Partial<SparseTensor>]>([
    ['strings', { type: 'string', data: ['a', 'b'] }],
    ['an index outside the shape', { indices: Int32Array.of(0, 3, 1, 2) }],
    ['a negative index', { indices: Int32Array.of(0, -1, 1, 2) }],
    ['too few indices', { indices: Int32Array.of(0, 1) }],
    ['a shape beyond all memory', { shape: [100_000, 100_000, 100_000] }],
  ])('%s is refused', (_, more) => {
    expect(() => densify('x', sparse(more))).toThrow(
      expect.objectContaining({ code: 'record-undecodable' }) as Error,
    );
  });
});
