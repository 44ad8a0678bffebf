import { tableFromIPC } from 'apache-arrow';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { decodeArrow } from '../../../server/src/codec/decodeArrow.ts';
import { encodeRecord } from '../../../server/src/codec/encodeRecord.ts';
import type { RecordInput } from '../../../server/src/tensor/tensor.ts';
import { plain, recordings } from './wire.ts';
import { runs } from '../../support/runs.ts';

function tableOf(base64: string): { schema: unknown; rows: unknown } {
  const table = tableFromIPC(Buffer.from(base64, 'base64'));
  return {
    schema: table.schema.fields.map((field) => [field.name, String(field.type)]),
    rows: JSON.parse(JSON.stringify(table.toArray())) as unknown,
  };
}

const streams = recordings('client').filter(
  ([name, { entry }]) => entry !== undefined && !name.includes('deprecated') && !name.includes('several'),
);

describe('encodeRecord', () => {
  it.each(streams)('%s: writes the table that the Python client wrote', (_, { entry }) => {
    const original = entry?.data ?? '';
    expect(tableOf(encodeRecord(decodeArrow(original)))).toEqual(tableOf(original));
  });

  it('writes inputs of all kinds in one record, which decodeArrow reads back', () => {
    const inputs = new Map<string, RecordInput>([
      ['image', { kind: 'image', base64: 'aGVsbG8=' }],
      ['scalar', { kind: 'dense', type: 'float32', shape: [], data: Float32Array.of(7.5) }],
      ['ids', { kind: 'dense', type: 'int32', shape: [1, 2], data: Int32Array.of(-1, 2147483647) }],
      ['joined', { kind: 'dense', type: 'string', shape: [2], data: ['ä', 'b'] }],
      ['texts', { kind: 'dense', type: 'string', shape: [2, 2], data: ['a', 'b|c', '', 'ü'] }],
      ['one', { kind: 'dense', type: 'string', shape: [1], data: ['only'] }],
      ['none', { kind: 'dense', type: 'float32', shape: [0, 3], data: new Float32Array(0) }],
      [
        'sparse',
        {
          kind: 'sparse',
          type: 'float32',
          shape: [3, 4],
          indices: Int32Array.of(0, 1, 2, 3),
          indiceShape: [2, 2],
          data: Float32Array.of(1, 2),
        },
      ],
    ]);
    const read = decodeArrow(encodeRecord(inputs));
    expect([...read.keys()]).toEqual([...inputs.keys()]);
    for (const [name, input] of inputs) expect(plain(read.get(name))).toEqual(plain(input));
  });

  it('keeps the values of records apart whose layouts are alike', () => {
    const record = (value: number): string =>
      encodeRecord(
        new Map([['t', { kind: 'dense', type: 'float32', shape: [2], data: Float32Array.of(value, value) }]]),
      );
    const [first, second] = [record(1), record(2)];
    expect(plain(decodeArrow(first).get('t')).data).toEqual([1, 1]);
    expect(plain(decodeArrow(second).get('t')).data).toEqual([2, 2]);
  });

  it('writes any texts and names so that they are read back', () => {
    const texts = fc.array(fc.string({ unit: 'binary' }), { minLength: 1, maxLength: 5 });
    fc.assert(
      fc.property(fc.string({ unit: 'binary' }), texts, (name, data) => {
        const inputs = new Map<string, RecordInput>([
          [name, { kind: 'dense', type: 'string', shape: [1, data.length], data }],
        ]);
        expect(plain(decodeArrow(encodeRecord(inputs)).get(name)).data).toEqual(data);
      }),
      runs(),
    );
  });
});
