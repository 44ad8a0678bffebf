import { describe, expect, test } from 'vitest';
import { densify } from '../../../server/src/tensor/densify.ts';
import { readNpy } from '../../../server/src/codec/npy.ts';
import type { SparseTensor } from '../../../server/src/tensor/tensor.ts';

function npy(descr: string, shape: string, data: Buffer, fortran = 'False'): Buffer {
  const header =
    `{'descr': '${descr}', 'fortran_order': ${fortran}, 'shape': (${shape}), }`.padEnd(117) + '\n';
  const prefix = Buffer.from([0x93, ...Buffer.from('NUMPY'), 1, 0, header.length & 255, header.length >> 8]);
  return Buffer.concat([prefix, Buffer.from(header, 'latin1'), data]);
}

describe('.npy files', () => {
  test.each<[string, string, Buffer, number[], number[]]>([
    ['<f4', '2, 2', Buffer.from(Float32Array.of(1, 2, 3, 4).buffer), [2, 2], [1, 2, 3, 4]],
    ['<f8', '1,', Buffer.from(Float64Array.of(0.5).buffer), [1], [0.5]],
    ['<i8', '2,', Buffer.from(BigInt64Array.of(7n, -7n).buffer), [2], [7, -7]],
    ['|u1', '', Buffer.from([200]), [], [200]],
  ])('%s of the shape (%s) is read', (descr, shape, data, dims, values) => {
    const tensor = readNpy(npy(descr, shape, data));
    expect({ shape: tensor.shape, data: [...tensor.data] }).toEqual({ shape: dims, data: values });
  });

  test.each([
    ['text', Buffer.from('hello, this is no array')],
    ['objects', npy('|O', '1,', Buffer.alloc(8))],
    ['Fortran order', npy('<f4', '1,', Buffer.alloc(4), 'True')],
    ['less data than its shape says', npy('<f4', '5,', Buffer.alloc(4))],
  ])('%s is refused', (_, bytes) => {
    expect(() => readNpy(bytes)).toThrow(expect.objectContaining({ code: 'record-undecodable' }) as Error);
  });
});

describe('sparse tensors', () => {
  const sparse = (more: Partial<SparseTensor>): SparseTensor => ({
    kind: 'sparse',
    shape: [2, 3],
    indices: Int32Array.of(0, 1, 1, 2),
    indiceShape: [2, 2],
    data: Float32Array.of(5, 6),
    ...more,
  });

  test('zeros are written out', () => {
    expect(densify('x', sparse({}))).toEqual({ shape: [2, 3], data: Float32Array.of(0, 5, 0, 0, 0, 6) });
  });

  test('indices the other way round are understood where the shape tells them apart', () => {
    const transposed = sparse({
      indices: Int32Array.of(0, 1, 1, 1, 2, 0),
      indiceShape: [2, 3],
      data: Float32Array.of(5, 6, 7),
    });
    expect(densify('x', transposed).data).toEqual(Float32Array.of(0, 5, 0, 7, 0, 6));
  });

  test.each<[string, Partial<SparseTensor>]>([
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
