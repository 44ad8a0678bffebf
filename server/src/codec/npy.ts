import { numericTypes, viewOf, type NumericTypeName } from '../tensor/elementTypes.ts';
import { elementCount, undecodable, type DenseTensor } from '../tensor/tensor.ts';

/** Element types of .npy files by their code, little-endian or of one byte. */
const types: Readonly<Record<string, NumericTypeName>> = {
  '<f2': 'float16',
  '<f4': 'float32',
  '<f8': 'float64',
  '|i1': 'int8',
  '<i2': 'int16',
  '<i4': 'int32',
  '<i8': 'int64',
  '|u1': 'uint8',
  '<u2': 'uint16',
  '<u4': 'uint32',
  '<u8': 'uint64',
  '|b1': 'bool',
};

/** Reads a NumPy file, C order. NumPy makes float64 and int64 of whatever it is given, so the numbers stand for those that
 *  the model wants, as in JSON. @throws ServingError "record-undecodable" */
export function readNpy(bytes: Buffer): DenseTensor {
  if (bytes.length < 12 || bytes.toString('latin1', 0, 6) !== '\u0093NUMPY')
    throw undecodable('', 'this is not a .npy file');
  const long = (bytes[6] ?? 1) >= 2;
  const start = long ? 12 : 10;
  const end = start + (long ? bytes.readUInt32LE(8) : bytes.readUInt16LE(8));
  const header = bytes.toString('latin1', start, end);
  const code = /'descr':\s*'([^']+)'/.exec(header)?.[1] ?? '';
  const type = Object.hasOwn(types, code) ? types[code] : undefined;
  if (!type)
    throw undecodable('', `.npy of type ${code || 'unknown'}: known are ${Object.keys(types).join(', ')}`);
  if (/'fortran_order':\s*True/.test(header))
    throw undecodable('', '.npy in Fortran order: save it with numpy.ascontiguousarray');
  const shape = (/'shape':\s*\(([^)]*)\)/.exec(header)?.[1] ?? '')
    .split(',')
    .filter((size) => size.trim() !== '')
    .map(Number);
  const count = elementCount(shape);
  const size = (count ?? 0) * numericTypes[type].bytes;
  if (count === undefined || end + size > bytes.length)
    throw undecodable('', 'the .npy file is shorter than its shape says');
  return { kind: 'dense', type, shape, data: viewOf(type, bytes.subarray(end, end + size)), origin: 'arrow' };
}
