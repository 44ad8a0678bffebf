import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import {
  decodeTypedRecord,
  decodeTypedResult,
  encodeTypedFailure,
  encodeTypedRecord,
  encodeTypedResult,
} from '../../../server/src/codec/typedForm.ts';
import { elementTypes, numericType, viewOf } from '../../../server/src/tensor/elementTypes.ts';
import type { Tensor } from '../../../server/src/tensor/tensor.ts';
import { runs } from '../../support/runs.ts';
import { codeOf } from './wire.ts';

const shapeOf = fc.array(fc.nat(3), { maxLength: 4 });
const tensorOf: fc.Arbitrary<Tensor> = fc
  .tuple(fc.constantFrom(...elementTypes), shapeOf)
  .chain(([type, shape]): fc.Arbitrary<Tensor> => {
    const count = shape.reduce((a, b) => a * b, 1);
    if (type === 'string') {
      const element = fc.oneof(fc.string({ unit: 'binary' }), fc.constant(Uint8Array.of(255, 0, 200)));
      return fc.array(element, { minLength: count, maxLength: count }).map((data) => ({ type, shape, data }));
    }
    const size = count * numericType(type).bytes;
    return fc.uint8Array({ minLength: size, maxLength: size }).map((bytes) => ({
      type,
      shape,
      data: viewOf(type, type === 'bool' ? bytes.map((one) => one & 1) : bytes),
    }));
  });
const nameOf = fc.oneof(
  fc.constantFrom('__proto__', 'constructor', '', '"\\\n', 'ünïcode', '\u2028'),
  fc.string({ unit: 'binary' }),
);
const recordOf = fc
  .uniqueArray(fc.tuple(nameOf, tensorOf), { minLength: 1, maxLength: 4, selector: ([name]) => name })
  .map((entries) => new Map(entries));

/** The bytes at any place in memory, as sockets leave them. */
function moved(bytes: Buffer, by: number): Buffer {
  const room = Buffer.alloc(bytes.length + by);
  bytes.copy(room, by);
  return room.subarray(by);
}

const plain = ({ type, shape, data }: Tensor) => ({
  type,
  shape,
  // By their bytes, for NaN has many.
  data: Array.isArray(data)
    ? [...(data as unknown[])]
    : Buffer.from(
        new Uint8Array(
          (data as Uint8Array).buffer,
          (data as Uint8Array).byteOffset,
          (data as Uint8Array).byteLength,
        ),
      ).toString('hex'),
});

describe('tensors of every type and shape', () => {
  test('come back from a record as they were, wherever its bytes lie', () => {
    fc.assert(
      fc.property(recordOf, fc.nat(9), (record, by) => {
        const read = decodeTypedRecord(moved(encodeTypedRecord(record), by));
        expect([...read].map(([name, tensor]) => [name, plain(tensor as Tensor)])).toEqual(
          [...record].map(([name, tensor]) => [name, plain(tensor)]),
        );
      }),
      runs(1_000),
    );
  });

  test('come back from a result in its order, with names for those that have none', () => {
    fc.assert(
      fc.property(fc.array(tensorOf, { minLength: 1, maxLength: 3 }), (outputs) => {
        const read = decodeTypedResult(encodeTypedResult(outputs, ['__proto__']));
        expect(read.map(plain)).toEqual(outputs.map(plain));
        expect(read.map(({ name }) => name)).toEqual(
          ['__proto__', 'output1', 'output2'].slice(0, read.length),
        );
      }),
      runs(500),
    );
  });

  test('an image comes back as its bytes', () => {
    const bytes = Uint8Array.of(1, 2, 3);
    const read = decodeTypedRecord(encodeTypedRecord(new Map([['p', { kind: 'imageFile', bytes }]])));
    expect(read.get('p')).toEqual({ kind: 'imageFile', bytes: Buffer.from(bytes) });
  });
});

