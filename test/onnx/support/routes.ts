import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { parse } from 'lossless-json';
import { bytesToStrings, stringsToBytes } from '../../../server/src/codec/typedForm.ts';
import {
  bytesOf,
  datatypeOf,
  elementTypeOf,
  numericType,
  viewOf,
  type ElementType,
} from '../../../server/src/tensor/elementTypes.ts';
import { float16Bits, halfToNumber } from '../../../server/src/tensor/half.ts';
import { elementCount, isStrings, type Tensor, type TensorData } from '../../../server/src/tensor/tensor.ts';
import type { Workshop } from '../../support/serving.ts';

/** By name. */
export type Tensors = ReadonlyMap<string, Tensor>;

/** A model that is served: where its frontend and its config are. */
export interface Served {
  readonly url: string;
  /** Of the model, which is that of its job. */
  readonly name: string;
  readonly config: string;
  readonly shop: Workshop;
}

/** Asks for one record. @param types  of the outputs, for the routes that do not say them
 *  @returns the outputs in the model's order @throws Error with what came instead */
export type Route = (
  served: Served,
  inputs: Tensors,
  types: readonly ElementType[],
) => Promise<readonly Tensor[]>;

export const routes: Readonly<Record<'v2 binary' | 'v2 JSON' | '/predict' | 'predict', Route>> = {
  'v2 binary': askBinary,
  'v2 JSON': askJson,
  '/predict': askPredict,
  predict: askCommand,
};

/** JSON has no numbers that are not finite, and no lists that say how long the lists in them would be. */
export function isForJson(tensors: Iterable<Tensor>): boolean {
  for (const { type, shape, data } of tensors) {
    if (shape.length > 1 && data.length === 0) return false;
    if (!type.startsWith('float')) continue;
    for (const value of data as Float32Array)
      if (!Number.isFinite(type === 'float16' ? halfToNumber(value) : value)) return false;
  }
  return true;
}

async function askBinary({ url, name }: Served, inputs: Tensors): Promise<readonly Tensor[]> {
  const parts = [...inputs].map(([input, { type, shape, data }]) => {
    const bytes = isStrings(data) ? stringsToBytes(data) : bytesOf(data);
    const head = {
      name: input,
      datatype: datatypeOf(type),
      shape,
      parameters: { binary_data_size: bytes.length },
    };
    return { head, bytes };
  });
  const head = Buffer.from(
    JSON.stringify({ inputs: parts.map((part) => part.head), parameters: { binary_data_output: true } }),
  );
  const response = await fetch(`${url}/v2/models/${name}/infer`, {
    method: 'POST',
    body: Buffer.concat([head, ...parts.map(({ bytes }) => bytes)]),
    headers: { 'inference-header-content-length': String(head.length) },
  });
  const body = Buffer.from(await response.arrayBuffer());
  if (response.status !== 200) throw new Error(`${response.status}: ${body.toString()}`);
  const length = Number(response.headers.get('inference-header-content-length'));
  const { outputs } = JSON.parse(body.toString('utf8', 0, length)) as {
    outputs: { datatype: string; shape: number[]; parameters: { binary_data_size: number } }[];
  };
  let at = length;
  return outputs.map(({ datatype, shape, parameters }) => {
    const bytes = body.subarray(at, (at += parameters.binary_data_size));
    const type = elementTypeOf(datatype) as ElementType;
    const data =
      type === 'string' ? bytesToStrings('', bytes, elementCount(shape) ?? -1) : viewOf(type, bytes);
    return { type, shape, data };
  });
}

async function askJson({ url, name }: Served, inputs: Tensors): Promise<readonly Tensor[]> {
  const texts = [...inputs].map(
    ([input, tensor]) =>
      `{"name":${JSON.stringify(input)},"datatype":"${datatypeOf(tensor.type)}","shape":[${tensor.shape.join()}],"data":[${elementTexts(tensor).join()}]}`,
  );
  const text = await post(`${url}/v2/models/${name}/infer`, `{"inputs":[${texts.join()}]}`);
  const { outputs } = parse(text) as { outputs: { datatype: string; shape: unknown[]; data: unknown[] }[] };
  return outputs.map(({ datatype, shape, data }) =>
    tensorOf(elementTypeOf(datatype) as ElementType, shape, data),
  );
}

async function askPredict({ url, name }: Served, inputs: Tensors, types: readonly ElementType[]) {
  const text = await post(`${url}/models/${name}/versions/1.0/predict`, instanceText(inputs));
  const { predictions } = JSON.parse(text) as { predictions: [string] };
  const { value } = JSON.parse(predictions[0]) as { value: string };
  return typedAs(types, [parse(value)].flat() as Untyped[]);
}

async function askCommand({ name, config, shop }: Served, inputs: Tensors, types: readonly ElementType[]) {
  const file = join(shop.folder, `${name}.json`);
  writeFileSync(file, instanceText(inputs));
  const stdout = await shop.must('predict', '-c', config, '--json', file);
  const lines = stdout.split('\n').filter((line) => line.includes('"outputs"'));
  return typedAs(types, (parse(lines[0] ?? '') as { outputs: Untyped[] }).outputs);
}

async function post(url: string, body: string): Promise<string> {
  const headers = { 'content-type': 'application/json' };
  const response = await fetch(url, { method: 'POST', body, headers });
  const text = await response.text();
  if (response.status !== 200) throw new Error(`${response.status}: ${text}`);
  return text;
}

interface Untyped {
  readonly shape: unknown[];
  readonly data: unknown;
}

function typedAs(types: readonly ElementType[], outputs: readonly Untyped[]): readonly Tensor[] {
  return outputs.map(({ shape, data }, i) => tensorOf(types[i] as ElementType, shape, [data].flat(Infinity)));
}

/** @param shape  and numbers as lossless-json reads them */
function tensorOf(type: ElementType, shape: readonly unknown[], elements: readonly unknown[]): Tensor {
  return { type, shape: shape.map((size) => Number(size)), data: dataOf(type, elements) };
}

function dataOf(type: ElementType, elements: readonly unknown[]): TensorData {
  if (type === 'string') return elements as string[];
  const { array: ArrayOf, max } = numericType(type);
  const data = new ArrayOf(elements.length);
  elements.forEach((element, i) => {
    if (typeof max === 'bigint') data[i] = BigInt(String(element));
    else data[i] = type === 'float16' ? float16Bits(Number(element)) : Number(element);
  });
  return data;
}

function instanceText(inputs: Tensors): string {
  const fields = [...inputs].map(
    ([name, tensor]) => `${JSON.stringify(name)}:${nested(elementTexts(tensor), tensor.shape)}`,
  );
  return `{"instances":[{${fields.join()}}]}`;
}

function elementTexts({ type, data }: Tensor): string[] {
  if (isStrings(data)) return data.map((element) => JSON.stringify(element));
  if (type === 'bool') return Array.from(data as Uint8Array, (bit) => String(bit !== 0));
  if (type === 'float16') return Array.from(data as Uint16Array, (bits) => String(halfToNumber(bits)));
  return Array.from(data as Float32Array, String);
}

function nested(texts: readonly string[], shape: readonly number[]): string {
  const [size, ...rest] = shape;
  if (size === undefined) return texts[0] ?? '';
  const length = texts.length / Math.max(1, size);
  const parts = Array.from({ length: size }, (_, i) =>
    nested(texts.slice(i * length, (i + 1) * length), rest),
  );
  return `[${parts.join()}]`;
}
