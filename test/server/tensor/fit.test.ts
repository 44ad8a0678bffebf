import { describe, expect, test } from 'vitest';
import { fitRecord, type FitOptions, type InputTensor } from '../../../server/src/tensor/fit.ts';

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
    ['a picture', [1, 3, 8, 8], [null, 3, 8, 8], { rows: 1, strip: false, parts: [{ shape: [1, 3, 8, 8] }] }],
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

  test('of a model that does not tell its rank, inputAlreadyBatched decides what the first dimension is', () => {
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
