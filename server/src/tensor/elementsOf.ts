import { halfToNumber } from './half.ts';
import { isStrings, type Tensor } from './tensor.ts';

/** The elements of a tensor as JSON can show them: integers that a number cannot hold exactly are written out. */
export function elementsOf({ type, data }: Tensor): (number | string | boolean)[] {
  if (isStrings(data))
    return data.map((element) => (typeof element === 'string' ? element : Buffer.from(element).toString()));
  if (type === 'bool') return Array.from(data as Uint8Array, (bit) => bit !== 0);
  if (type === 'float16') return Array.from(data as Uint16Array, halfToNumber);
  if (data instanceof BigInt64Array || data instanceof BigUint64Array) return Array.from(data, fromBig);
  return Array.from(data as Float32Array);
}

function fromBig(value: bigint): number | string {
  const number = Number(value);
  return Number.isSafeInteger(number) ? number : String(value);
}
