import { undecodable } from '../tensor.ts';
import type { ArrowField, ArrowType } from './schema.ts';

/** A buffer as a place in the payload. */
export interface Span {
  readonly start: number;
  readonly size: number;
}

export type NumberArray =
  | Float32Array
  | Float64Array
  | Int8Array
  | Int16Array
  | Int32Array
  | BigInt64Array
  | Uint8Array
  | Uint16Array
  | Uint32Array
  | BigUint64Array;

/* Bytes a value takes; float16 stays as its bits, which `toFloat32` and its like know by the type of the column. */
const widths: Partial<Record<ArrowType, number>> = {
  int8: 1,
  int16: 2,
  int32: 4,
  int64: 8,
  uint8: 1,
  uint16: 2,
  uint32: 4,
  uint64: 8,
  float16: 2,
  float32: 4,
  float64: 8,
};

/** The numbers of a buffer: a view of the payload when it is aligned for one, else a copy. Booleans become 0 and 1. */
export function readValues(bytes: Buffer, field: ArrowField, length: number, span: Span): NumberArray {
  const { type } = field;
  if (type === 'bool') return readBits(bytes, field, length, span);
  const width = widths[type];
  if (width === undefined) throw undecodable(field.name, 'holds no numbers');
  if (length * width > span.size) throw undecodable(field.name, 'is shorter than it says');
  if (length === 0) return view(type, noBytes, 0, 0);
  const offset = bytes.byteOffset + span.start;
  if (offset % width === 0) return view(type, bytes.buffer, offset, length);
  return view(type, bytes.buffer.slice(offset, offset + length * width), 0, length);
}

const noBytes = new ArrayBuffer(0);

function view(type: ArrowType, buffer: ArrayBufferLike, offset: number, length: number): NumberArray {
  switch (type) {
    case 'float32':
      return new Float32Array(buffer, offset, length);
    case 'int32':
      return new Int32Array(buffer, offset, length);
    case 'float64':
      return new Float64Array(buffer, offset, length);
    case 'int64':
      return new BigInt64Array(buffer, offset, length);
    case 'int8':
      return new Int8Array(buffer, offset, length);
    case 'int16':
      return new Int16Array(buffer, offset, length);
    case 'uint8':
      return new Uint8Array(buffer, offset, length);
    case 'uint16':
    case 'float16':
      return new Uint16Array(buffer, offset, length);
    case 'uint32':
      return new Uint32Array(buffer, offset, length);
    case 'uint64':
      return new BigUint64Array(buffer, offset, length);
    default:
      throw new TypeError(`no array for ${type}`);
  }
}

function readBits(bytes: Buffer, field: ArrowField, length: number, span: Span): Uint8Array {
  if (length > span.size * 8) throw undecodable(field.name, 'is shorter than it says');
  const values = new Uint8Array(length);
  for (let i = 0; i < length; i++) values[i] = (bytes.readUInt8(span.start + (i >> 3)) >> (i & 7)) & 1;
  return values;
}

/** The texts of a column; offsets must rise and stay in the buffer, so together they are no longer than it. */
export function readTexts(
  bytes: Buffer,
  field: ArrowField,
  length: number,
  offsets: Span,
  data: Span,
): readonly string[] {
  if (length === 0) return [];
  const wide = field.type === 'largeUtf8';
  const width = wide ? 8 : 4;
  if ((length + 1) * width > offsets.size) throw undecodable(field.name, 'is shorter than it says');
  const texts: string[] = [];
  const offsetAt = (i: number): number => {
    const at = offsets.start + i * width;
    if (wide && bytes.readUInt32LE(at + 4) !== 0)
      throw undecodable(field.name, 'has a text that is too long');
    return bytes.readUInt32LE(at);
  };
  let from = offsetAt(0);
  for (let i = 1; i <= length; i++) {
    const to = offsetAt(i);
    if (to < from || to > data.size) throw undecodable(field.name, 'has a text outside of its buffer');
    texts.push(bytes.toString('utf8', data.start + from, data.start + to));
    from = to;
  }
  return texts;
}