describe('damaged bytes', () => {
  const sample = encodeTypedRecord(
    new Map<string, Tensor>([
      ['a', { type: 'int64', shape: [2], data: BigInt64Array.of(1n, 2n) }],
      ['t', { type: 'string', shape: [2], data: ['one', 'two'] }],
      ['b', { type: 'bool', shape: [3], data: Uint8Array.of(0, 1, 1) }],
    ]),
  );

  test('are refused or read, and never break anything', () => {
    const change = fc.tuple(fc.nat(sample.length - 1), fc.nat(255));
    fc.assert(
      fc.property(fc.array(change, { minLength: 1, maxLength: 4 }), fc.nat(sample.length), (changes, cut) => {
        const bytes = Buffer.from(sample);
        for (const [at, value] of changes) bytes[at] = value;
        for (const part of [bytes, bytes.subarray(0, cut)]) {
          expect(['accepted', 'record-undecodable']).toContain(codeOf(() => decodeTypedRecord(part)));
          expect(['accepted', 'record-undecodable', 'model-run-failed']).toContain(
            codeOf(() => decodeTypedResult(part)),
          );
        }
      }),
      runs(4_000),
    );
  });

  test('cut anywhere they are refused, also after the whole was read', () => {
    decodeTypedRecord(sample);
    // The last tensor is filled up to a multiple of eight.
    for (let end = 0; end < sample.length - 5; end++)
      expect(codeOf(() => decodeTypedRecord(sample.subarray(0, end)))).toBe('record-undecodable');
  });

  const header = (json: string, body = ''): Buffer => {
    const head = Buffer.alloc(4);
    head.writeUInt32LE(1 | (json.length << 8));
    return Buffer.concat([head, Buffer.from(json), Buffer.from(body, 'latin1')]);
  };
  const entry = (more: object) =>
    JSON.stringify({
      inputs: [{ name: 'x', datatype: 'FP32', shape: [1], parameters: { binary_data_size: 4 }, ...more }],
    });

  test.each<[string, string, string]>([
    ['no JSON', '{', ''],
    ['null', 'null', ''],
    ['no tensors', '{"inputs":[]}', ''],
    ['inputs that are no list', '{"inputs":{}}', ''],
    ['an entry that is null', '{"inputs":[null]}', ''],
    ['no name', entry({ name: 7 }), '\0\0\0\0'],
    ['an unknown datatype', entry({ datatype: 'constructor' }), '\0\0\0\0'],
    ['sizes that do not fit the shape', entry({ shape: [2] }), '\0\0\0\0'],
    ['a huge shape', entry({ shape: [2 ** 30, 2 ** 30, 0.5] }), '\0\0\0\0'],
    ['a negative shape', entry({ shape: [-1] }), '\0\0\0\0'],
    ['a shape of texts', entry({ shape: ['1'] }), '\0\0\0\0'],
    ['a size beyond what came', entry({ shape: [2 ** 40], parameters: { binary_data_size: 2 ** 42 } }), ''],
    ['a size of a fraction', entry({ parameters: { binary_data_size: 0.5 } }), ''],
    ['no size', entry({ parameters: null }), ''],
    ['strings by the billion', entry({ datatype: 'BYTES', shape: [2 ** 40] }), '\0\0\0\0'],
    ['a string longer than its bytes', entry({ datatype: 'BYTES' }), '\xff\xff\xff\xff'],
    ['a bool of two', entry({ datatype: 'BOOL', parameters: { binary_data_size: 1 } }), '\x02'],
  ])('a header with %s is refused', (_, json, body) => {
    expect(codeOf(() => decodeTypedRecord(header(json, body)))).toBe('record-undecodable');
  });

  test('a name that is there twice is refused', () => {
    const [one] = (JSON.parse(entry({})) as { inputs: object[] }).inputs;
    const twice = header(JSON.stringify({ inputs: [one, one] }), '\0'.repeat(16));
    expect(codeOf(() => decodeTypedRecord(twice))).toBe('record-undecodable');
  });
});

describe('a failure', () => {
  test('carries its code and its message', () => {
    const bytes = encodeTypedFailure('input-mismatch', 'Input "x"\n[0] is ü.');
    expect(() => decodeTypedResult(bytes)).toThrow(
      expect.objectContaining({ code: 'input-mismatch', message: 'Input "x"\n[0] is ü.' }) as Error,
    );
  });

  test('of a code that is not known is still one', () => {
    const json = '{"error":{"code":"toString","message":"x"}}';
    const head = Buffer.alloc(4);
    head.writeUInt32LE(1 | (json.length << 8));
    expect(codeOf(() => decodeTypedResult(Buffer.concat([head, Buffer.from(json)])))).toBe(
      'model-run-failed',
    );
  });
});
