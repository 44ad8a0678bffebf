import { describe, expect, test } from 'vitest';
import { readNpy } from '../../../server/src/codec/npy.ts';

function npy(descr: string, shape: string, data: Buffer, fortran = 'False'): Buffer {
  const header =
    `{'descr': '${descr}', 'fortran_order': ${fortran}, 'shape': (${shape}), }`.padEnd(117) + '\n';
  const prefix = Buffer.from([0x93, ...Buffer.from('NUMPY'), 1, 0, header.length & 255, header.length >> 8]);
  return Buffer.concat([prefix, Buffer.from(header, 'latin1'), data]);
}

describe('.npy files', () => {
  test.each<[string, string, Buffer, number[], unknown[]]>([
    ['<f4', '2, 2', Buffer.from(Float32Array.of(1, 2, 3, 4).buffer), [2, 2], [1, 2, 3, 4]],
    ['<f8', '1,', Buffer.from(Float64Array.of(0.5).buffer), [1], [0.5]],
    ['<i8', '2,', Buffer.from(BigInt64Array.of(7n, -7n).buffer), [2], [7n, -7n]],
    ['|u1', '', Buffer.from([200]), [], [200]],
    ['|b1', '2,', Buffer.from([1, 0]), [2], [1, 0]],
    ['<u8', '1,', Buffer.from(BigUint64Array.of(2n ** 64n - 1n).buffer), [1], [2n ** 64n - 1n]],
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
