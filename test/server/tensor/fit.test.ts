import { describe, expect, test } from 'vitest';
import type { ElementType } from '../../../server/src/tensor/elementTypes.ts';
import { fitRecord, type FitOptions, type InputTensor } from '../../../server/src/tensor/fit.ts';
import type { TensorData } from '../../../server/src/tensor/tensor.ts';

const options = (shape: (number | null)[], more: Partial<FitOptions> = {}, type = 'float32'): FitOptions => ({
  inputs: [{ name: 'x', type, shape }],
  batched: true,
  inputAlreadyBatched: false,
  ...more,
});
const tensor = (shape: number[], data?: InputTensor['data']): InputTensor => ({
  type: Array.isArray(data) ? 'string' : 'float32',
  shape,
  data: data ?? new Float32Array(shape.reduce((a, b) => a * b, 1)),
});
const fit = (input: InputTensor, to: FitOptions, name = 'x') => fitRecord(new Map([[name, input]]), to);
const refusal = (run: () => unknown): unknown => {
  try {
    return run();
  } catch (error) {
    return (error as { code: string }).code;
  }
};

describe('shapes', () => {
  test.each<[string, number[], (number | null)[], object]>([
    ['a row', [64], [null, 64], { rows: 1, strip: true }],
    ['a batch', [3, 64], [null, 64], { rows: 3, strip: false }],
    ['an empty batch', [0, 64], [null, 64], { rows: 0, strip: false }],
    ['a row of any length', [5], [null, null], { rows: 1, strip: true }],
    ['a bare number', [], [null, 1], { rows: 1, strip: true, parts: [{ shape: [1, 1] }] }],
    ['a bare number for one axis', [], [null], { rows: 1, strip: true, parts: [{ shape: [1] }] }],
    ['an image', [1, 3, 8, 8], [null, 3, 8, 8], { rows: 1, strip: false, parts: [{ shape: [1, 3, 8, 8] }] }],
  ])('%s fits', (_, shape, wanted, expected) => {
    expect(fit(tensor(shape), options(wanted))).toMatchObject(expected);
  });

  test.each<[string, number[], (number | null)[], Partial<FitOptions>]>([
    ['another length', [63], [null, 64], {}],
    ['another length in a batch', [2, 63], [null, 64], {}],
    ['a rank too many', [1, 1, 64], [null, 64], {}],
    ['a rank too few', [64], [null, 8, 8], {}],
    ['two rows for a model of one', [2, 3], [1, 3], { batched: false }],
    ['a row for a model of a fixed batch', [3], [4, 3], { batched: false }],
  ])('%s is refused', (_, shape, wanted, more) => {
    expect(refusal(() => fit(tensor(shape), options(wanted, more)))).toBe('input-mismatch');
  });

  test('of a model that does not declare its rank, inputAlreadyBatched decides what the first dimension is', () => {
    expect(fit(tensor([2, 3]), options([], { batched: false }))).toMatchObject({
      rows: 1,
      strip: true,
      parts: [{ shape: [1, 2, 3] }],
    });
    expect(fit(tensor([2, 3]), options([], { batched: false, inputAlreadyBatched: true }))).toMatchObject({
      rows: 2,
      strip: false,
    });
  });

  test('records of equal shapes have equal keys, others have not', () => {
    const key = (shape: number[]) => fit(tensor(shape), options([null, null, null])).key;
    expect(key([2, 3])).toBe(key([5, 2, 3]));
    expect(key([2, 3])).not.toBe(key([3, 2]));
    expect(key([12, 3])).not.toBe(key([1, 23]));
  });
});

