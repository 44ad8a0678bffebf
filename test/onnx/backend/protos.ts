import { BinaryReader, WireType } from '@bufbuild/protobuf/wire';
import {
  numericType,
  viewOf,
  type ElementType,
  type NumericTypeName,
} from '../../../server/src/tensor/elementTypes.ts';
import { elementCount, type Tensor } from '../../../server/src/tensor/tensor.ts';
import { bytesToStrings, stringsToBytes } from '../../../server/src/codec/typedForm.ts';

/* Tensors as the ONNX project's test data hold them. @see TensorProto of onnx.proto */

const typeNames: Readonly<Record<number, ElementType>> = {
  1: 'float32',
  2: 'uint8',
  3: 'int8',
  4: 'uint16',
  5: 'int16',
  6: 'int32',
  7: 'int64',
  8: 'string',
  9: 'bool',
  10: 'float16',
  11: 'float64',
  12: 'uint32',
  13: 'uint64',
};

/** Reads a TensorProto.
 *  @returns undefined for an element type that the runtime's binding does not have
 *  @throws Error for what is no such message */
export function readTensorProto(bytes: Uint8Array): Tensor | undefined {
  const reader = new BinaryReader(bytes);
  const shape: number[] = [];
  const strings: Uint8Array[] = [];
  const numbers: (number | bigint)[] = [];
  let type = 0;
  let raw: Uint8Array | undefined;
  /** Of a repeated number, packed or not. */
  const each = (wire: WireType, read: () => number | bigint, into: (number | bigint)[]) => {
    if (wire !== WireType.LengthDelimited) {
      into.push(read());
      return;
    }
    const end = reader.uint32() + reader.pos;
    while (reader.pos < end) into.push(read());
  };
  while (reader.pos < reader.len) {
    const [field, wire] = reader.tag();
    if (field === 1) each(wire, () => Number(reader.int64()), shape);
    else if (field === 2) type = reader.int32();
    else if (field === 4) each(wire, () => reader.float(), numbers);
    else if (field === 5) each(wire, () => reader.int32(), numbers);
    else if (field === 6) strings.push(reader.bytes());
    else if (field === 7) each(wire, () => BigInt(reader.int64()), numbers);
    else if (field === 9) raw = reader.bytes();
    else if (field === 10) each(wire, () => reader.double(), numbers);
    else if (field === 11) each(wire, () => BigInt(reader.uint64()), numbers);
    else reader.skip(wire, field);
  }
  const name = typeNames[type];
  if (!name) return undefined;
  if (name === 'string')
    return { type: name, shape, data: bytesToStrings('', stringsToBytes(strings), strings.length) };
  return {
    type: name,
    shape,
    data: raw ? viewOf(name, raw) : arrayOf(name, numbers, elementCount(shape) ?? 0),
  };
}

function arrayOf(
  type: NumericTypeName,
  numbers: readonly (number | bigint)[],
  count: number,
): Tensor['data'] {
  const array = new (numericType(type).array)(count);
  const isBig = typeof numericType(type).max === 'bigint';
  numbers.forEach((value, i) => {
    array[i] = isBig ? BigInt(value) : Number(value);
  });
  return array;
}
