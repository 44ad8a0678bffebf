import { BinaryReader, BinaryWriter, WireType } from '@bufbuild/protobuf/wire';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { withoutZipMaps } from '../../../server/src/model/onnx/zipMap.ts';

/* Models by hand. Numbers of fields: onnx.proto. */

const bytes = (...fields: readonly (readonly [number, Uint8Array | string])[]) => {
  const writer = new BinaryWriter();
  for (const [number, content] of fields)
    writer
      .tag(number, WireType.LengthDelimited)
      .bytes(typeof content === 'string' ? new TextEncoder().encode(content) : content);
  return writer.finish();
};
const varint = (number: number, value: number | bigint) =>
  new BinaryWriter().tag(number, WireType.Varint).int64(value).finish();
const join = (...parts: readonly Uint8Array[]) => new Uint8Array(Buffer.concat(parts));

const strings = (...names: readonly string[]) =>
  bytes([1, 'classlabels_strings'], ...names.map((name) => [9, name] as const));
const packed = (...values: readonly bigint[]) => {
  const inner = new BinaryWriter();
  for (const value of values) inner.int64(value);
  return bytes([1, 'classlabels_int64s'], [8, inner.finish()]);
};
const unpacked = (...values: readonly bigint[]) =>
  join(bytes([1, 'classlabels_int64s']), ...values.map((value) => varint(8, value)));

const node = (operator: string, input: string, output: string, ...attributes: readonly Uint8Array[]) =>
  bytes(
    [1, input],
    [2, output],
    [3, 'a name'],
    [4, operator],
    [7, 'ai.onnx.ml'],
    ...attributes.map((one) => [5, one] as const),
  );
const graph = (nodes: readonly Uint8Array[], outputs: readonly string[]) =>
  bytes(
    ...nodes.map((one) => [1, one] as const),
    [2, 'the graph'],
    ...outputs.map((name) => [12, bytes([1, name], [2, 'a map'])] as const),
  );
const opset = (domain: string) => join(bytes([1, domain]), varint(2, 3));
const model = (content: Uint8Array, ...domains: readonly string[]) =>
  join(
    varint(1, 8),
    bytes([2, 'a producer'], [7, content], ...domains.map((domain) => [8, opset(domain)] as const)),
  );

interface Field {
  readonly number: number;
  readonly content: Uint8Array;
}
function read(message: Uint8Array): Field[] {
  const reader = new BinaryReader(message);
  const fields: Field[] = [];
  while (reader.pos < reader.len) {
    const [number, wire] = reader.tag();
    if (wire === WireType.LengthDelimited) fields.push({ number, content: reader.bytes() });
    else {
      reader.skip(wire);
      fields.push({ number, content: new Uint8Array() });
    }
  }
  return fields;
}
const all = (message: Uint8Array, number: number) =>
  read(message)
    .filter((one) => one.number === number)
    .map(({ content }) => content);
const textIn = (message: Uint8Array, number: number) => Buffer.from(all(message, number)[0] ?? []).toString();

describe('a model without ZipMap', () => {
  test('is left as it is', () => {
    expect(
      withoutZipMaps(model(graph([node('TreeEnsembleClassifier', 'x', 'p')], ['p']), 'ai.onnx.ml')),
    ).toBeUndefined();
    expect(withoutZipMaps(new Uint8Array())).toBeUndefined();
  });

  test.each(['zipmap', 'ZipMap2', ''])('but with an operator called %j is left, too', (operator) => {
    expect(withoutZipMaps(model(graph([node(operator, 'x', 'p', strings('a'))], ['p'])))).toBeUndefined();
  });
});

describe('a model with ZipMap', () => {
  test.each<[string, Uint8Array, string[]]>([
    ['strings', strings('cat', '', '猫', '__proto__'), ['cat', '', '猫', '__proto__']],
    [
      'packed numbers',
      packed(0n, -1n, 2n ** 53n + 1n, -(2n ** 63n)),
      ['0', '-1', '9007199254740993', '-9223372036854775808'],
    ],
    ['numbers one by one', unpacked(0n, 300n, -5n), ['0', '300', '-5']],
    ['no classes', strings(), []],
  ])('names its classes by %s', (_, attribute, classes) => {
    const plain = withoutZipMaps(model(graph([node('ZipMap', 'p', 'map', attribute)], ['map']), ''));
    expect([...(plain?.labels ?? [])]).toEqual([['map', classes]]);
  });

  test('hands over the tensor before it, under the name of the output', () => {
    const nodes = [node('TreeEnsembleClassifier', 'x', 'p'), node('ZipMap', 'p', 'map', strings('a', 'b'))];
    const plain = withoutZipMaps(model(graph(nodes, ['label', 'map']), '')) ?? expect.fail('no ZipMap found');
    const [changed = new Uint8Array()] = all(plain.bytes, 7);
    const [first, second = new Uint8Array()] = all(changed, 1);
    expect(Uint8Array.from(first ?? [])).toEqual(nodes[0]);
    expect([textIn(second, 1), textIn(second, 2), textIn(second, 4), textIn(second, 7)]).toEqual([
      'p',
      'map',
      'Identity',
      '',
    ]);
    const [label, map = new Uint8Array()] = all(changed, 12);
    expect(Uint8Array.from(label ?? [])).toEqual(bytes([1, 'label'], [2, 'a map']));
    expect(textIn(map, 1)).toBe('map');
    // A tensor of float32 with two dimensions.
    const tensor = all(all(map, 2)[0] ?? new Uint8Array(), 1)[0] ?? new Uint8Array();
    expect(all(all(tensor, 2)[0] ?? new Uint8Array(), 1)).toHaveLength(2);
  });

  test('keeps everything else, in its order', () => {
    const before = model(graph([node('ZipMap', 'p', 'map', strings('a'))], ['map']), '', 'ai.onnx.ml');
    const plain = withoutZipMaps(before) ?? expect.fail('no ZipMap found');
    expect(read(plain.bytes).map(({ number }) => number)).toEqual(read(before).map(({ number }) => number));
    expect(textIn(plain.bytes, 2)).toBe('a producer');
    expect(textIn(all(plain.bytes, 7)[0] ?? new Uint8Array(), 2)).toBe('the graph');
  });

  test.each<[readonly string[], number]>([
    [[''], 1],
    [['ai.onnx'], 1],
    [['ai.onnx.ml'], 2],
    [[], 1],
  ])('of the operator sets %j imports the one of Identity', (domains, count) => {
    const plain = withoutZipMaps(
      model(graph([node('ZipMap', 'p', 'map', strings('a'))], ['map']), ...domains),
    );
    expect(all(plain?.bytes ?? new Uint8Array(), 8)).toHaveLength(count);
  });

  test('may have several, each with its own classes', () => {
    const nodes = [node('ZipMap', 'p', 'm1', strings('a')), node('ZipMap', 'q', 'm2', packed(7n))];
    const plain = withoutZipMaps(model(graph(nodes, ['m1', 'm2']), ''));
    expect([...(plain?.labels ?? [])]).toEqual([
      ['m1', ['a']],
      ['m2', ['7']],
    ]);
  });

  test('that is cut off anywhere never becomes another model silently', () => {
    const whole = model(graph([node('ZipMap', 'p', 'map', strings('a', 'b'))], ['map']), '');
    fc.assert(
      fc.property(fc.nat({ max: whole.length - 1 }), (length) => {
        let plain;
        try {
          plain = withoutZipMaps(whole.subarray(0, length));
        } catch {
          return;
        }
        expect([undefined, 2]).toContain(plain?.labels.get('map')?.length);
      }),
    );
  });
});
