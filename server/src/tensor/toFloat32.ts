import type { TensorData } from './tensor.ts';
import { ServingError } from '../../../schemas/errors.ts';
import type { ElementType } from './elementTypes.ts';
import { halfToNumber } from './half.ts';

/** The elements of a model's output as float32, which is all that the original's form of a result can carry.
 *  @param data  int64 beyond 2^24 and float64 lose digits, as in the original
 *  @returns `data` itself when it is float32 already
 *  @throws ServingError "not-supported" for strings */
export function toFloat32(type: ElementType, data: TensorData): Float32Array {
  if (data instanceof Float32Array) return data;
  if (type === 'float16') return Float32Array.from(data as Uint16Array, halfToNumber);
  if (data instanceof BigInt64Array || data instanceof BigUint64Array) {
    const numbers = new Float32Array(data.length);
    for (let i = 0; i < data.length; i++) numbers[i] = Number(data[i]);
    return numbers;
  }
  if (ArrayBuffer.isView(data)) return new Float32Array(data as Uint8Array);
  throw new ServingError('not-supported', 'The original form of a result carries numbers only, no strings.');
}
