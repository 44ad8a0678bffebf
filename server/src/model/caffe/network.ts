import type { CaffeBlob } from './caffeModel.ts';
import type { OnnxAttribute, OnnxConstant, OnnxGraph, OnnxNode } from './onnxWriter.ts';
import { CaffeRefusal, messagesOf, numbers, texts, type CaffeLayer, type CaffeNet } from './readNet.ts';
import type { TextMessage } from './prototxt.ts';

/** A value within the network. The batch, before the others, is open: 0 stands for it. */
export interface Value {
  readonly name: string;
  readonly dims: readonly number[];
}

/** The batch in `Value.dims`. */
export const openBatch = 0;
/** What it is called in the model. */
const batchName = 'N';

/** The ONNX graph while it is put together. */
export class Network {
  private readonly values = new Map<string, Value>();
  private readonly unread = new Map<string, Value>();
  private readonly nodes: OnnxNode[] = [];
  private readonly constants: OnnxConstant[] = [];
  private readonly net: CaffeNet;
  private count = 0;

  constructor(net: CaffeNet) {
    this.net = net;
    for (const { name, dims } of net.inputs)
      this.values.set(name, { name, dims: [openBatch, ...dims.slice(1)] });
  }

  /** The value that a layer reads under that name. @throws CaffeRefusal */
  read(layer: CaffeLayer, index = 0): Value {
    const bottom = layer.bottoms[index];
    const value = bottom === undefined ? undefined : this.values.get(bottom);
    if (bottom === undefined || !value)
      throw new CaffeRefusal(
        bottom === undefined
          ? `is not converted: the layer "${layer.name}" has no input.`
          : `is not converted: the layer "${layer.name}" reads "${bottom}", which no layer before it makes.`,
      );
    this.unread.delete(bottom);
    return value;
  }

  /** Gives a name of the network to a value; a layer may write over what it reads. */
  write(top: string, value: Value): void {
    this.values.set(top, value);
    this.unread.delete(top);
    this.unread.set(top, value);
  }

  /** Adds an operator with one output. @param dims  of that. @returns the output */
  add(
    operator: string,
    inputs: readonly (Value | string)[],
    dims: readonly number[],
    attributes: Readonly<Record<string, OnnxAttribute>> = {},
  ): Value {
    const output = { name: `caffe/${this.count++}`, dims };
    const names = inputs.map((input) => (typeof input === 'string' ? input : input.name));
    this.nodes.push({ operator, inputs: names, outputs: [output.name], attributes });
    return output;
  }

  /** @returns the name of it */
  constant(data: Float32Array | BigInt64Array, dims: readonly number[]): string {
    const name = `caffe/weights${this.constants.length}`;
    this.constants.push({ name, dims, data });
    return name;
  }

  number(value: number): string {
    return this.constant(Float32Array.of(value), []);
  }

  /** Whole numbers, such as a shape. */
  whole(values: readonly number[]): string {
    return this.constant(BigInt64Array.from(values, BigInt), [values.length]);
  }

  /** @param dims  as operator Reshape takes them: 0 keeps a size, -1 is what remains */
  reshape(value: Value, dims: readonly number[], result: readonly number[]): Value {
    return this.add('Reshape', [value, this.whole(dims)], result);
  }

  /** The graph: what no layer reads is answered. */
  finish(): OnnxGraph {
    const open = (dims: readonly number[]) =>
      dims.map((dim, i) => (i === 0 && dim === openBatch ? batchName : dim));
    const outputs = [...this.unread].map(([name, value]) => {
      this.nodes.push({ operator: 'Identity', inputs: [value.name], outputs: [name], attributes: {} });
      return { name, dims: open(value.dims) };
    });
    const inputs = this.net.inputs.map(({ name, dims }) => ({
      name,
      dims: open([openBatch, ...dims.slice(1)]),
    }));
    return { nodes: this.nodes, constants: this.constants, inputs, outputs };
  }
}

/** A layer with its weights while it is converted. */
export interface Work {
  readonly layer: CaffeLayer;
  readonly blobs: readonly CaffeBlob[];
  readonly network: Network;
}

/** The parameters of a layer's type, `pooling_param` say. */
export function parametersOf({ message }: CaffeLayer, name: string): Parameters {
  const parameters = messagesOf(message, name)[0];
  return {
    number: (field, otherwise) => numbers(parameters, field)[0] ?? otherwise,
    numbers: (field) => numbers(parameters, field),
    flag: (field, otherwise) => {
      const text = texts(parameters, field)[0];
      return text === undefined ? otherwise : text === 'true' || text === '1';
    },
    word: (field, otherwise) => texts(parameters, field)[0] ?? otherwise,
    message: (field) => messagesOf(parameters, field)[0],
  };
}

export interface Parameters {
  number(field: string, otherwise: number): number;
  numbers(field: string): readonly number[];
  flag(field: string, otherwise: boolean): boolean;
  word(field: string, otherwise: string): string;
  message(field: string): TextMessage | undefined;
}

/** @throws CaffeRefusal where the file of weights has none for the layer, or others than it needs */
export function blobOf({ layer, blobs }: Work, index: number, count?: number): CaffeBlob {
  const blob = blobs[index];
  if (!blob)
    throw new CaffeRefusal(
      `is not converted: the file of weights has none for the layer "${layer.name}" (${layer.type}).`,
    );
  if (count !== undefined && blob.data.length !== count)
    throw new CaffeRefusal(
      `is not converted: the layer "${layer.name}" needs ${count} weights, and the file of weights has ${blob.data.length}.`,
    );
  return blob;
}

export function product(dims: readonly number[]): number {
  return dims.reduce((all, dim) => all * dim, 1);
}

/** An axis that may be counted from the end. @throws CaffeRefusal */
export function axisOf(axis: number, { dims }: Value, layer: CaffeLayer): number {
  const counted = axis < 0 ? axis + dims.length : axis;
  if (counted >= 0 && counted < dims.length) return counted;
  throw new CaffeRefusal(
    `is not converted: the layer "${layer.name}" names the axis ${axis} of ${dims.length}.`,
  );
}
