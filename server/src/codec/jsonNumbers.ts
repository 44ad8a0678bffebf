import type { NumericArray } from '../tensor/elementTypes.ts';
import { undecodable } from '../tensor/tensor.ts';

/** Numbers of JSON in the narrowest type that has all of them: int32, int64 or uint64 for integers, else float64.
 *  @param leaves  numbers, booleans, and bigint for what a number cannot hold (see `parseJson`)
 *  @throws ServingError "record-undecodable", naming the place of what is no number */
export function leavesToTensor(
  leaves: readonly unknown[],
  placeOf: (flat: number) => string,
  where: string,
): { type: 'int32' | 'int64' | 'uint64' | 'float64'; data: NumericArray } {
  const floats = new Float64Array(leaves.length);
  let areIntegers = true;
  let areSmall = true;
  for (let i = 0; i < leaves.length; i++) {
    const value = numberOf(leaves[i], placeOf, i, where);
    floats[i] = value;
    areSmall &&= (value | 0) === value && !Object.is(value, -0);
    areIntegers &&= areSmall || isInteger(leaves[i], value);
  }
  if (areSmall) return { type: 'int32', data: Int32Array.from(floats) };
  if (!areIntegers) return { type: 'float64', data: floats };
  const integers = leaves.map((leaf) => (typeof leaf === 'bigint' ? leaf : BigInt(Number(leaf))));
  const isSigned = integers.every((value) => BigInt.asIntN(64, value) === value);
  if (isSigned) return { type: 'int64', data: BigInt64Array.from(integers) };
  if (integers.every((value) => BigInt.asUintN(64, value) === value))
    return { type: 'uint64', data: BigUint64Array.from(integers) };
  return { type: 'float64', data: floats };
}

/** An integer that is certain to be what was sent. */
function isInteger(leaf: unknown, value: number): boolean {
  return typeof leaf === 'bigint' || (Number.isSafeInteger(value) && !Object.is(value, -0));
}

function numberOf(leaf: unknown, placeOf: (flat: number) => string, i: number, where: string): number {
  const value = typeof leaf === 'boolean' || typeof leaf === 'bigint' ? Number(leaf) : leaf;
  if (typeof value !== 'number' || Number.isNaN(value))
    throw undecodable(placeOf(i), `must be a number, as its neighbours in ${where} are`);
  if (!Number.isFinite(value)) throw undecodable(placeOf(i), 'is larger than any number');
  return value;
}
