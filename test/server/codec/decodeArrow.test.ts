import {
  Bool,
  Field,
  Float16,
  Float32,
  Float64,
  Int8,
  Int16,
  Int32,
  Int64,
  LargeUtf8,
  List,
  Struct,
  Table,
  Uint8,
  Uint16,
  Uint32,
  Uint64,
  Utf8,
  vectorFromArray,
  tableToIPC,
  type DataType,
} from 'apache-arrow';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { decodeArrow } from '../../../server/src/codec/decodeArrow.ts';
import { parseInstances } from '../../../server/src/codec/instances.ts';
import type { RecordInput } from '../../../server/src/tensor/tensor.ts';
import { codeOf, plain, recorded, recordings, type Expected } from './wire.ts';
import { runs } from '../../support/runs.ts';

/** What the recording calls by other words. */
function expectedInput(expected: Expected): Record<string, unknown> {
  switch (expected.kind) {
    case 'strings': {
      const data = expected.data as readonly string[];
      return { kind: 'dense', shape: [data.length], data };
    }
    case 'ambiguous':
      return { kind: 'image', base64: expected.wire };
    case 'image':
      return { kind: 'image', ...('b64' in expected ? { base64: expected.b64 } : {}) };
    case 'sparse':
      return { ...expected, indices: (expected.indices as number[][]).flat() };
    default:
      return { ...expected };
  }
}

function base64Of(column: unknown[], type: DataType): string {
  const table = new Table({ t: vectorFromArray(column, type) });
  return Buffer.from(tableToIPC(table, 'stream')).toString('base64');
}

function tensorType(item: DataType, shapeItem: DataType = new Int32()): Struct {
  return new Struct([
    new Field('shape', new List(new Field('item', shapeItem, true)), true),
    new Field('data', new List(new Field('item', item, true)), true),
  ]);
}

describe('decodeArrow reads what the original clients wrote', () => {
  const written = [...recordings('client'), ...recordings('client-pyarrow26')];

  it.each(written.filter(([, file]) => file.entry !== undefined))('%s', (_, { entry, expect: expected }) => {
    const inputs = decodeArrow(entry?.data ?? '');
    expect([...inputs.keys()]).toEqual(Object.keys(expected ?? {}));
    for (const [name, value] of Object.entries(expected ?? {}))
      expect(plain(inputs.get(name))).toMatchObject(expectedInput(value));
  });

  const frontend = recordings('frontend-instance').filter(([, file]) => (file.entries ?? []).length > 0);

  it.each(frontend)('%s, as the request body it was made of', (_, { entries, requestBody }) => {
    const instances = parseInstances(requestBody);
    expect(entries?.length).toBe(instances.length);
    for (const [i, entry] of (entries ?? []).entries()) {
      const inputs = decodeArrow(entry.data);
      const asked = instances[i] ?? new Map<string, RecordInput>();
      // The Scala frontend has the columns in the order of a hash table.
      expect([...inputs.keys()].sort()).toEqual([...asked.keys()].sort());
      // In Arrow it wrote the fractions of JSON as float32.
      for (const [name, input] of asked) {
        const { type, ...rest } = plain(input);
        const written = type === 'float64' ? 'float32' : type;
        const data = type === 'float64' ? (rest.data as number[]).map(Math.fround) : rest.data;
        expect(plain(inputs.get(name))).toEqual(
          input.kind === 'image' ? plain(input) : { ...rest, type: written, data },
        );
      }
    }
  });
});

