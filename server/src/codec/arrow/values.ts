import { numericTypeOf, viewOf, type NumericArray } from '../../tensor/elementTypes.ts';
import { undecodable } from '../../tensor/tensor.ts';
import type { ArrowField } from './schema.ts';

/** A buffer as a place in the payload. */
export interface Span {
  readonly start: number;
  readonly size: number;
}

/** The numbers of a buffer: a view of the payload when it is aligned for one, else a copy. Booleans become 0 and 1,
 *  float16 stays as its bits. */
export function readValues(bytes: Buffer, field: ArrowField, length: number, span: Span): NumericArray {
  const { type } = field;
  if (type === 'bool') return readBits(bytes, field, length, span);
  const known = numericTypeOf(type);
  if (!known) throw undecodable(field.name, 'holds no numbers');
  const size = length * known.bytes;
  if (size > span.size) throw undecodable(field.name, 'is shorter than it says');
  if (length === 0) return new known.array(0);
  return viewOf(type as 'float32', bytes.subarray(span.start, span.start + size));
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
