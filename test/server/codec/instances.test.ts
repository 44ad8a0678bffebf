import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { ServingError } from '../../../schemas/errors.ts';
import { parseInstances, imagesText } from '../../../server/src/codec/instances.ts';
import type { RecordInput, RecordInputs } from '../../../server/src/tensor/tensor.ts';
import { codeOf, plain, recordings } from './wire.ts';
import { runs } from '../../support/runs.ts';

function inputOf(value: unknown): Record<string, unknown> {
  return plain(parseInstances({ instances: [{ t: value }] })[0]?.get('t'));
}

/** The part of the message that names the place. */
function placeOf(body: unknown): string {
  try {
    parseInstances(body);
  } catch (error) {
    if (error instanceof ServingError) return error.message.split(': ')[0] ?? '';
    throw error;
  }
  return 'accepted';
}

describe('parseInstances', () => {
  it.each([
    ['a number', 5, { kind: 'dense', type: 'int32', shape: [1], data: [5] }],
    ['a flag', true, { kind: 'dense', type: 'int32', shape: [1], data: [1] }],
    ['a text, as an image', 'aGk=', { kind: 'image', base64: 'aGk=' }],
    ['a joined text, as texts', 'a|b', { kind: 'dense', type: 'string', shape: [2], data: ['a', 'b'] }],
    ['an image object', { b64: 'aGk=' }, { kind: 'image', base64: 'aGk=' }],
    ['a list', [1.5, 2, 3], { kind: 'dense', type: 'float64', shape: [3], data: [1.5, 2, 3] }],
    [
      'a nested list',
      [
        [1, 2, 3],
        [4, 5, 6],
      ],
      { kind: 'dense', type: 'int32', shape: [2, 3], data: [1, 2, 3, 4, 5, 6] },
    ],
    [
      'flags in a list',
      [true, false, 2.5],
      { kind: 'dense', type: 'float64', shape: [3], data: [1, 0, 2.5] },
    ],
    [
      'texts in a list',
      [['a'], ['b|c']],
      { kind: 'dense', type: 'string', shape: [2, 1], data: ['a', 'b|c'] },
    ],
    [
      'a sparse tensor',
      {
        shape: [100, 10],
        data: [0.5, 2, 3],
        indices: [
          [1, 1],
          [2, 2],
          [3, 3],
        ],
      },
      {
        kind: 'sparse',
        type: 'float64',
        shape: [100, 10],
        indices: [1, 1, 2, 2, 3, 3],
        indiceShape: [3, 2],
        data: [0.5, 2, 3],
      },
    ],
  ])('reads %s', (_, value, expected) => {
    expect(inputOf(value)).toEqual(expected);
  });

  it('takes whole numbers for the narrowest integers that have them all, and all others for float64', () => {
    const dataOf = (value: unknown): unknown => {
      const input = parseInstances({ instances: [{ t: value }] })[0]?.get('t');
      return input?.kind === 'dense' ? input.data.constructor : undefined;
    };
    expect(
      dataOf([
        [1, 2],
        [3, -4],
      ]),
    ).toBe(Int32Array);
    expect(dataOf([1, 2.5])).toBe(Float64Array);
    expect(dataOf([1, 2 ** 31])).toBe(BigInt64Array);
    expect(dataOf([1, 1e39])).toBe(Float64Array);
    expect(dataOf([])).toBe(Int32Array);
  });

  it('takes empty lists for tensors without elements, in the shape that they show', () => {
    expect(inputOf([])).toMatchObject({ kind: 'dense', shape: [0], data: [] });
    expect(inputOf([[], []])).toMatchObject({ kind: 'dense', shape: [2, 0], data: [] });
  });

  it('says of numbers that they are those of JSON', () => {
    const [inputs] = parseInstances('{"instances":[{"t":[1],"s":{"shape":[1],"data":[1],"indices":[[0]]}}]}');
    expect([...(inputs?.values() ?? [])]).toMatchObject([{ origin: 'json' }, { origin: 'json' }]);
  });

  it('keeps integers of any size that 64 bits hold, to the last digit', () => {
    const [inputs] = parseInstances(
      '{"instances":[{"a":[9223372036854775807,-1],"b":[[18446744073709551615]],"c":9007199254740993}]}',
    );
    expect([...(inputs?.values() ?? [])]).toMatchObject([
      { type: 'int64', data: BigInt64Array.of(2n ** 63n - 1n, -1n) },
      { type: 'uint64', data: BigUint64Array.of(2n ** 64n - 1n) },
      { type: 'int64', data: BigInt64Array.of(9007199254740993n) },
    ]);
  });

  it('refuses a number larger than any, and names its place', () => {
    expect(placeOf('{"instances":[{"t":[1,1e400]}]}')).toBe('instances[0].t[1]');
  });

  it('reads all instances in their order', () => {
    const instances = parseInstances('{"instances": [{"a": 1}, {"a": 2, "b": [3]}]}');
    expect(instances.map((inputs) => [...inputs].map(([name, input]) => [name, plain(input).data]))).toEqual([
      [['a', [1]]],
      [
        ['a', [2]],
        ['b', [3]],
      ],
    ]);
  });

  it.each([
    [{ instances: [{ t: [[1, 2], [3]] }] }, 'instances[0].t[1]'],
    [
      {
        instances: [
          {
            t: [
              [1, 2],
              [3, 4, 5],
            ],
          },
        ],
      },
      'instances[0].t[1]',
    ],
    [
      {
        instances: [
          {
            t: [
              [1, 2, 3],
              [4, 5, 'x'],
            ],
          },
        ],
      },
      'instances[0].t[1][2]',
    ],
    [
      {
        instances: [
          {
            t: [
              [1, 2, 3],
              [4, null, 6],
            ],
          },
        ],
      },
      'instances[0].t[1][1]',
    ],
    [{ instances: [{ t: [1, [2]] }] }, 'instances[0].t[1]'],
    [{ instances: [{ t: [[1], 2] }] }, 'instances[0].t[1]'],
    [{ instances: [{ t: ['a', 1] }] }, 'instances[0].t[1]'],
    [{ instances: [{ t: [[], [1]] }] }, 'instances[0].t[1]'],
    [{ instances: [{ t: null }] }, 'instances[0].t'],
    [{ instances: [{ t: {} }] }, 'instances[0].t'],
    [{ instances: [{ t: { shape: [2], data: [1], indices: [[2]] } }] }, 'instances[0].t.indices[0][0]'],
    [{ instances: [{ t: { shape: [2, 2], data: [1], indices: [[1]] } }] }, 'instances[0].t.indices[0]'],
    [{ instances: [{ t: { shape: [2], data: [1], indices: [] } }] }, 'instances[0].t.indices'],
    [{ instances: [{ t: { shape: [-2], data: [1], indices: [[0]] } }] }, 'instances[0].t.shape[0]'],
    [{ instances: [{ t: 1 }, { u: [1, 'x'] }] }, 'instances[1].u[1]'],
    [{ instances: [{ t: 1 }, {}] }, 'instances[1]'],
    [{ instances: [7] }, 'instances[0]'],
    [{ instances: [] }, 'instances'],
    [{ instances: { t: 1 } }, 'instances'],
    [{ instance: [{ t: 1 }] }, 'instance'],
  ])('refuses %j and names the place', (body, place) => {
    expect(placeOf(body)).toBe(place);
    expect(codeOf(() => parseInstances(JSON.stringify(body)))).toBe('record-undecodable');
  });

  it.each(['', '{', '[]', 'null', '3', '{"foo": 1}'])('refuses the text %j', (text) => {
    expect(codeOf(() => parseInstances(text))).toBe('record-undecodable');
  });

  it('refuses lists that nest a hundred deep, and a hundred thousand', () => {
    for (const depth of [100, 100_000]) {
      const text = `{"instances":[{"t":${'['.repeat(depth)}1${']'.repeat(depth)}}]}`;
      expect(codeOf(() => parseInstances(text))).toBe('record-undecodable');
    }
  });

  it('refuses lists whose first elements promise more than memory holds', () => {
    const first = Array<number>(2000).fill(1);
    const rows = [[first, ...Array<[]>(2000).fill([])], ...Array<[]>(100_000).fill([])];
    expect(placeOf({ instances: [{ t: rows }] })).toBe('instances[0].t[0][1]');
  });

  it('takes "__proto__" for a name like any other', () => {
    const [inputs] = parseInstances('{"instances":[{"__proto__": {"b64": "aGk="}, "constructor": 1}]}');
    expect([...(inputs?.keys() ?? [])]).toEqual(['__proto__', 'constructor']);
    expect(({} as Record<string, unknown>).b64).toBeUndefined();
  });

  it('answers any JSON with instances or the one error', () => {
    fc.assert(
      fc.property(fc.json(), (text) => {
        expect(['accepted', 'record-undecodable']).toContain(codeOf(() => parseInstances(text)));
        expect(['accepted', 'record-undecodable']).toContain(
          codeOf(() => parseInstances(`{"instances":[{"t":${text}}]}`)),
        );
      }),
      runs(500),
    );
  });

  const bodies = recordings('results').filter(([, file]) => file.entry?.serde === 'stream');

  it.each(bodies)('%s: reads what the original could answer', (_, { entry, decoded }) => {
    if (decoded?.batches === undefined) return;
    const text = entry?.data ?? '';
    // A null is the one thing that the original took and we refuse.
    expect(codeOf(() => parseInstances(text))).toBe(
      text.includes('null') ? 'record-undecodable' : 'accepted',
    );
  });
});

describe('imagesText', () => {
  it('is read back as it was, whatever names and texts there are', () => {
    fc.assert(
      fc.property(fc.dictionary(fc.string(), fc.string(), { minKeys: 1, noNullPrototype: true }), (texts) => {
        const inputs: RecordInputs = new Map(
          Object.entries(texts).map(([name, base64]) => [name, { kind: 'image', base64 }]),
        );
        expect(parseInstances(imagesText(inputs))).toEqual([inputs]);
      }),
      runs(),
    );
  });

  it('is none where there is anything beside images', () => {
    const dense = { kind: 'dense', type: 'float32', shape: [1], data: Float32Array.of(1) } as const;
    const image = { kind: 'image', base64: 'AAAA' } as const;
    expect(imagesText(new Map<string, RecordInput>([['a', image], ['b', dense]]))).toBeUndefined(); // prettier-ignore
  });
});
