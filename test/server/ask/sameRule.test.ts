import { wholeOf } from '../../../server/src/queue/payload.ts';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { ServingError } from '../../../schemas/errors.ts';
import type { TensorInfo } from '../../../schemas/jobEvents.ts';
import { contentOf, type Content } from '../../../server/src/ask/content.ts';
import { prepare } from '../../../server/src/ask/prepare.ts';
import { type DecodedRecord, createDecoder } from '../../../server/src/engine/records/decodeRecord.ts';
import {
  elementTypes,
  numericType,
  type ElementType,
  type NumericArray,
} from '../../../server/src/tensor/elementTypes.ts';
import { fitRecord, type FittedPart } from '../../../server/src/tensor/fit.ts';
import { float16Bits } from '../../../server/src/tensor/half.ts';
import type { DenseTensor, Origin, TensorData } from '../../../server/src/tensor/tensor.ts';
import { queued } from '../../support/memoryQueue.ts';
import { runs } from '../../support/runs.ts';

const names = ['a', 'b', '__proto__', 'constructor'];
const typeOf = fc.constantFrom(...elementTypes);
const size = fc.constantFrom(null, null, 1, 2, 3);
const infoOf = (name: string): fc.Arbitrary<TensorInfo> =>
  fc
    .tuple(typeOf, fc.array(size, { maxLength: 3 }), fc.constantFrom(undefined, true, false))
    .map(([type, shape, openRank]) => ({
      name,
      type,
      shape,
      ...(openRank === undefined || shape.length > 0 ? {} : { openRank }),
    }));
const inputsOf = fc
  .subarray(names, { minLength: 1, maxLength: 3 })
  .chain((chosen) => fc.tuple(...chosen.map(infoOf)));

const whole = [
  0n,
  1n,
  2n,
  -1n,
  255n,
  65520n,
  2n ** 24n + 1n,
  2n ** 31n,
  2n ** 53n + 1n,
  2n ** 63n - 1n,
  2n ** 64n - 1n,
];
const broken = [0, 1, -0, 0.5, 0.1, 2, NaN, Infinity, 65520, 1e39, 16777217];
const texts = ['', 'x', 'a|b', 'ü', '"\\\n', Uint8Array.of(255, 0)];

/** Elements that suit the type, mostly 0 and 1, which suit every other one too. */
function dataOf(type: ElementType, count: number): fc.Arbitrary<TensorData> {
  const pick = <T>(values: readonly T[]) =>
    fc
      .array(fc.nat(99), { minLength: count, maxLength: count })
      .map((numbers) => numbers.map((n) => values[n < 70 ? n % 2 : n % values.length] as T));
  if (type === 'string') return pick(texts);
  const { array, kind, min, max } = numericType(type);
  const from = (values: readonly unknown[]) =>
    (array as unknown as { from(values: readonly unknown[]): NumericArray }).from(values);
  if (type === 'float16') return pick(broken).map((values) => from(values.map(float16Bits)));
  if (kind === 'float') return pick(broken).map(from);
  const held = whole.filter((value) => value >= min && value <= max);
  if (kind === 'bool') return pick([0, 1, 1, 2]).map(from);
  return pick(held).map((values) => from(typeof max === 'bigint' ? values : values.map(Number)));
}

/** A tensor for an input: with the batch axis or without it, or of another shape altogether; mostly of its type. */
function tensorFor({ type, shape }: TensorInfo): fc.Arbitrary<DenseTensor> {
  const sized = fc.tuple(...shape.map((one) => (one === null ? fc.nat(3) : fc.constant(one))));
  const shapeOf = fc.oneof(
    { weight: 6, arbitrary: sized },
    { weight: 3, arbitrary: sized.map((sizes) => sizes.slice(1)) },
    { weight: 1, arbitrary: fc.array(fc.nat(2), { maxLength: 3 }) },
  );
  const fromOf = fc.oneof({ weight: 3, arbitrary: fc.constant(type as ElementType) }, typeOf);
  return fc
    .tuple(shapeOf, fromOf, fc.constantFrom<Origin>('declared', 'json', 'arrow'))
    .chain(([sizes, from, origin]) =>
      dataOf(
        from,
        sizes.reduce((a, b) => a * b, 1),
      ).map((data) => ({ kind: 'dense', type: from, shape: sizes, data, origin })),
    );
}

