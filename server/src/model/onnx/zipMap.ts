import { BinaryReader, BinaryWriter, WireType } from '@bufbuild/protobuf/wire';

/* scikit-learn's converter ends a classifier with ZipMap, which makes of a row of probabilities a map from each class to its
   own: a sequence of maps, which the runtime's binding cannot hand over. The operator only regroups what the tensor before
   it holds, so it is replaced by Identity, and the output is that tensor. Nothing else of the model is changed.
   @see onnx.proto for the numbers of fields, onnx-ml for ZipMap */

/** The model without ZipMap, and the classes of each output that came out of one. */
export interface PlainModel {
  readonly bytes: Uint8Array;
  readonly labels: ReadonlyMap<string, readonly string[]>;
}

/** A field of a message: what it holds, and its bytes as they stand. */
interface Field {
  readonly number: number;
  readonly wire: WireType;
  /** Of a field with a length. */
  readonly content: Uint8Array;
  readonly raw: Uint8Array;
}

const model = { opset: 8, graph: 7 } as const;
const graphFields = { node: 1, output: 12 } as const;
const node = { input: 1, output: 2, operator: 4, attribute: 5, domain: 7 } as const;
const attribute = { name: 1, ints: 8, strings: 9 } as const;
const float = 1;

/** @returns undefined where the model has no ZipMap */
export function withoutZipMaps(bytes: Uint8Array): PlainModel | undefined {
  const labels = new Map<string, readonly string[]>();
  const plain = rewrite(bytes, (field) =>
    field.number === model.graph ? lengthField(model.graph, plainGraph(field.content, labels)) : field.raw,
  );
  return labels.size === 0 ? undefined : { bytes: concat([plain, ...missingOpset(bytes)]), labels };
}

function plainGraph(graph: Uint8Array, labels: Map<string, readonly string[]>): Uint8Array {
  const withNodes = rewrite(graph, (field) =>
    field.number === graphFields.node ? (plainNode(field.content, labels) ?? field.raw) : field.raw,
  );
  return rewrite(withNodes, (field) => {
    if (field.number !== graphFields.output) return field.raw;
    const name = text(fieldsOf(field.content).find(({ number }) => number === 1)?.content);
    return labels.has(name) ? lengthField(graphFields.output, floatTensor(name)) : field.raw;
  });
}

/** Identity in place of ZipMap; undefined for any other node. */
function plainNode(bytes: Uint8Array, labels: Map<string, readonly string[]>): Uint8Array | undefined {
  const fields = fieldsOf(bytes);
  const textOf = (number: number) => text(fields.find((field) => field.number === number)?.content);
  if (textOf(node.operator) !== 'ZipMap') return undefined;
  const output = textOf(node.output);
  labels.set(
    output,
    fields.filter(({ number }) => number === node.attribute).flatMap(({ content }) => classesOf(content)),
  );
  const identity = concat([
    textField(node.input, textOf(node.input)),
    textField(node.output, output),
    textField(node.operator, 'Identity'),
  ]);
  return lengthField(graphFields.node, identity);
}

/** The classes of one attribute, strings or numbers. */
function classesOf(bytes: Uint8Array): string[] {
  const classes: string[] = [];
  for (const { number, wire, content, raw } of fieldsOf(bytes)) {
    if (number === attribute.strings) classes.push(text(content));
    if (number !== attribute.ints) continue;
    // Packed or not, as the writer likes.
    const reader = new BinaryReader(wire === WireType.LengthDelimited ? content : raw);
    if (wire !== WireType.LengthDelimited) reader.tag();
    while (reader.pos < reader.len) classes.push(String(reader.int64()));
  }
  return classes;
}

/** A tensor of float32 [rows, classes] by its name. */
function floatTensor(name: string): Uint8Array {
  const shape = concat([lengthField(1, new Uint8Array()), lengthField(1, new Uint8Array())]);
  const tensor = concat([
    new BinaryWriter().tag(1, WireType.Varint).int32(float).finish(),
    lengthField(2, shape),
  ]);
  return concat([textField(1, name), lengthField(2, lengthField(1, tensor))]);
}

/** A model of ai.onnx.ml's operators alone does not import those that Identity is among. */
function missingOpset(bytes: Uint8Array): Uint8Array[] {
  const hasOnnx = fieldsOf(bytes)
    .filter(({ number }) => number === model.opset)
    .some(({ content }) => {
      const domain = text(fieldsOf(content).find(({ number }) => number === 1)?.content);
      return domain === '' || domain === 'ai.onnx';
    });
  const oldestWithIdentity = 13;
  const opset = new BinaryWriter().tag(2, WireType.Varint).int64(oldestWithIdentity).finish();
  return hasOnnx ? [] : [lengthField(model.opset, opset)];
}

function rewrite(bytes: Uint8Array, change: (field: Field) => Uint8Array): Uint8Array {
  return concat(fieldsOf(bytes).map(change));
}

function fieldsOf(bytes: Uint8Array): Field[] {
  const reader = new BinaryReader(bytes);
  const fields: Field[] = [];
  while (reader.pos < reader.len) {
    const start = reader.pos;
    const [number, wire] = reader.tag();
    const skipped = reader.skip(wire, number);
    const raw = bytes.subarray(start, reader.pos);
    const content = wire === WireType.LengthDelimited ? new BinaryReader(skipped).bytes() : new Uint8Array();
    fields.push({ number, wire, content, raw });
  }
  return fields;
}

function lengthField(number: number, content: Uint8Array): Uint8Array {
  return new BinaryWriter().tag(number, WireType.LengthDelimited).bytes(content).finish();
}

function textField(number: number, content: string): Uint8Array {
  return lengthField(number, new TextEncoder().encode(content));
}

function text(bytes: Uint8Array | undefined): string {
  return new TextDecoder().decode(bytes);
}

function concat(parts: readonly Uint8Array[]): Uint8Array {
  return Buffer.concat(parts);
}
