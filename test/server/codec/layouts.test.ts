import fc from 'fast-check';
import { expect, test } from 'vitest';
import { recall, remember } from '../../../server/src/codec/arrow/layouts.ts';
import { decodeArrow } from '../../../server/src/codec/decodeArrow.ts';
import { encodeRecord } from '../../../server/src/codec/encodeRecord.ts';
import type { DenseTensor, RecordInput } from '../../../server/src/tensor/tensor.ts';
import { codeOf, plain } from './wire.ts';
import { runs } from '../../support/runs.ts';

const tensor = fc.oneof(
  fc.array(fc.float({ noNaN: true }), { maxLength: 6 }).map((values): DenseTensor => ({
    kind: 'dense',
    type: 'float32',
    shape: [values.length],
    data: Float32Array.from(values),
  })),
  fc.array(fc.integer({ min: -5, max: 5 }), { maxLength: 6 }).map((values): DenseTensor => ({
    kind: 'dense',
    type: 'int32',
    shape: [1, values.length],
    data: Int32Array.from(values),
  })),
);
const record = fc.dictionary(fc.constantFrom('a', 'b', 'c'), tensor, { minKeys: 1 });

test('records of few layouts, in any order, decode to what was written', () => {
  fc.assert(
    fc.property(fc.array(record, { minLength: 1, maxLength: 40 }), (records) => {
      for (const inputs of records) {
        const decoded = decodeArrow(encodeRecord(new Map<string, RecordInput>(Object.entries(inputs))));
        expect([...decoded].map(([name, input]) => [name, plain(input)])).toEqual(
          Object.entries(inputs).map(([name, input]) => [name, plain(input)]),
        );
      }
    }),
    runs(),
  );
});

test('a byte that differs outside of the values is never taken for known', () => {
  const text = encodeRecord(
    new Map([['x', { kind: 'dense', type: 'float32', shape: [8], data: new Float32Array(8).fill(1) }]]),
  );
  const bytes = Buffer.from(new Uint8Array(Buffer.from(text, 'base64')).buffer);
  const inputs = decodeArrow(text);
  const start = bytes.indexOf(Buffer.from(new Uint8Array(new Float32Array(8).fill(1).buffer)));
  remember(
    bytes,
    new Map([
      ['x', { kind: 'dense', type: 'float32', shape: [8], data: new Float32Array(bytes.buffer, start, 8) }],
    ]),
  );
  expect(recall(bytes)?.get('x')).toEqual(inputs.get('x'));
  for (let at = 0; at < bytes.length; at++) {
    const other = Buffer.from(new Uint8Array(bytes).buffer);
    other[at] = (other[at] ?? 0) ^ 1;
    const isValue = at >= start && at < start + 32;
    expect(recall(other) !== undefined).toBe(isValue);
  }
});

test('a record that says the same length in another shape is not taken for the one before', () => {
  const of = (shape: readonly number[]) =>
    encodeRecord(new Map([['x', { kind: 'dense', type: 'float32', shape, data: new Float32Array(6) }]]));
  expect(of([2, 3]).length).toBe(of([3, 2]).length);
  for (const shape of [
    [2, 3],
    [3, 2],
    [2, 3],
    [6, 1],
  ])
    expect(decodeArrow(of(shape)).get('x')).toMatchObject({ shape });
  const damaged = Buffer.from(of([2, 3]), 'base64');
  damaged.writeInt32LE(9, damaged.lastIndexOf(Buffer.from([2, 0, 0, 0, 3, 0, 0, 0])));
  expect(codeOf(() => decodeArrow(damaged.toString('base64')))).toBe('record-undecodable');
});