describe('decodeArrow', () => {
  it.each([
    ['float16', new Float16(), [1.5, -2]],
    ['float32', new Float32(), [1.5, -2]],
    ['float64', new Float64(), [1.5, -2]],
    ['int8', new Int8(), [1, -2]],
    ['int16', new Int16(), [1, -2]],
    ['int32', new Int32(), [1, -2]],
    ['int64', new Int64(), [1n, -2n]],
    ['uint8', new Uint8(), [1, 200]],
    ['uint16', new Uint16(), [1, 60_000]],
    ['uint32', new Uint32(), [1, 70_000]],
    ['uint64', new Uint64(), [1n, 70_000n]],
    ['bool', new Bool(), [true, false]],
    ['utf8', new Utf8(), ['ä', '']],
    ['large utf8', new LargeUtf8(), ['ä', 'b|c']],
  ] as const)('reads a tensor of %s', (name, type, values) => {
    const decoded = decodeArrow(base64Of([{ shape: [2, 1], data: [...values] }], tensorType(type)));
    const expected = values.map((value) => (typeof value === 'boolean' ? Number(value) : value));
    const halves = name === 'float16' ? [0x3e00, 0xc000] : expected;
    expect(plain(decoded.get('t'))).toEqual({
      kind: 'dense',
      type: name.includes('utf8') ? 'string' : name,
      shape: [2, 1],
      data: halves,
    });
  });

  it.each([
    ['a shape of other size', { shape: [3], data: [1, 2] }],
    ['a negative axis', { shape: [-1, -2], data: [1, 2] }],
    ['a huge shape', { shape: [2147483647, 2147483647, 2147483647, 0.5], data: [1, 2] }],
    ['nulls among its values', { shape: [2], data: [1, null] }],
    ['nulls in its shape', { shape: [2, null], data: [1, 2] }],
    ['too many axes', { shape: Array<number>(40).fill(1), data: [1] }],
  ])('refuses a tensor with %s', (_, value) => {
    expect(codeOf(() => decodeArrow(base64Of([value], tensorType(new Float32()))))).toBe(
      'record-undecodable',
    );
  });

  it('keeps values of 64 bits to the last digit', () => {
    const read = (value: bigint, type: DataType) =>
      plain(decodeArrow(base64Of([{ shape: [1], data: [value] }], tensorType(type))).get('t')).data;
    expect(read(2n ** 63n - 1n, new Int64())).toEqual([2n ** 63n - 1n]);
    expect(read(-(2n ** 63n), new Int64())).toEqual([-(2n ** 63n)]);
    expect(read(2n ** 64n - 1n, new Uint64())).toEqual([2n ** 64n - 1n]);
  });

  it('says of numbers that they came in Arrow', () => {
    const data = base64Of([{ shape: [1], data: [1] }], tensorType(new Int32()));
    expect(decodeArrow(data).get('t')).toMatchObject({ origin: 'arrow' });
  });

  it('takes shapes of 64 bits as long as their sizes fit 32', () => {
    const of = (size: bigint) =>
      base64Of([{ shape: [size], data: [1, 2] }], tensorType(new Float32(), new Int64()));
    expect(plain(decodeArrow(of(2n)).get('t'))).toMatchObject({ shape: [2], data: [1, 2] });
    expect(codeOf(() => decodeArrow(of(2n ** 32n + 2n)))).toBe('record-undecodable');
  });

  it('reads messages without the continuation marker', () => {
    const bytes = Buffer.from(recorded('client/dense-2d.json').entry?.data ?? '', 'base64');
    const schemaEnd = 8 + bytes.readUInt32LE(4);
    // Without the markers everything moves up by four bytes, so the floats are not aligned any more.
    const old = Buffer.concat([
      bytes.subarray(4, schemaEnd),
      bytes.subarray(schemaEnd + 4, -8),
      Buffer.alloc(4),
    ]);
    const now = decodeArrow(bytes.toString('base64'));
    expect(plain(decodeArrow(old.toString('base64')).get('t'))).toEqual(plain(now.get('t')));
  });

  it('takes the one value of a column that has nulls beside it', () => {
    const data = base64Of([null, 'a|b', null], new Utf8());
    expect(plain(decodeArrow(data).get('t'))).toEqual({
      kind: 'dense',
      type: 'string',
      shape: [2],
      data: ['a', 'b'],
    });
  });

  it.each([
    ['several numbers in a plain column', base64Of([1, 2], new Float32())],
    ['only nulls', base64Of([null], new Float32())],
    ['a bare list', base64Of([[1, 2]], new List(new Field('item', new Float32(), true)))],
    ['a struct without data', base64Of([{ a: 1 }], new Struct([new Field('a', new Int32(), true)]))],
    [
      'a dictionary',
      Buffer.from(tableToIPC(new Table({ t: vectorFromArray(['a', 'a']) }))).toString('base64'),
    ],
    ['no base64', '%%%not base64'],
    ['base64 that is not Arrow', 'dGhpcyBpcyBub3QgYXJyb3c='],
    ['nothing', ''],
  ])('refuses %s', (_, data) => {
    expect(codeOf(() => decodeArrow(data))).toBe('record-undecodable');
  });

  it('answers damaged payloads with inputs or the one error, soon and within their memory', () => {
    const payloads = [...recordings('client'), ...recordings('frontend-instance')]
      .flatMap(([, file]) => [file.entry, ...(file.entries ?? [])])
      .flatMap((entry) => (entry === undefined ? [] : [Buffer.from(entry.data, 'base64')]));
    const change = fc.tuple(fc.nat(), fc.oneof(fc.nat(255), fc.constantFrom(0, 1, 127, 128, 255)));
    const damage = fc.tuple(
      fc.constantFrom(...payloads),
      fc.array(change, { minLength: 1, maxLength: 12 }),
      fc.option(fc.nat()),
    );
    fc.assert(
      fc.property(damage, ([payload, changes, cut]) => {
        const bytes = Buffer.from(payload);
        for (const [at, value] of changes) bytes[at % bytes.length] = value;
        const data = bytes.subarray(0, cut === null ? bytes.length : cut % bytes.length).toString('base64');
        expect(['accepted', 'record-undecodable']).toContain(codeOf(() => decodeArrow(data)));
      }),
      runs(3000),
    );
  });
});
