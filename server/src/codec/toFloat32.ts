import { ServingError } from '../../../schemas/errors.ts';

/** The elements of a model's output as float32, which is all that a result can carry.
 *  @param type  element type as ONNX Runtime names it; only float16, sent as its bits, cannot be told from the array
 *  @param data  int64 beyond 2^24 and float64 lose digits, as in the original
 *  @returns `data` itself when it is float32 already
 *  @throws ServingError "not-supported" for texts */
export function toFloat32(type: string, data: unknown): Float32Array {
  if (data instanceof Float32Array) return data;
  if (type === 'float16' && data instanceof Uint16Array) return Float32Array.from(data, halfToNumber);
  if (data instanceof BigInt64Array || data instanceof BigUint64Array) {
    const numbers = new Float32Array(data.length);
    for (let i = 0; i < data.length; i++) numbers[i] = Number(data[i]);
    return numbers;
  }
  if (ArrayBuffer.isView(data) && !(data instanceof DataView)) return new Float32Array(data as Uint8Array);
  throw new ServingError(
    'not-supported',
    `An output of type ${type} cannot be sent as a result; only numbers can.`,
  );
}

/** IEEE 754 binary16, given as its 16 bits. */
export function halfToNumber(bits: number): number {
  const sign = (bits & 0x8000) === 0 ? 1 : -1;
  const exponent = (bits >> 10) & 31;
  const fraction = bits & 1023;
  if (exponent === 0) return sign * fraction * 2 ** -24;
  if (exponent === 31) return fraction === 0 ? sign * Infinity : NaN;
  return sign * (1 + fraction / 1024) * 2 ** (exponent - 15);
}
