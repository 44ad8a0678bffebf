import { describe, expect, test } from 'vitest';
import type { TensorInfo } from '../../../schemas/jobEvents.ts';
import { prepare, type Prepared } from '../../../server/src/ask/prepare.ts';
import { parseInstances } from '../../../server/src/codec/instances.ts';

const input = (name: string, type: string, ...shape: (number | null)[]): TensorInfo => ({
  name,
  type,
  shape,
});

/** @param instance  JSON, in which integers of any size keep their digits */
function check(instance: string | object, inputs: readonly TensorInfo[], batched = true): Prepared {
  const text = typeof instance === 'string' ? instance : JSON.stringify(instance);
  const [record = new Map()] = parseInstances(`{"instances":[${text}]}`);
  return prepare('instances[0]', record, { inputs, outputs: [], batched });
}

test.each<[string, object, TensorInfo[]]>([
  ['a row', { a: [1, 2] }, [input('a', 'float32', null, 2)]],
  ['a batch', { a: [[1, 2]] }, [input('a', 'float32', null, 2)]],
  ['another name for a single input', { t: [1, 2] }, [input('a', 'float32', null, 2)]],
  ['texts', { a: ['x', 'y'] }, [input('a', 'string', null, 2)]],
  ['one text', { a: 'x' }, [input('a', 'string', null, 1)]],
  ['small integers', { a: [255] }, [input('a', 'uint8', null, 1)]],
  ['an empty list for rows of none', { a: [] }, [input('a', 'float32', null, 0)]],
])('%s passes', (_what, instance, inputs) => {
  expect(() => check(instance, inputs)).not.toThrow();
});

test.each<[string, string, string | object, TensorInfo[]]>([
  ['a wrong size', 'instances[0].a', { a: [1] }, [input('a', 'float32', null, 2)]],
  ['a wrong rank', 'instances[0].a', { a: [[[1, 2]]] }, [input('a', 'float32', null, 2)]],
  [
    'a missing input',
    'instances[0].b is missing',
    { a: [1] },
    [input('a', 'float32', null, 1), input('b', 'float32', null, 1)],
  ],
  [
    'an unknown input',
    'instances[0].c',
    { c: [1], a: [1], b: [1] },
    [input('a', 'float32', null, 1), input('b', 'float32', null, 1)],
  ],
  ['texts for numbers', 'instances[0].a', { a: ['x', 'y'] }, [input('a', 'float32', null, 2)]],
  ['numbers for texts', 'instances[0].a', { a: [1, 2] }, [input('a', 'string', null, 2)]],
  ['a fraction for integers', 'instances[0].a[1]', { a: [1, 1.5] }, [input('a', 'int64', null, 2)]],
  ['an integer out of range', 'instances[0].a[0]', { a: [256] }, [input('a', 'uint8', null, 1)]],
  ['a number of two for a bool', 'instances[0].a[0][1]', { a: [[1, 2]] }, [input('a', 'bool', null, 2)]],
  ['minus one for a bool', 'instances[0].a[0]', { a: [-1] }, [input('a', 'bool', null, 1)]],
  ['half of a bool', 'instances[0].a[0]', { a: [0.5] }, [input('a', 'bool', null, 1)]],
  ['a float beyond float32', 'instances[0].a[0]', { a: [1e39] }, [input('a', 'float32', null, 1)]],
  ['a float beyond float16', 'instances[0].a[1]', { a: [1, 65520] }, [input('a', 'float16', null, 2)]],
  [
    'an integer beyond int64',
    'instances[0].a[0] is 9223372036854775808',
    '{"a":[9223372036854775808]}',
    [input('a', 'int64', null, 1)],
  ],
])('%s is refused with its place', (_what, place, instance, inputs) => {
  expect(() => check(instance, inputs)).toThrow(
    expect.objectContaining({
      code: 'input-mismatch',
      message: expect.stringContaining(place) as string,
    }) as Error,
  );
});

