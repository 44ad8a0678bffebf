import { tableFromIPC, RecordBatchReader } from 'apache-arrow';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { decodeResult } from '../../../server/src/codec/decodeResult.ts';
import { encodeResult } from '../../../server/src/codec/encodeResult.ts';
import { codeOf, recordings } from './wire.ts';
import { runs } from '../../support/runs.ts';

/** What the Python client reads: whole columns by position, nulls and zeros dropped from the shape. */
function asClient(base64: string): { data: number[]; shape: number[]; rows: number }[] {
  return [...RecordBatchReader.from(Buffer.from(base64, 'base64'))].map((batch) => {
    const shape = [...(batch.getChildAt(1) ?? [])] as (number | null)[];
    const data = [...(batch.getChildAt(0) ?? [])] as number[];
    return {
      data,
      shape: shape.filter((size) => size !== null && size !== 0) as number[],
      rows: batch.numRows,
    };
  });
}

const arrowResults = recordings('results').filter(([, file]) => file.decoded?.batches !== undefined);

describe('encodeResult', () => {
  it.each(arrowResults)(
    '%s: reads the result of the original, and writes one that reads the same',
    (_, file) => {
      const original = file.hash?.value ?? '';
      const tensors = decodeResult(original);
      expect(tensors.map(({ data }) => Array.from<unknown>(data))).toEqual(
        file.decoded?.batches?.map(({ data }) => data),
      );
      const shapes = file.decoded?.batches?.map(({ shape }) => shape.filter((size) => size !== null));
      expect(tensors.map(({ shape }) => shape)).toEqual(shapes);
      expect(asClient(encodeResult(tensors))).toEqual(asClient(original));
      expect(decodeResult(encodeResult(tensors))).toEqual(tensors);
    },
  );

  it('declares the columns as the original does', () => {
    const schemaOf = (base64: string): unknown =>
      tableFromIPC(Buffer.from(base64, 'base64')).schema.fields.map((f) => [
        f.name,
        String(f.type),
        f.nullable,
      ]);
    const original = arrowResults[0]?.[1].hash?.value ?? '';
    expect(schemaOf(encodeResult([{ type: 'float32', shape: [1], data: Float32Array.of(1) }]))).toEqual(
      schemaOf(original),
    );
  });

  it.each([
    ['without axes', [], 1, []],
    ['with more axes than elements', [1, 1, 1], 1, [1]],
    ['with more axes than two elements', [1, 1, 2, 1], 2, [2, 1]],
    ['with as many axes as elements', [1, 2], 2, [1, 2]],
  ])('writes a tensor %s in rows that the client can reshape', (_, shape, count, read) => {
    const data = new Float32Array(count).fill(2.5);
    const [batch] = asClient(encodeResult([{ type: 'float32', shape, data }]));
    expect(batch).toEqual({ data: Array.from(data), shape: read, rows: count });
  });

  it('reads a tensor without elements back as one axis of size 0', () => {
    expect(
      decodeResult(encodeResult([{ type: 'float32', shape: [2, 0, 3], data: new Float32Array(0) }])),
    ).toEqual([{ type: 'float32', shape: [0], data: new Float32Array(0) }]);
  });

  it('gives each result its own values though their layouts share a template', () => {
    const first = encodeResult([{ type: 'float32', shape: [1, 2], data: Float32Array.of(1, 2) }]);
    const second = encodeResult([{ type: 'float32', shape: [2, 1], data: Float32Array.of(3, 4) }]);
    expect(asClient(first)).toEqual([{ data: [1, 2], shape: [1, 2], rows: 2 }]);
    expect(asClient(second)).toEqual([{ data: [3, 4], shape: [2, 1], rows: 2 }]);
  });

  it('refuses a shape that does not fit, and no outputs at all', () => {
    expect(codeOf(() => encodeResult([{ type: 'float32', shape: [3], data: Float32Array.of(1) }]))).toBe(
      'record-undecodable',
    );
    expect(codeOf(() => encodeResult([]))).toBe('record-undecodable');
  });

  it('writes any outputs so that apache-arrow and we read them back in order', () => {
    const output = fc
      .array(fc.integer({ min: 1, max: 5 }), { minLength: 1, maxLength: 4 })
      .map((shape) => {
        const count = shape.reduce((a, b) => a * b, 1);
        return {
          type: 'float32',
          shape,
          data: Float32Array.from({ length: count }, (_, i) => i + 0.25),
        } as const;
      })
      .filter(({ shape, data }) => shape.length <= data.length);
    fc.assert(
      fc.property(fc.array(output, { minLength: 1, maxLength: 3 }), (outputs) => {
        const base64 = encodeResult(outputs);
        expect(decodeResult(base64)).toEqual(outputs);
        expect(asClient(base64).map(({ shape }) => shape)).toEqual(outputs.map(({ shape }) => shape));
      }),
      runs(),
    );
  });

  it('refuses to read damaged results with the one error', () => {
    const bytes = Buffer.from(
      encodeResult([{ type: 'float32', shape: [2, 2], data: Float32Array.of(1, 2, 3, 4) }]),
      'base64',
    );
    fc.assert(
      fc.property(fc.nat(bytes.length - 1), fc.nat(255), (at, value) => {
        const damaged = Buffer.from(bytes);
        damaged[at] = value;
        expect(['accepted', 'record-undecodable']).toContain(
          codeOf(() => decodeResult(damaged.toString('base64'))),
        );
      }),
      runs(1000),
    );
  });
});