describe('names', () => {
  const two: FitOptions = {
    inputs: [
      { name: 'a', type: 'float32', shape: [null, 2] },
      { name: 'b', type: 'float32', shape: [null, 2] },
    ],
    batched: true,
    inputAlreadyBatched: false,
  };
  const a = tensor([2], Float32Array.of(1, 2));
  const b = tensor([2], Float32Array.of(3, 4));

  test('inputs go by name, in whatever order they were sent', () => {
    const { parts } = fitRecord(
      new Map([
        ['b', b],
        ['a', a],
      ]),
      two,
    );
    expect(parts.map(({ data }) => Array.from<unknown>(data))).toEqual([
      [1, 2],
      [3, 4],
    ]);
  });

  test('a single input has any name, several have not', () => {
    expect(fit(a, options([null, 2]), 'anything').rows).toBe(1);
    expect(
      refusal(() =>
        fitRecord(
          new Map([
            ['a', a],
            ['other', b],
          ]),
          two,
        ),
      ),
    ).toBe('input-mismatch');
  });

  test('an input may be sent under any of its names, and under one of them only', () => {
    const named: FitOptions = {
      ...two,
      inputs: two.inputs.map((input) => ({ ...input, aliases: [`${input.name}:0`] })),
    };
    const record = (...names: string[]) => new Map(names.map((name) => [name, name.startsWith('a') ? a : b]));
    const firsts = (...names: string[]) =>
      fitRecord(record(...names), named).parts.map(({ data }) => data[0]);
    expect(firsts('a', 'b:0')).toEqual([1, 3]);
    expect(firsts('b:0', 'a:0')).toEqual([1, 3]);
    expect(refusal(() => firsts('a', 'a:0', 'b'))).toBe('input-mismatch');
    expect(refusal(() => firsts('a', 'c:0'))).toBe('input-mismatch');
  });

  test('inputs too many or of unequal batches are refused', () => {
    expect(
      refusal(() =>
        fitRecord(
          new Map([
            ['a', a],
            ['b', b],
            ['c', a],
          ]),
          two,
        ),
      ),
    ).toBe('input-mismatch');
    expect(
      refusal(() =>
        fitRecord(
          new Map([
            ['a', a],
            ['b', tensor([3, 2])],
          ]),
          two,
        ),
      ),
    ).toBe('input-mismatch');
  });
});

describe('types', () => {
  test.each<[string, number[], unknown]>([
    ['int64', [1, -2, 3], BigInt64Array.of(1n, -2n, 3n)],
    ['int32', [1, -2, 3], Int32Array.of(1, -2, 3)],
    ['uint8', [0, 255], Uint8Array.of(0, 255)],
    ['bool', [0, 1], Uint8Array.of(0, 1)],
    ['float64', [0.5], Float64Array.of(0.5)],
    ['float16', [1, -2, 0.5], Uint16Array.of(0x3c00, 0xc000, 0x3800)],
  ])('numbers become %s', (type, values, expected) => {
    expect(
      fit(tensor([values.length], Float32Array.from(values)), options([null, null], {}, type)).parts[0]?.data,
    ).toEqual(expected);
  });

  test.each([
    ['a fraction', 'int64', [0.5]],
    ['too large a number', 'int8', [128]],
    ['a negative number', 'uint8', [-1]],
    ['a number that is no boolean', 'bool', [2]],
    ['not a number', 'int32', [NaN]],
    ['infinity', 'int64', [Infinity]],
  ])('%s is refused for %s', (_, type, values) => {
    expect(refusal(() => fit(tensor([1], Float32Array.from(values)), options([null, null], {}, type)))).toBe(
      'input-mismatch',
    );
  });

  test('strings go to string inputs only, numbers never do', () => {
    expect(fit(tensor([2], ['a', 'b']), options([null, 2], {}, 'string')).parts[0]?.data).toEqual(['a', 'b']);
    expect(refusal(() => fit(tensor([2], ['a', 'b']), options([null, 2])))).toBe('input-mismatch');
    expect(refusal(() => fit(tensor([2]), options([null, 2], {}, 'string')))).toBe('input-mismatch');
  });
});

describe('how many axes an input has', () => {
  const single = (openRank?: boolean): FitOptions => ({
    inputs: [{ name: 'x', type: 'float32', shape: [], ...(openRank === undefined ? {} : { openRank }) }],
    batched: false,
    inputAlreadyBatched: false,
  });

  test('a single value takes a number, with the axis of one that the original gives it or without', () => {
    for (const shape of [[], [1]])
      expect(fit(tensor(shape, Float32Array.of(7)), single(false))).toMatchObject({
        rows: 1,
        strip: false,
        parts: [{ shape: [], isConstant: true }],
      });
  });

  test('a single value takes nothing else, and the message says so', () => {
    for (const shape of [[2], [1, 1], [0]])
      expect(() => fit(tensor(shape), single(false))).toThrow(
        `Input "x" has the shape [${shape.join(', ')}], and the model wants a single value.`,
      );
  });

  test('of a model that leaves them open, [1] is an axis and a bare number has none', () => {
    expect(fit(tensor([1]), single(true))).toMatchObject({ strip: true, parts: [{ shape: [1, 1] }] });
    expect(fit(tensor([]), single(true))).toMatchObject({ strip: false, parts: [{ shape: [] }] });
  });

  test('of a model of which it is not known, [1] is a number and [2] a tensor', () => {
    expect(fit(tensor([1]), single())).toMatchObject({ parts: [{ shape: [] }] });
    expect(fit(tensor([2]), single())).toMatchObject({ strip: true, parts: [{ shape: [1, 2] }] });
  });
});

