import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { TensorInfo } from '../../../schemas/jobEvents.ts';
import { decodeResult, type ResultTensor } from '../../../server/src/codec/decodeResult.ts';
import { encodeResult } from '../../../server/src/codec/encodeResult.ts';
import { parseInstances } from '../../../server/src/codec/instances.ts';
import { elementCount, type DenseTensor, type RecordInputs } from '../../../server/src/tensor/tensor.ts';
import { joinInputs, shareOf, splitOutputs, type Share } from '../../../server/src/http/sharing.ts';

const input = (name: string, ...shape: (number | null)[]): TensorInfo => ({ name, type: 'float32', shape });
const model = (...inputs: TensorInfo[]) => ({ inputs, outputs: [], batched: true, rowsPerRecord: 64 });
const instance = (members: object): RecordInputs => {
  const [inputs = new Map()] = parseInstances({ instances: [members] });
  return inputs;
};

describe('what may share a record', () => {
  const pairs = model(input('a', null, 2));
  const two = model(input('a', null, 2), input('b', null));

  test.each<[string, object, ReturnType<typeof model>, Partial<Share>]>([
    ['a row', { a: [0.5, 2] }, pairs, { rows: 1, strip: true }],
    ['a batch', { a: [[0.5, 2]] }, pairs, { rows: 1, strip: false }],
    ['rows of two inputs', { a: [[0.5, 2], [1, 1]], b: [1, 2] }, two, { rows: 2, strip: false }], // prettier-ignore
    ['another name for a single input', { t: [0.5, 2] }, pairs, { rows: 1, strip: true }],
  ])('%s', (_what, members, facts, share) => {
    expect(shareOf(instance(members), facts)).toMatchObject(share);
  });

  test('rows of other names, types or shapes have another key', () => {
    const open = model(input('a', null, null));
    const keys = [{ a: [0.5, 2] }, { b: [0.5, 2] }, { a: [1, 2] }, { a: [0.5, 2, 3] }, { a: [[0.5, 2]] }].map(
      (members) => shareOf(instance(members), open)?.key,
    );
    expect(new Set(keys.slice(0, 4)).size).toBe(4);
    // With the batch axis or without it, a row is a row.
    expect(keys[4]).toBe(keys[0]);
  });

  test.each<[string, object, ReturnType<typeof model> | object]>([
    ['a text', { a: ['x', 'y'] }, pairs],
    ['a picture', { a: { b64: 'AAAA' } }, model(input('a', null, 3, null, null))],
    ['a sparse tensor', { a: { shape: [2], data: [1], indices: [[0]] } }, pairs],
    ['many numbers', { a: Array<number>(2_000).fill(0.5) }, model(input('a', null, null))],
    ['an input of unknown rank', { a: [1, 2] }, model(input('a'))],
    ['inputs of different rows', { a: [[0.5, 2]], b: [1, 2] }, two],
    ['rows with the batch axis and without it', { a: [0.5, 2], b: [1] }, two],
    ['a number without any axis', { a: 1 }, model(input('a', null, 1, 1))],
    ['no rows', { a: [[1, 2]] }, { ...pairs, batched: false }],
    ['a worker that does not tell', { a: [1, 2] }, { ...pairs, rowsPerRecord: undefined }],
  ])('not %s', (_what, members, facts) => {
    expect(shareOf(instance(members), facts as ReturnType<typeof model>)).toBeUndefined();
  });
});

/** A model of one input: each row's first output is its numbers doubled, the second their sum, in the row shapes given. */
function run(input: DenseTensor, rows: number, shapes: readonly (readonly number[])[]): ResultTensor[] {
  const values = input.data as Float32Array;
  const width = values.length / rows;
  return shapes.map((rowShape, output) => {
    const size = elementCount(rowShape) ?? 0;
    const data = Float32Array.from({ length: rows * size }, (_, i) => {
      const row = values.subarray(Math.floor(i / size) * width, (Math.floor(i / size) + 1) * width);
      return output === 0 ? (row[i % size] ?? 0) * 2 : row.reduce((sum, value) => sum + value, i % size);
    });
    return { shape: [rows, ...rowShape], data };
  });
}

const overTheWire = (outputs: readonly ResultTensor[]) => decodeResult(encodeResult(outputs));
const plain = (outputs: readonly ResultTensor[]) =>
  outputs.map(({ shape, data }) => ({ shape: [...shape], data: [...data] }));

const requestOf = fc.record({
  rows: fc.integer({ min: 1, max: 3 }),
  strip: fc.boolean(),
  first: fc.integer({ min: -100, max: 100 }),
});
const rowShapeOf = fc.array(fc.integer({ min: 1, max: 3 }), { maxLength: 3 });

test('whoever shares a record gets what would have come alone', () => {
  fc.assert(
    fc.property(
      fc.array(requestOf, { minLength: 2, maxLength: 6 }),
      fc.integer({ min: 1, max: 4 }),
      fc.array(rowShapeOf, { minLength: 1, maxLength: 2 }),
      (requests, width, shapes) => {
        const asked = requests.map(({ rows, strip, first }) => {
          const own = strip ? 1 : rows;
          const data = Float32Array.from({ length: own * width }, (_, i) => first + i + 0.5);
          const shape = strip ? [width] : [own, width];
          return new Map<string, DenseTensor>([['x', { kind: 'dense', shape, data }]]);
        });
        const facts = model(input('x', null, null));
        const shares = asked.map((inputs) => shareOf(inputs, facts) as Share);
        expect(new Set(shares.map(({ key }) => key)).size).toBe(1);

        const joined = joinInputs(asked, shares).get('x') as DenseTensor;
        const total = shares.reduce((sum, { rows }) => sum + rows, 0);
        expect(joined.shape).toEqual([total, width]);
        const split = splitOutputs(overTheWire(run(joined, total, shapes)), shares);

        const alone = asked.map((inputs, i) => {
          const { rows, strip } = shares[i] as Share;
          const outputs = run(inputs.get('x') as DenseTensor, rows, shapes);
          // As the worker answers a record without the batch axis.
          return plain(
            overTheWire(outputs.map(({ shape, data }) => ({ shape: strip ? shape.slice(1) : shape, data }))),
          );
        });
        expect(split?.map(plain)).toEqual(alone);
      },
    ),
    { numRuns: 500 },
  );
});

test('outputs without a row for each are not shared out', () => {
  const shares = [1, 2].map((rows) => ({ rows, strip: false, key: '' }));
  const good = { shape: [3, 2], data: new Float32Array(6) };
  expect(splitOutputs([good], shares)).toBeDefined();
  expect(splitOutputs([good, { shape: [2], data: new Float32Array(2) }], shares)).toBeUndefined();
  expect(splitOutputs([{ shape: [0], data: new Float32Array(0) }], shares)).toBeUndefined();
});
