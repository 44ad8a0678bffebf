import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { TensorInfo } from '../../../schemas/jobEvents.ts';
import { decodeResult } from '../../../server/src/codec/decodeResult.ts';
import { encodeResult } from '../../../server/src/codec/encodeResult.ts';
import { decodeTypedResult, encodeTypedResult } from '../../../server/src/codec/typedForm.ts';
import { parseInstances } from '../../../server/src/codec/instances.ts';
import { prepare } from '../../../server/src/ask/prepare.ts';
import { joinShares, shareOf, sharedOutputs, type Share } from '../../../server/src/ask/shares.ts';
import type { ModelOfJob } from '../../../server/src/queue/registry/jobReports.ts';
import { shareOut } from '../../../server/src/tensor/rows.ts';
import { fitRecord } from '../../../server/src/tensor/fit.ts';
import { elementCount, type DenseTensor, type Tensor } from '../../../server/src/tensor/tensor.ts';
import { runs } from '../../support/runs.ts';

const input = (name: string, ...shape: (number | null)[]): TensorInfo => ({ name, type: 'float32', shape });
const onePixel =
  'iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNkYPhfDwAChwGA60e6kgAAAABJRU5ErkJggg==';
const model = (...inputs: TensorInfo[]) => ({ inputs, outputs: [], batched: true, rowsPerRecord: 64 });
const shareOfMembers = (members: object, facts: ModelOfJob): Share | undefined => {
  const [inputs = new Map()] = parseInstances({ instances: [members] });
  return prepare('instances[0]', inputs, facts).share;
};

describe('what may share a record', () => {
  const pairs = model(input('a', null, 2));
  const two = model(input('a', null, 2), input('b', null));

  test.each<[string, object, ReturnType<typeof model>, Partial<Share>]>([
    ['a row', { a: [0.5, 2] }, pairs, { rows: 1, strip: true }],
    ['a batch', { a: [[0.5, 2]] }, pairs, { rows: 1, strip: false }],
    ['rows of two inputs', { a: [[0.5, 2], [1, 1]], b: [1, 2] }, two, { rows: 2, strip: false }], // prettier-ignore
    ['a sparse tensor, with its zeros', { a: { shape: [2], data: [1], indices: [[0]] } }, pairs, { rows: 1 }],
    ['another name for a single input', { t: [0.5, 2] }, pairs, { rows: 1, strip: true }],
  ])('%s', (_what, members, facts, share) => {
    expect(shareOfMembers(members, facts)).toMatchObject(share);
  });

  test('rows of other shapes have another key; whether the batch axis was sent does not matter', () => {
    const open = model(input('a', null, null));
    const keys = [{ a: [0.5, 2] }, { a: [0.5, 2, 3] }, { a: [[0.5, 2]] }].map(
      (members) => shareOfMembers(members, open)?.key,
    );
    expect(keys[0]).not.toBe(keys[1]);
    expect(keys[2]).toBe(keys[0]);
    // The model's type and its name for the input are what counts.
    expect(shareOfMembers({ b: [1, 2] }, open)?.key).toBe(keys[0]);
  });

  test.each<[string, object, ReturnType<typeof model> | object]>([
    ['texts', { a: ['x', 'y'] }, model({ name: 'a', type: 'string', shape: [null, 2] })],
    [
      'integers that the original’s form does not have',
      { a: [1, 2] },
      model({ name: 'a', type: 'int64', shape: [null, 2] }),
    ],
    ['an image', { a: { b64: onePixel } }, model(input('a', null, 3, null, null))],
    ['many numbers', { a: Array<number>(2_000).fill(0.5) }, model(input('a', null, null))],
    ['an input of unknown rank', { a: [1, 2] }, model(input('a'))],
    ['no rows', { a: [[1, 2]] }, { ...pairs, batched: false }],
    ['a worker that does not report', { a: [1, 2] }, { ...pairs, rowsPerRecord: undefined }],
  ])('not %s', (_what, members, facts) => {
    expect(shareOfMembers(members, facts as ModelOfJob)).toBeUndefined();
  });
});

