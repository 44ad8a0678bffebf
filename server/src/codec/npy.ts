import { elementCount, undecodable, type DenseTensor } from './tensor.ts';

type Reader = (view: DataView, at: number) => number;

/** Element types of .npy files by their code, little-endian or of one byte. Records carry float32 and int32. */
const readers: Readonly<Record<string, { bytes: number; read: Reader; whole: boolean }>> = {
  '<f4': { bytes: 4, read: (v, at) => v.getFloat32(at, true), whole: false },
  '<f8': { bytes: 8, read: (v, at) => v.getFloat64(at, true), whole: false },
  '<i4': { bytes: 4, read: (v, at) => v.getInt32(at, true), whole: true },
  '<i8': { bytes: 8, read: (v, at) => Number(v.getBigInt64(at, true)), whole: true },
  '<i2': { bytes: 2, read: (v, at) => v.getInt16(at, true), whole: true },
  '|i1': { bytes: 1, read: (v, at) => v.getInt8(at), whole: true },
  '|u1': { bytes: 1, read: (v, at) => v.getUint8(at), whole: true },
  '|b1': { bytes: 1, read: (v, at) => v.getUint8(at), whole: true },
};

/** Reads a NumPy file, C order. @throws ServingError "record-undecodable" */
export function readNpy(bytes: Buffer): DenseTensor {
  if (bytes.length < 12 || bytes.toString('latin1', 0, 6) !== '\u0093NUMPY')
    throw undecodable('', 'this is not a .npy file');
  const long = (bytes[6] ?? 1) >= 2;
  const start = long ? 12 : 10;
  const end = start + (long ? bytes.readUInt32LE(8) : bytes.readUInt16LE(8));
  const header = bytes.toString('latin1', start, end);
  const type = /'descr':\s*'([^']+)'/.exec(header)?.[1] ?? '';
  const reader = readers[type];
  if (!reader)
    throw undecodable('', `.npy of type ${type || 'unknown'}: known are ${Object.keys(readers).join(', ')}`);
  if (/'fortran_order':\s*True/.test(header))
    throw undecodable('', '.npy in Fortran order: save it with numpy.ascontiguousarray');
  const shape = (/'shape':\s*\(([^)]*)\)/.exec(header)?.[1] ?? '')
    .split(',')
    .filter((size) => size.trim() !== '')
    .map(Number);
  const count = elementCount(shape);
  if (count === undefined || end + count * reader.bytes > bytes.length)
    throw undecodable('', 'the .npy file is shorter than its shape says');
  const view = new DataView(bytes.buffer, bytes.byteOffset + end);
  const read = (_: unknown, i: number) => reader.read(view, i * reader.bytes);
  const data = reader.whole
    ? Int32Array.from({ length: count }, read)
    : Float32Array.from({ length: count }, read);
  return { kind: 'dense', shape, data };
}
