/** The element types of tensors, by ONNX Runtime's names. This is the one list of them: records, requests and results name
 *  the same types in their own words, which stand in it too. */

export type NumericArray =
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

interface NumericArrayType {
  new (length: number): NumericArray;
  new (buffer: ArrayBufferLike, byteOffset: number, length: number): NumericArray;
}

/** A type whose elements have a fixed size. */
interface NumericType {
  /** The Open Inference Protocol's name. */
  readonly datatype: string;
  /** Bytes of an element. */
  readonly bytes: number;
  /** Row-major elements; bool as 0 and 1, float16 as its bits. */
  readonly array: NumericArrayType;
  readonly kind: 'float' | 'integer' | 'bool';
  /** The least and the greatest finite value. */
  readonly min: number | bigint;
  readonly max: number | bigint;
}

const maxFloat32 = 3.4028234663852886e38;
const maxFloat16 = 65504;

function float(datatype: string, array: NumericArrayType, bytes: number, max: number): NumericType {
  return { datatype, bytes, array, kind: 'float', min: -max, max };
}

function signed(datatype: string, array: NumericArrayType, bytes: number): NumericType {
  const max = 2 ** (8 * bytes - 1) - 1;
  return { datatype, bytes, array, kind: 'integer', min: -max - 1, max };
}

function unsigned(datatype: string, array: NumericArrayType, bytes: number): NumericType {
  return { datatype, bytes, array, kind: 'integer', min: 0, max: 2 ** (8 * bytes) - 1 };
}

export const numericTypes = {
  float32: float('FP32', Float32Array, 4, maxFloat32),
  float64: float('FP64', Float64Array, 8, Number.MAX_VALUE),
  float16: float('FP16', Uint16Array, 2, maxFloat16),
  int8: signed('INT8', Int8Array, 1),
  int16: signed('INT16', Int16Array, 2),
  int32: signed('INT32', Int32Array, 4),
  int64: {
    datatype: 'INT64',
    bytes: 8,
    array: BigInt64Array,
    kind: 'integer',
    min: -(2n ** 63n),
    max: 2n ** 63n - 1n,
  },
  uint8: unsigned('UINT8', Uint8Array, 1),
  uint16: unsigned('UINT16', Uint16Array, 2),
  uint32: unsigned('UINT32', Uint32Array, 4),
  uint64: {
    datatype: 'UINT64',
    bytes: 8,
    array: BigUint64Array,
    kind: 'integer',
    min: 0n,
    max: 2n ** 64n - 1n,
  },
  bool: { datatype: 'BOOL', bytes: 1, array: Uint8Array, kind: 'bool', min: 0, max: 1 },
} as const satisfies Readonly<Record<string, NumericType>>;

export type NumericTypeName = keyof typeof numericTypes;
export type ElementType = NumericTypeName | 'string';

/** The Open Inference Protocol's name for strings. */
const stringDatatype = 'BYTES';

export const elementTypes: readonly ElementType[] = [
  ...(Object.keys(numericTypes) as NumericTypeName[]),
  'string',
];

export function isElementType(name: string): name is ElementType {
  return name === 'string' || Object.hasOwn(numericTypes, name);
}

export function numericType(type: NumericTypeName): NumericType {
  return numericTypes[type];
}

/** @returns undefined for strings and for what is no element type */
export function numericTypeOf(type: string): NumericType | undefined {
  return Object.hasOwn(numericTypes, type) ? numericTypes[type as NumericTypeName] : undefined;
}

/** The Open Inference Protocol's name of an element type. */
export function datatypeOf(type: ElementType): string {
  return type === 'string' ? stringDatatype : numericTypes[type].datatype;
}

/** The same for what a model says of itself, which may be no element type of records. */
export function datatypeOfModel(type: string): string {
  return isElementType(type) ? datatypeOf(type) : type.toUpperCase();
}

const byDatatype = new Map(elementTypes.map((type) => [datatypeOf(type), type]));
export const datatypes: readonly string[] = [...byDatatype.keys()];

/** @returns undefined for a name that the Open Inference Protocol does not have */
export function elementTypeOf(datatype: string): ElementType | undefined {
  return byDatatype.get(datatype);
}

/** Elements as a view of bytes, which must start at a multiple of the element's size; as a copy where they do not. */
export function viewOf(type: NumericTypeName, bytes: Uint8Array): NumericArray {
  const { array, bytes: size } = numericType(type);
  const length = bytes.byteLength / size;
  if (bytes.byteOffset % size === 0) return new array(bytes.buffer, bytes.byteOffset, length);
  return new array(Uint8Array.from(bytes).buffer, 0, length);
}

/** The bytes of elements, little-endian, sharing their memory. */
export function bytesOf(data: NumericArray): Uint8Array {
  return new Uint8Array(data.buffer, data.byteOffset, data.byteLength);
}
