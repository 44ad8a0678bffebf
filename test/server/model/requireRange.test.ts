import { describe, expect, test } from 'vitest';
import type { ModelTensor } from '../../../server/src/model/model.ts';
import { narrowedType, requireRange } from '../../../server/src/model/openvino/requireRange.ts';

const tensor = (type: string, data: unknown, shape?: readonly number[]) =>
  ({
    name: 'x',
    type,
    shape: shape ?? [(data as { length: number }).length],
    data,
  }) as unknown as ModelTensor;

const held: readonly [type: string, data: unknown][] = [
  ['int64', BigInt64Array.of(2n ** 31n - 1n, -(2n ** 31n), 0n)],
  ['uint64', BigUint64Array.of(2n ** 31n - 1n, 0n)],
  ['uint32', Uint32Array.of(2 ** 31 - 1, 0)],
  ['float64', Float64Array.of(3.4028234663852886e38, -3.4028234663852886e38, 0, -0, 1e-300)],
  ['float64', Float64Array.of(NaN, Infinity, -Infinity)],
  // Types that are computed as they are.
  ['int32', Int32Array.of(-(2 ** 31), 2 ** 31 - 1)],
  ['float32', Float32Array.of(3.4e38)],
  ['uint8', Uint8Array.of(255)],
  ['string', ['9'.repeat(99)]],
  ['int64', new BigInt64Array(0)],
];

const cutOff: readonly [type: string, data: unknown, value: string, computed: string][] = [
  ['int64', BigInt64Array.of(0n, 2n ** 31n), '2147483648', 'int32'],
  ['int64', BigInt64Array.of(0n, -(2n ** 31n) - 1n), '-2147483649', 'int32'],
  ['int64', BigInt64Array.of(0n, 2n ** 63n - 1n), '9223372036854775807', 'int32'],
  ['uint64', BigUint64Array.of(0n, 2n ** 64n - 1n), '18446744073709551615', 'int32'],
  ['uint32', Uint32Array.of(0, 2 ** 31), '2147483648', 'int32'],
  ['float64', Float64Array.of(0, 3.5e38), '3.5e+38', 'float32'],
  ['float64', Float64Array.of(0, -1e300), '-1e+300', 'float32'],
];

describe('what OpenVINO computes in a narrower type', () => {
  test.each(held)('%s that fits is let through', (type, data) => {
    expect(() => requireRange(tensor(type, data))).not.toThrow();
  });

  test.each(cutOff)(
    '%s is refused where %s would be cut off, with its value',
    (type, data, value, computed) => {
      const run = () => requireRange(tensor(type, data));
      expect(run).toThrow(value);
      expect(run).toThrow(`"x"`);
      expect(run).toThrow(`${type} in ${computed}`);
      expect(narrowedType(type)).toBe(computed);
    },
  );

  test('names the place of the value within its shape, and a scalar as the one place', () => {
    const data = BigInt64Array.of(0n, 0n, 0n, 0n, 2n ** 40n, 0n);
    expect(() => requireRange(tensor('int64', data, [2, 3]))).toThrow(/\[1\]\[1\]|\[1, 1\]/);
    expect(() => requireRange(tensor('int64', BigInt64Array.of(2n ** 40n), []))).toThrow('its one place');
  });

  test.each(['float32', 'int32', 'bool', 'string', '', '__proto__', 'toString'])(
    '%s is not narrowed',
    (type) => {
      expect(narrowedType(type)).toBeUndefined();
    },
  );
});
