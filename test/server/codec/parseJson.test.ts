import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { leavesToTensor } from '../../../server/src/codec/jsonNumbers.ts';
import { parseJson } from '../../../server/src/codec/parseJson.ts';
import { runs } from '../../support/runs.ts';
import { codeOf } from './wire.ts';

test.each<[string, unknown]>([
  ['[9007199254740993]', [9007199254740993n]],
  ['{"a":[[9223372036854775807],[ -9223372036854775808 ]]}', { a: [[2n ** 63n - 1n], [-(2n ** 63n)]] }],
  ['[1,\n18446744073709551615]', [1, 2n ** 64n - 1n]],
  ['9007199254740991', 9007199254740991],
  ['18446744073709551616', 2n ** 64n],
  ['["9223372036854775807", 9223372036854775807]', ['9223372036854775807', 2n ** 63n - 1n]],
  ['{"9223372036854775807":"a, 9223372036854775807 "}', { '9223372036854775807': 'a, 9223372036854775807 ' }],
  ['{"a":9007199254740993,"a":2}', { a: 2 }],
  ['{"a":1,"a":9007199254740993}', { a: 9007199254740993n }],
  ['[9007199254740993, 1e3, 0.5, 9.007199254740993e15]', [9007199254740993n, 1000, 0.5, 9007199254740992]],
  ['[9007199254740993, 1e400, -0]', [9007199254740993n, Infinity, -0]],
])('%s keeps every digit', (text, value) => {
  expect(parseJson(text)).toEqual(value);
});

test('"__proto__" beside a long integer is a name like any other', () => {
  const parsed = parseJson('{"__proto__":{"x":9007199254740993}}') as Record<string, unknown>;
  expect(Object.entries(parsed)).toEqual([['__proto__', { x: 9007199254740993n }]]);
});

test.each(['', '{', '[9007199254740993', '[09007199254740993]', '[9007199254740993,]'])(
  '%j is no JSON',
  (text) => {
    expect(codeOf(() => parseJson(text))).toBe('record-undecodable');
  },
);

/** Integers beyond those that a number certainly holds come as bigint, whether it holds them or not. */
function asNumbers(value: unknown): unknown {
  if (typeof value === 'bigint') return Number(value);
  if (Array.isArray(value)) return value.map(asNumbers);
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(Object.entries(value).map(([key, one]) => [key, asNumbers(one)]));
}

test('without long integers, and with one beside it, JSON reads as it always does', () => {
  fc.assert(
    fc.property(fc.json(), (text) => {
      const plain = JSON.parse(text) as unknown;
      expect(asNumbers(parseJson(text))).toEqual(plain);
      // A key that sets a prototype in one reader and is a name in another is tried above.
      if (!text.includes('__proto__'))
        expect(asNumbers(parseJson(`[${text},9007199254740993]`))).toEqual([
          plain,
          Number(9007199254740993n),
        ]);
    }),
    runs(1_000),
  );
});

describe('numbers as a tensor', () => {
  const of = (leaves: readonly unknown[]) => leavesToTensor(leaves, (i) => `t[${i}]`, 't');

  test.each<[readonly unknown[], unknown]>([
    [[1, -2147483648, true], { type: 'int32', data: Int32Array.of(1, -2147483648, 1) }],
    [[1, 2147483648], { type: 'int64', data: BigInt64Array.of(1n, 2147483648n) }],
    [[-1, 2n ** 63n - 1n], { type: 'int64', data: BigInt64Array.of(-1n, 2n ** 63n - 1n) }],
    [[0, 2n ** 63n], { type: 'uint64', data: BigUint64Array.of(0n, 2n ** 63n) }],
    [[-1, 2n ** 63n], { type: 'float64', data: Float64Array.of(-1, 2 ** 63) }],
    [[2n ** 64n], { type: 'float64', data: Float64Array.of(2 ** 64) }],
    [[1, 0.1], { type: 'float64', data: Float64Array.of(1, 0.1) }],
    [[-0], { type: 'float64', data: Float64Array.of(-0) }],
    [[1e300], { type: 'float64', data: Float64Array.of(1e300) }],
    [[], { type: 'int32', data: new Int32Array(0) }],
  ])('%# are of the narrowest type that has them all', (leaves, tensor) => {
    expect(of(leaves)).toEqual(tensor);
  });

  test.each([[[1, null]], [[1, 'x']], [[1, NaN]], [[1, Infinity]], [[1, [2]]]])(
    '%j is refused with its place',
    (leaves) => {
      expect(() => of(leaves)).toThrow('t[1]');
    },
  );
});