const cases = fc.tuple(inputsOf, fc.boolean()).chain(([inputs, batched]) =>
  fc.tuple(...inputs.map(tensorFor)).map((tensors) => ({
    inputs,
    batched,
    record: new Map(inputs.map(({ name }, i) => [name, tensors[i] as DenseTensor])),
  })),
);

/** What an action gives, or the code and the text of its refusal. */
function outcome<T>(action: () => T): { readonly value: T } | { readonly refused: ServingError } {
  try {
    return { value: action() };
  } catch (error) {
    if (error instanceof ServingError) return { refused: error };
    throw error;
  }
}

type Decode = ReturnType<typeof createDecoder>;
const partsOf = (decode: Decode, content: Content): readonly FittedPart[] =>
  // There are no images among them, so everything is decoded at once.
  (decode(queued({ data: wholeOf(content.data), serde: content.serde })) as DecodedRecord).instances[0]
    ?.parts ?? [];
/** Without whether it is constant, and row by row, for a bare row and a batch of one are the same to the model. */
const plain = (parts: readonly FittedPart[]) =>
  parts.map(({ type, shape, data }) => ({ type, shape: [...shape], data: Array.from<unknown>(data) }));

describe('frontend and engine', () => {
  test('accept the same records, and what was sent reaches the model', () => {
    let accepted = 0;
    fc.assert(
      fc.property(cases, ({ inputs, batched, record }) => {
        const options = { inputs, batched, inputAlreadyBatched: false };
        const model = { inputs, outputs: [], batched };
        const direct = outcome(() => fitRecord(record, options));
        const prepared = outcome(() => prepare('instances[0]', record, model));
        if ('refused' in prepared || 'refused' in direct) {
          expect(['refused' in prepared, 'refused' in direct]).toEqual([true, true]);
          if ('refused' in prepared) {
            expect(prepared.refused.code).toBe('input-mismatch');
            expect(prepared.refused.message).toMatch(/^instances\[0\]\./);
          }
          return;
        }
        accepted += 1;
        const decode = createDecoder({ ...options, imageResize: undefined });
        const wanted = plain(direct.value.parts);
        expect(plain(partsOf(decode, contentOf(prepared.value, true)))).toEqual(wanted);
        // The original's form carries the same, or says what it cannot carry.
        const content = outcome(() => contentOf(prepared.value, false));
        if ('refused' in content) {
          expect(content.refused.code).toBe('record-undecodable');
          expect(names.some((name) => content.refused.message.startsWith(name))).toBe(true);
        } else expect(plain(partsOf(decode, content.value))).toEqual(wanted);
      }),
      runs(6_000),
    );
    expect(accepted).toBeGreaterThan(20);
  });

  test.each([2, 255])('refuse a bool of %i from whatever it was written as', (value) => {
    const inputs: TensorInfo[] = [{ name: 'a', type: 'bool', shape: [null] }];
    const model = { inputs, outputs: [], batched: true };
    for (const type of elementTypes) {
      if (type === 'string' || (type === 'int8' && value > 127)) continue;
      const array = numericType(type).array as unknown as { from(values: unknown[]): NumericArray };
      const one = type.endsWith('64') && !type.startsWith('f') ? BigInt(value) : value;
      const data = array.from([type === 'float16' ? float16Bits(value) : one]);
      const record = new Map<string, DenseTensor>([['a', { kind: 'dense', type, shape: [1], data }]]);
      expect(() => prepare('instances[0]', record, model)).toThrow('instances[0].a[0]');
      expect(() => fitRecord(record, { ...model, inputAlreadyBatched: false })).toThrow('Input "a"[0]');
    }
  });
});
