import { BinaryWriter, WireType } from '@bufbuild/protobuf/wire';

/** What is written as an ONNX model. @see onnx/onnx.proto */
export interface OnnxGraph {
  readonly nodes: readonly OnnxNode[];
  readonly constants: readonly OnnxConstant[];
  readonly inputs: readonly OnnxValue[];
  readonly outputs: readonly OnnxValue[];
}

export interface OnnxNode {
  readonly operator: string;
  /** Of the operator; that of ONNX itself where it is left out. */
  readonly domain?: keyof typeof domainVersions;
  readonly inputs: readonly string[];
  readonly outputs: readonly string[];
  readonly attributes: Readonly<Record<string, OnnxAttribute>>;
}

export type OnnxAttribute =
  | { readonly int: number }
  | { readonly float: number }
  | { readonly ints: readonly number[] }
  | { readonly floats: readonly number[] }
  | { readonly text: string };

export interface OnnxConstant {
  readonly name: string;
  readonly dims: readonly number[];
  readonly data: Float32Array | BigInt64Array;
}

/** A tensor of float32. */
export interface OnnxValue {
  readonly name: string;
  /** A name stands for a size that is open; without them the runtime finds the shape by itself. */
  readonly dims?: readonly (number | string)[];
}

export const opset = 17;
const irVersion = 8;
/** Of operators that are not of ONNX itself. */
const domainVersions = { 'com.microsoft': 1, 'ai.onnx.ml': 3 } as const;
const elementTypes = { float32: 1, int64: 7 } as const;
const attributeTypes = { float: 1, int: 2, text: 3, floats: 6, ints: 7 } as const;

/** @param producer  what made the model, for people */
export function writeOnnx(graph: OnnxGraph, producer: string): Uint8Array {
  const writer = new BinaryWriter();
  writer.tag(1, WireType.Varint).int64(irVersion);
  text(writer, 2, producer);
  message(writer, 7, (part) => writeGraph(part, graph));
  message(writer, 8, (part) => part.tag(2, WireType.Varint).int64(opset));
  for (const domain of new Set(graph.nodes.flatMap((node) => node.domain ?? [])))
    message(writer, 8, (part) => {
      text(part, 1, domain);
      part.tag(2, WireType.Varint).int64(domainVersions[domain]);
    });
  return writer.finish();
}

function writeGraph(writer: BinaryWriter, { nodes, constants, inputs, outputs }: OnnxGraph): void {
  for (const node of nodes) message(writer, 1, (part) => writeNode(part, node));
  text(writer, 2, 'network');
  for (const constant of constants) message(writer, 5, (part) => writeConstant(part, constant));
  for (const value of inputs) message(writer, 11, (part) => writeValue(part, value));
  for (const value of outputs) message(writer, 12, (part) => writeValue(part, value));
}

function writeNode(writer: BinaryWriter, { operator, domain, inputs, outputs, attributes }: OnnxNode): void {
  for (const name of inputs) text(writer, 1, name);
  for (const name of outputs) text(writer, 2, name);
  text(writer, 3, outputs[0] ?? '');
  text(writer, 4, operator);
  for (const [name, value] of Object.entries(attributes))
    message(writer, 5, (part) => writeAttribute(part, name, value));
  if (domain !== undefined) text(writer, 7, domain);
}

function writeAttribute(writer: BinaryWriter, name: string, value: OnnxAttribute): void {
  text(writer, 1, name);
  if ('float' in value) writer.tag(2, WireType.Bit32).float(value.float);
  else if ('int' in value) writer.tag(3, WireType.Varint).int64(value.int);
  else if ('text' in value) text(writer, 4, value.text);
  else if ('floats' in value) for (const each of value.floats) writer.tag(7, WireType.Bit32).float(each);
  else for (const each of value.ints) writer.tag(8, WireType.Varint).int64(each);
  const [kind] = Object.keys(value) as [keyof typeof attributeTypes];
  writer.tag(20, WireType.Varint).int32(attributeTypes[kind]);
}

function writeConstant(writer: BinaryWriter, { name, dims, data }: OnnxConstant): void {
  for (const dim of dims) writer.tag(1, WireType.Varint).int64(dim);
  const type = data instanceof Float32Array ? elementTypes.float32 : elementTypes.int64;
  writer.tag(2, WireType.Varint).int32(type);
  text(writer, 8, name);
  writer
    .tag(9, WireType.LengthDelimited)
    .bytes(new Uint8Array(data.buffer, data.byteOffset, data.byteLength));
}

function writeValue(writer: BinaryWriter, { name, dims }: OnnxValue): void {
  text(writer, 1, name);
  message(writer, 2, (type) =>
    message(type, 1, (tensor) => {
      tensor.tag(1, WireType.Varint).int32(elementTypes.float32);
      if (!dims) return;
      message(tensor, 2, (shape) => {
        for (const dim of dims) message(shape, 1, (part) => writeDim(part, dim));
      });
    }),
  );
}

function writeDim(writer: BinaryWriter, dim: number | string): void {
  if (typeof dim === 'string') text(writer, 2, dim);
  else writer.tag(1, WireType.Varint).int64(dim);
}

function text(writer: BinaryWriter, number: number, value: string): void {
  writer.tag(number, WireType.LengthDelimited).string(value);
}

function message(writer: BinaryWriter, number: number, write: (writer: BinaryWriter) => unknown): void {
  writer.tag(number, WireType.LengthDelimited).fork();
  write(writer);
  writer.join();
}