describe('what the model gets', () => {
  const dataOf = (text: string, type: string) => check(text, [input('a', type, null)]).tensors?.get('a');

  test('integers of JSON keep their digits in 64 bits', () => {
    expect(dataOf('{"a":[9007199254740993,-9223372036854775808,9223372036854775807]}', 'int64')).toEqual({
      type: 'int64',
      shape: [3],
      data: BigInt64Array.of(9007199254740993n, -(2n ** 63n), 2n ** 63n - 1n),
    });
    expect(dataOf('{"a":[0,18446744073709551615]}', 'uint64')?.valueOf()).toMatchObject({
      data: BigUint64Array.of(0n, 2n ** 64n - 1n),
    });
    expect(dataOf('{"a":[3000000001]}', 'int64')).toMatchObject({ data: BigInt64Array.of(3000000001n) });
  });

  test('fractions of JSON are the nearest of the model’s type', () => {
    expect(dataOf('{"a":[0.1]}', 'float64')).toMatchObject({ data: Float64Array.of(0.1) });
    expect(dataOf('{"a":[0.1]}', 'float32')).toMatchObject({ data: Float32Array.of(0.1) });
    expect(dataOf('{"a":[0.5]}', 'float16')).toMatchObject({ data: Uint16Array.of(0x3800) });
  });

  test('shapes go as they were sent where runs are not shared', () => {
    const inputs = [
      input('x', 'float32', null, 2),
      input('state', 'float32', 2, null, 3),
      input('sr', 'int64'),
    ];
    const { tensors, share } = check(
      { x: [[1, 2]], state: [[[1, 2, 3]], [[4, 5, 6]]], sr: 16000 },
      inputs,
      false,
    );
    expect(
      [...(tensors ?? [])].map(([name, tensor]) => [name, (tensor as { shape: unknown }).shape]),
    ).toEqual([
      ['x', [1, 2]],
      ['state', [2, 1, 3]],
      ['sr', [1]],
    ]);
    expect(share).toBeUndefined();
  });

  test('one text for a model of strings is that text', () => {
    expect(check({ a: 'good morning' }, [input('a', 'string', null)]).tensors?.get('a')).toEqual({
      type: 'string',
      shape: [1],
      data: ['good morning'],
    });
  });

  test('an input may be called as what every object has', () => {
    const inputs = [input('__proto__', 'float32', null), input('constructor', 'float32', null)];
    expect(check('{"__proto__":[1],"constructor":[2]}', inputs).tensors?.get('__proto__')).toMatchObject({
      data: Float32Array.of(1),
    });
  });
});

describe('pictures', () => {
  const png =
    'iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNkYPhfDwAChwGA60e6kgAAAABJRU5ErkJggg==';
  const inputs = [input('p', 'float32', null, 3, null, null), input('t', 'int64', null)];

  test('go as files beside tensors of the model’s types', () => {
    const { tensors, share } = check({ p: { b64: png }, t: [7] }, inputs);
    expect(tensors?.get('p')).toEqual({ kind: 'imageFile', bytes: Buffer.from(png, 'base64') });
    expect(tensors?.get('t')).toEqual({ type: 'int64', shape: [1], data: BigInt64Array.of(7n) });
    expect(share).toBeUndefined();
  });

  test.each<[string, object]>([
    ['what is no image', { p: { b64: 'AAAA' }, t: [7] }],
    ['what is no base64', { p: { b64: '%%' }, t: [7] }],
    ['a fraction beside an image', { p: { b64: png }, t: [7.5] }],
    ['a wrong shape beside an image', { p: { b64: png }, t: [[[7]]] }],
  ])('%s is refused', (_what, instance) => {
    expect(() => check(instance, inputs)).toThrow(
      expect.objectContaining({
        code: expect.stringMatching(/input-mismatch|undecodable/) as string,
      }) as Error,
    );
  });
});
