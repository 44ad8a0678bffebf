import { numericType, numericTypeOf, type ElementType, type NumericArray } from './elementTypes.ts';
import { float16Bits, halfToNumber } from './half.ts';
import type { Origin, TensorData } from './tensor.ts';

/** A value that the wanted type cannot hold: `index` is its place in the tensor. */
export class UnfitValue extends Error {
  readonly index: number;
  readonly value: number | bigint;
  readonly why: 'range' | 'fraction' | 'digits';

  constructor(index: number, value: number | bigint, why: UnfitValue['why']) {
    super(String(value));
    this.index = index;
    this.value = value;
    this.why = why;
  }
}

/** Numbers of one element type as another. Integers stay exactly what they are, or are refused; a float is the nearest
 *  one that the type has, and never overflows to infinity. Integers that were declared as such are not rounded to floats
 *  either; those of JSON and of the original's form are, for both write every number that way.
 *  @returns `data` itself when it is of the wanted type already
 *  @throws UnfitValue */
export function convertNumbers(
  data: NumericArray,
  from: ElementType,
  to: ElementType,
  origin: Origin,
): NumericArray {
  if (from === to) return data;
  const target = numericTypeOf(to);
  if (!target || from === 'string') throw new TypeError(`no numbers: ${from}, ${to}`);
  const source = from === 'float16' ? Float64Array.from(data as Uint16Array, halfToNumber) : data;
  const isInteger = numericType(from).kind === 'integer';
  if (target.kind !== 'float') return toIntegers(source, to, origin);
  const exact = isInteger && origin === 'declared';
  if (to === 'float32' && !exact && source instanceof Int32Array) return new Float32Array(source);
  return toFloats(source, to, exact);
}

function toFloats(source: NumericArray, to: ElementType, exact: boolean): NumericArray {
  const { array: ArrayOf, max } = numericType(to as 'float32');
  const floats = new ArrayOf(source.length) as Float32Array;
  const isHalf = to === 'float16';
  for (let i = 0; i < source.length; i++) {
    const value = source[i] ?? 0;
    const number = typeof value === 'bigint' && to === 'float32' ? toOdd(value) : Number(value);
    const bits = isHalf ? float16Bits(number) : number;
    floats[i] = bits;
    const held = isHalf ? halfToNumber(bits) : (floats[i] ?? 0);
    if (Number.isFinite(number) && Math.abs(held) > Number(max)) throw new UnfitValue(i, value, 'range');
    if (exact && (typeof value === 'bigint' ? BigInt(held) !== value : held !== value))
      throw new UnfitValue(i, value, 'digits');
  }
  return floats;
}

/** The 53 leading bits of an integer, the last one set if any behind it is: rounded to float32 from there it is rounded once,
 *  where the nearest float64 would be rounded twice. */
function toOdd(value: bigint): number {
  const rest = value & 2047n;
  return Number(rest === 0n || Number.isSafeInteger(Number(value)) ? value : (value - rest) | 2048n);
}

function toIntegers(source: NumericArray, to: ElementType, origin: Origin): NumericArray {
  const { array: ArrayOf, min, max } = numericType(to as 'int64');
  const isBig = typeof max === 'bigint';
  const integers = new ArrayOf(source.length) as BigInt64Array | Int32Array;
  // A number of JSON beyond this may have lost digits when it was read.
  const isUnsure = origin === 'json' && source instanceof Float64Array;
  for (let i = 0; i < source.length; i++) {
    const value = source[i] ?? 0;
    if (typeof value === 'number') {
      if (!Number.isInteger(value))
        throw new UnfitValue(i, value, Number.isFinite(value) ? 'fraction' : 'range');
      if (isUnsure && !Number.isSafeInteger(value)) throw new UnfitValue(i, value, 'digits');
    }
    if (value < min || value > max) throw new UnfitValue(i, value, 'range');
    integers[i] = isBig ? BigInt(value) : Number(value);
  }
  return integers;
}

/** Whether numbers are what their own type allows: bool has 0 and 1 only.
 *  @throws UnfitValue */
export function requireValid(type: ElementType, data: TensorData): void {
  if (type !== 'bool') return;
  const bits = data as Uint8Array;
  for (let i = 0; i < bits.length; i++)
    if ((bits[i] ?? 0) > 1) throw new UnfitValue(i, bits[i] ?? 0, 'range');
}