/** Several inputs of float32 by name and shape, and a record for them. */
function several(shapes: Readonly<Record<string, (number | null)[]>>, batched: boolean): FitOptions {
  const inputs = Object.entries(shapes).map(([name, shape]) => ({ name, type: 'float32', shape }));
  return { inputs, batched, inputAlreadyBatched: false };
}
const fitAll = (shapes: Readonly<Record<string, number[]>>, to: FitOptions) =>
  fitRecord(new Map(Object.entries(shapes).map(([name, shape]) => [name, tensor(shape)])), to);

describe('inputs decide together whether the batch axis was sent', () => {
  const two = { a: [null, 2], b: [null, 3] };

  test.each<[string, number[], number[], boolean]>([
    ['none has it', [2], [3], true],
    ['all have it', [1, 2], [1, 3], false],
    ['one has it', [2], [1, 3], false],
    ['the other has it', [1, 2], [3], false],
  ])('%s', (_, a, b, strip) => {
    for (const batched of [true, false])
      expect(fitAll({ a, b }, several(two, batched))).toMatchObject({
        rows: 1,
        strip,
        parts: [{ shape: [1, 2] }, { shape: [1, 3] }],
      });
  });

  test('a single number of one axis may be either, so the others decide', () => {
    const to = several({ length: [null], row: [null, 3] }, true);
    expect(fitAll({ length: [1], row: [3] }, to).strip).toBe(true);
    expect(fitAll({ length: [1], row: [1, 3] }, to).strip).toBe(false);
    expect(fitAll({ row: [3], length: [] }, to).strip).toBe(true);
  });

  test('rows that differ are refused where they are to share a run, and taken where they are not', () => {
    expect(() => fitAll({ a: [2, 2], b: [3, 3] }, several(two, true))).toThrow(
      'Input "b" has 3 rows where another input has 2.',
    );
    expect(fitAll({ a: [2, 2], b: [3, 3] }, several(two, false)).parts.map(({ shape }) => shape)).toEqual([
      [2, 2],
      [3, 3],
    ]);
  });
});

describe('inputs without a batch axis', () => {
  const threshold = (batched: boolean): FitOptions => ({
    inputs: [
      { name: 'rows', type: 'float32', shape: [null, 2] },
      { name: 'threshold', type: 'float32', shape: [], openRank: false },
    ],
    batched,
    inputAlreadyBatched: false,
  });
  const record = (value: number, rows = 2) =>
    fitRecord(
      new Map([
        ['rows', tensor([rows, 2])],
        ['threshold', tensor([], Float32Array.of(value))],
      ]),
      threshold(true),
    );

  test('a threshold beside two rows is constant over them', () => {
    expect(record(0.5)).toMatchObject({
      rows: 2,
      strip: false,
      parts: [
        { shape: [2, 2], isConstant: false },
        { shape: [], isConstant: true },
      ],
    });
  });

  test('records share a run with equal ones only', () => {
    expect(record(0.5).key).toBe(record(0.5, 7).key);
    expect(record(0.5).key).not.toBe(record(0.25).key);
  });

  test('a state [layers, batch, hidden], a length for each row and scales go by name as they are', () => {
    const to = several({ scales: [3], state: [2, null, 4], lengths: [null], tokens: [null, null] }, false);
    const shapes = { tokens: [5, 9], lengths: [5], state: [2, 5, 4], scales: [3] };
    const { parts, strip } = fitAll(shapes, to);
    expect(parts.map(({ shape }) => shape)).toEqual([[3], [2, 5, 4], [5], [5, 9]]);
    expect(strip).toBe(false);
    expect(() => fitAll({ ...shapes, scales: [4] }, to)).toThrow(
      'Input "scales" has the shape [4], and the model wants [3].',
    );
    expect(() => fitAll({ ...shapes, state: [2, 5, 3] }, to)).toThrow(
      'Input "state" has the shape [2, 5, 3], and the model wants [2, ?, 4].',
    );
  });
});

