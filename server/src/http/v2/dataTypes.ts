import { halfToNumber } from '../../codec/toFloat32.ts';

/** An element type of the Open Inference Protocol. */
export interface DataType {
  /** As a model calls it. */
  readonly modelType: string;
  /** Bytes of an element in binary form; undefined for texts, which carry their length. */
  readonly size: number | undefined;
  /** Numbers of a binary tensor, little-endian. */
  readonly read: (view: DataView, at: number) => number | bigint;
  readonly write: (view: DataView, at: number, value: number) => void;
}

const noText = (): never => {
  throw new TypeError('texts have no fixed size');
};

/** @see Open Inference Protocol, tensor data types */
export const dataTypes: Readonly<Record<string, DataType>> = {
  BOOL: { modelType: 'bool', size: 1, read: (v, i) => v.getUint8(i), write: (v, i, x) => v.setUint8(i, x) },
  UINT8: { modelType: 'uint8', size: 1, read: (v, i) => v.getUint8(i), write: (v, i, x) => v.setUint8(i, x) },
  UINT16: {
    modelType: 'uint16',
    size: 2,
    read: (v, i) => v.getUint16(i, true),
    write: (v, i, x) => v.setUint16(i, x, true),
  },
  UINT32: {
    modelType: 'uint32',
    size: 4,
    read: (v, i) => v.getUint32(i, true),
    write: (v, i, x) => v.setUint32(i, x, true),
  },
  UINT64: {
    modelType: 'uint64',
    size: 8,
    read: (v, i) => v.getBigUint64(i, true),
    write: (v, i, x) => v.setBigUint64(i, BigInt(Math.trunc(x)), true),
  },
  INT8: { modelType: 'int8', size: 1, read: (v, i) => v.getInt8(i), write: (v, i, x) => v.setInt8(i, x) },
  INT16: {
    modelType: 'int16',
    size: 2,
    read: (v, i) => v.getInt16(i, true),
    write: (v, i, x) => v.setInt16(i, x, true),
  },
  INT32: {
    modelType: 'int32',
    size: 4,
    read: (v, i) => v.getInt32(i, true),
    write: (v, i, x) => v.setInt32(i, x, true),
  },
  INT64: {
    modelType: 'int64',
    size: 8,
    read: (v, i) => v.getBigInt64(i, true),
    write: (v, i, x) => v.setBigInt64(i, BigInt(Math.trunc(x)), true),
  },
  // Results travel as float32, so no model's output is said to be FP16, and nothing needs to be written so.
  FP16: { modelType: 'float16', size: 2, read: (v, i) => halfToNumber(v.getUint16(i, true)), write: noText },
  FP32: {
    modelType: 'float32',
    size: 4,
    read: (v, i) => v.getFloat32(i, true),
    write: (v, i, x) => v.setFloat32(i, x, true),
  },
  FP64: {
    modelType: 'float64',
    size: 8,
    read: (v, i) => v.getFloat64(i, true),
    write: (v, i, x) => v.setFloat64(i, x, true),
  },
  BYTES: { modelType: 'string', size: undefined, read: noText, write: noText },
};

export function dataTypeOf(modelType: string): string {
  return Object.entries(dataTypes).find(([, known]) => known.modelType === modelType)?.[0] ?? 'FP32';
}

/** What an output of the model is sent as. */
export function outputTypeOf(modelType: string): string {
  const type = dataTypeOf(modelType);
  return type === 'FP16' || type === 'BYTES' ? 'FP32' : type;
}

export function isFloat(datatype: string): boolean {
  return datatype.startsWith('FP');
}