/** A model of one input: each row's first output is its numbers doubled, the second their sum, in the row shapes given. */
function run(input: Tensor, rows: number, shapes: readonly (readonly number[])[]): Tensor[] {
  const values = input.data as Float32Array;
  const width = values.length / rows;
  return shapes.map((rowShape, output) => {
    const size = elementCount(rowShape) ?? 0;
    const data = Float32Array.from({ length: rows * size }, (_, i) => {
      const row = values.subarray(Math.floor(i / size) * width, (Math.floor(i / size) + 1) * width);
      return output === 0 ? (row[i % size] ?? 0) * 2 : row.reduce((sum, value) => sum + value, i % size);
    });
    return { type: 'float32', shape: [rows, ...rowShape], data };
  });
}

const asOriginal = (outputs: readonly Tensor[]) => decodeResult(encodeResult(outputs));
const asTyped = (outputs: readonly Tensor[]) => decodeTypedResult(encodeTypedResult(outputs, []));
const plain = (outputs: readonly Tensor[]) =>
  outputs.map(({ shape, data }) => ({ shape: [...shape], data: Array.from<unknown>(data) }));

const requestOf = fc.record({
  rows: fc.integer({ min: 1, max: 3 }),
  first: fc.integer({ min: -100, max: 100 }),
});
const rowShapeOf = fc.array(fc.integer({ min: 1, max: 3 }), { maxLength: 3 });

test('each request that shares a record gets what would have come alone', () => {
  fc.assert(
    fc.property(
      fc.array(requestOf, { minLength: 2, maxLength: 6 }),
      fc.integer({ min: 1, max: 4 }),
      fc.array(rowShapeOf, { minLength: 1, maxLength: 2 }),
      fc.boolean(),
      fc.boolean(),
      (requests, width, shapes, strip, typed) => {
        const overTheWire = typed ? asTyped : asOriginal;
        const asked = requests.map(({ rows, first }) => {
          const own = strip ? 1 : rows;
          const data = Float32Array.from({ length: own * width }, (_, i) => first + i + 0.5);
          const shape = strip ? [width] : [own, width];
          return new Map<string, DenseTensor>([['x', { kind: 'dense', type: 'float32', shape, data }]]);
        });
        const facts = model(input('x', null, null));
        const shares = asked.map(
          (inputs) => shareOf(fitRecord(inputs, { ...facts, inputAlreadyBatched: false }), facts) as Share,
        );
        expect(new Set(shares.map(({ key }) => key)).size).toBe(1);

        const joined = joinShares(facts.inputs, shares).get('x') as Tensor;
        const total = shares.reduce((sum, { rows }) => sum + rows, 0);
        expect(joined.shape).toEqual([total, width]);
        const split = sharedOutputs(overTheWire(run(joined, total, shapes)), shares, typed);

        const alone = asked.map((inputs, i) => {
          const { rows, strip } = shares[i] as Share;
          const outputs = run(inputs.get('x') as Tensor, rows, shapes);
          // As the worker answers a record without the batch axis.
          return plain(
            overTheWire(
              outputs.map(({ shape, ...rest }) => ({ ...rest, shape: strip ? shape.slice(1) : shape })),
            ),
          );
        });
        expect(split?.map(plain)).toEqual(alone);
      },
    ),
    runs(500),
  );
});

test('outputs without a row for each are not shared out', () => {
  const shares = [1, 2].map((rows) => ({ rows, strip: false }));
  const good = { type: 'float32', shape: [3, 2], data: new Float32Array(6) } as const;
  expect(shareOut([good], shares)).toBeDefined();
  expect(
    shareOut([good, { type: 'float32', shape: [2], data: new Float32Array(2) }], shares),
  ).toBeUndefined();
  expect(shareOut([{ type: 'float32', shape: [0], data: new Float32Array(0) }], shares)).toBeUndefined();
});