describe('messages name the element', () => {
  test.each<[string, number[], InputTensor['data'], string]>([
    [
      'int8',
      [2, 2],
      Float32Array.of(1, 2, 128, 3),
      'Input "x"[1][0] is 128, which is not of the model\'s type int8.',
    ],
    [
      'int64',
      [3],
      Float32Array.of(1, 2, 0.5),
      'Input "x"[2] is 0.5, which is not of the model\'s type int64.',
    ],
    ['bool', [], Float32Array.of(2), 'Input "x" is 2, which is not of the model\'s type bool.'],
    [
      'string',
      [1, 2],
      ['a', Uint8Array.of(255)],
      'Input "x"[0][1] is not UTF-8, and the model takes no other strings.',
    ],
  ])('%s %j', (type, shape, data, message) => {
    const to = options([null, null].slice(0, Math.max(1, shape.length)), { batched: false }, type);
    expect(() => fit(tensor(shape, data), to)).toThrow(message);
  });

  test('integers that were declared are not rounded, those of JSON are', () => {
    const data = Int32Array.of(1, 16777217);
    const record = (origin: InputTensor['origin']): InputTensor => ({
      type: 'int32',
      shape: [2],
      data,
      ...(origin ? { origin } : {}),
    });
    expect(() => fit(record('declared'), options([null, null]))).toThrow(
      'Input "x"[1] is 16777217, which the model\'s type float32 cannot hold to the last digit.',
    );
    expect(fit(record('json'), options([null, null])).parts[0]?.data).toEqual(Float32Array.of(1, 16777216));
  });

  test('an input goes by the name that its asker has for it', () => {
    const place = (name: string) => `instances[4].${name}`;
    expect(() => fitRecord(new Map([['t', tensor([3])]]), options([null, 2]), [], place)).toThrow(
      'instances[4].t has the shape [3], and the model wants [2] or [?, 2].',
    );
  });
});

describe('a model that does not say what it takes', () => {
  const open = { type: 'any', shape: [], openRank: true };
  const options = { inputs: [], batched: false, inputAlreadyBatched: false };
  const of = (type: ElementType, data: TensorData, origin?: 'json'): InputTensor => ({
    type,
    shape: [2],
    data,
    ...(origin ? { origin } : {}),
  });

  test('gets the types that were sent, by the names that were sent, and numbers of JSON as float32', () => {
    const record = new Map([
      ['b', of('int64', BigInt64Array.of(1n, 2n ** 60n))],
      ['a', of('int32', Int32Array.of(1, 2), 'json')],
      ['c', of('string', ['x', 'y'])],
    ]);
    expect(fitRecord(record, options).parts).toEqual([
      { name: 'b', type: 'int64', shape: [1, 2], data: BigInt64Array.of(1n, 2n ** 60n), isConstant: false },
      { name: 'a', type: 'float32', shape: [1, 2], data: Float32Array.of(1, 2), isConstant: false },
      { name: 'c', type: 'string', shape: [1, 2], data: ['x', 'y'], isConstant: false },
    ]);
  });

  test('shares a run among records of the same names and types only', () => {
    const key = (name: string, tensor: InputTensor) =>
      fitRecord(new Map([[name, tensor]]), { ...options, batched: true }).key;
    const floats = of('float32', Float32Array.of(1, 2));
    expect(key('x', floats)).toBe(key('x', of('float32', Float32Array.of(3, 4))));
    expect(key('x', floats)).not.toBe(key('y', floats));
    expect(key('x', floats)).not.toBe(key('x', of('float64', Float64Array.of(1, 2))));
  });

  test('gets whole numbers of JSON that float32 cannot hold as they are', () => {
    const data = Int32Array.of(2 ** 24 + 1, 0);
    const record = new Map([['x', of('int32', data, 'json')]]);
    const [part] = fitRecord(record, { ...options, inputs: [{ name: 'x', ...open }] }).parts;
    expect(part).toMatchObject({ type: 'int32', data });
  });
});
