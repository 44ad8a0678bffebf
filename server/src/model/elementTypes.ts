import { ServingError } from '../../../schemas/errors.ts';
import type { ModelData } from './model.ts';

type NumericArray = Exclude<ModelData, string[]>;

interface ElementType {
  /** Zeros for `length` elements. */
  readonly make: (length: number) => NumericArray;
  /** Copies numbers into model data; @throws RangeError naming the value that the type cannot hold. */
  readonly write: (into: NumericArray, at: number, values: ArrayLike<number>) => void;
}

/** Elements that are written as they are: typed arrays convert by themselves and lose nothing a float32 had. */
function floating(make: (length: number) => Float32Array | Float64Array): ElementType {
  return { make, write: (into, at, values) => (into as Float32Array).set(values, at) };
}

function integer(min: number, max: number, make: (length: number) => NumericArray): ElementType {
  return {
    make,
    write(into, at, values) {
      const target = into as Int32Array;
      for (let i = 0; i < values.length; i++) target[at + i] = whole(values[i] ?? 0, min, max);
    },
  };
}

function bigInteger(signed: boolean, make: (length: number) => BigInt64Array | BigUint64Array): ElementType {
  return {
    make,
    write(into, at, values) {
      const target = into as BigInt64Array;
      for (let i = 0; i < values.length; i++)
        target[at + i] = BigInt(whole(values[i] ?? 0, signed ? -(2 ** 63) : 0, 2 ** 63));
    },
  };
}

function whole(value: number, min: number, max: number): number {
  if (Number.isInteger(value) && value >= min && value <= max) return value;
  throw new RangeError(String(value));
}

/** How a record's numbers become each ONNX element type. A value that the type cannot hold is refused, never rounded. */
const elementTypes: Readonly<Record<string, ElementType>> = {
  float32: floating((n) => new Float32Array(n)),
  float64: floating((n) => new Float64Array(n)),
  int8: integer(-128, 127, (n) => new Int8Array(n)),
  int16: integer(-32768, 32767, (n) => new Int16Array(n)),
  int32: integer(-(2 ** 31), 2 ** 31 - 1, (n) => new Int32Array(n)),
  int64: bigInteger(true, (n) => new BigInt64Array(n)),
  uint8: integer(0, 255, (n) => new Uint8Array(n)),
  uint16: integer(0, 65535, (n) => new Uint16Array(n)),
  uint32: integer(0, 2 ** 32 - 1, (n) => new Uint32Array(n)),
  uint64: bigInteger(false, (n) => new BigUint64Array(n)),
  bool: integer(0, 1, (n) => new Uint8Array(n)),
  float16: {
    make: (n) => new Uint16Array(n),
    write(into, at, values) {
      for (let i = 0; i < values.length; i++) into[at + i] = float16Bits(values[i] ?? 0);
    },
  },
};

export function elementType(type: string): ElementType {
  const found = elementTypes[type];
  if (!found)
    throw new ServingError('model-unsupported', `Inputs of type ${type} cannot be fed from a record.`);
  return found;
}

/** The IEEE half nearest to a number (ties to even). */
export function float16Bits(value: number): number {
  if (Number.isNaN(value)) return 0x7e00;
  const sign = value < 0 || Object.is(value, -0) ? 0x8000 : 0;
  const magnitude = Math.abs(value);
  if (magnitude >= 65520) return sign | 0x7c00;
  if (magnitude < 2 ** -14) return sign | roundEven(magnitude * 2 ** 24);
  const exponent = Math.floor(Math.log2(magnitude));
  const exact = magnitude >= 2 ** exponent ? exponent : exponent - 1;
  // A mantissa that rounds up to 1024 carries into the exponent by itself.
  return sign | (((exact + 15) << 10) + roundEven((magnitude / 2 ** exact - 1) * 1024));
}

function roundEven(value: number): number {
  const floor = Math.floor(value);
  const rest = value - floor;
  if (rest !== 0.5) return Math.round(value);
  return floor % 2 === 0 ? floor : floor + 1;
}
