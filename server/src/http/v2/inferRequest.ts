import { leavesToTensor } from '../../codec/jsonNumbers.ts';
import { parseJson } from '../../codec/parseJson.ts';
import { bytesToStrings } from '../../codec/typedForm.ts';
import { convertNumbers, requireValid, UnfitValue } from '../../tensor/convert.ts';
import {
  datatypes,
  elementTypeOf,
  numericTypes,
  viewOf,
  type ElementType,
  type NumericTypeName,
} from '../../tensor/elementTypes.ts';
import {
  elementCount,
  maxAxes,
  positionOf,
  shapeText,
  undecodable,
  type DenseTensor,
  type TensorData,
} from '../../tensor/tensor.ts';

/** A request of the Open Inference Protocol, understood. */
export interface InferRequest {
  readonly id: string | undefined;
  readonly inputs: ReadonlyMap<string, DenseTensor>;
  /** In the order wanted; undefined: all. */
  readonly outputs: readonly WantedOutput[] | undefined;
  /** Outputs that do not say are sent in binary. */
  readonly binaryOutputs: boolean;
}

export interface WantedOutput {
  readonly name: string;
  readonly binary: boolean;
  /** As many of the highest scores are wanted in place of the tensor, each as "score:index:label"; 0 for the tensor. */
  readonly classification: number;
}

type Json = Readonly<Record<string, unknown>>;

/** Reads a request whose tensors are JSON or, behind the first `headerLength` bytes, binary.
 *  @throws ServingError "record-undecodable", naming the input
 *  @see Open Inference Protocol REST, and its binary tensor data extension */
export function parseInferRequest(body: Buffer, headerLength: number | undefined): InferRequest {
  if (headerLength !== undefined && !(headerLength > 0 && headerLength <= body.length))
    throw undecodable(
      'Inference-Header-Content-Length',
      `is ${headerLength}, and the body has ${body.length} bytes`,
    );
  const json = parseObject(body.subarray(0, headerLength ?? body.length).toString());
  const rest = { bytes: body.subarray(headerLength ?? body.length), at: 0 };
  const parameters = isObject(json.parameters) ? json.parameters : {};
  if (!Array.isArray(json.inputs) || json.inputs.length === 0)
    throw undecodable('inputs', 'must be a list of at least one tensor');
  const inputs = new Map<string, DenseTensor>();
  for (const [i, input] of json.inputs.entries()) {
    const [name, tensor] = readInput(`inputs[${i}]`, input, rest);
    if (inputs.has(name)) throw undecodable(`inputs[${i}]`, `the name "${name}" comes twice`);
    inputs.set(name, tensor);
  }
  if (rest.at !== rest.bytes.length)
    throw undecodable('', `${rest.bytes.length - rest.at} bytes of binary data are left over`);
  const binaryOutputs = parameters.binary_data_output === true;
  const id = typeof json.id === 'string' ? json.id : undefined;
  return { id, inputs, outputs: wantedOutputs(json.outputs, binaryOutputs), binaryOutputs };
}

function parseObject(text: string): Json {
  const parsed = parseJson(text);
  if (!isObject(parsed)) throw undecodable('', 'the body must be an object with a list "inputs"');
  return parsed;
}

function isObject(value: unknown): value is Json {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function wantedOutputs(outputs: unknown, binaryOutputs: boolean): readonly WantedOutput[] | undefined {
  // Clients that write every field write null for those that they do not use.
  if (outputs === undefined || outputs === null) return undefined;
  if (!Array.isArray(outputs)) throw undecodable('outputs', 'must be a list');
  return outputs.map((output: unknown, i) => {
    if (!isObject(output) || typeof output.name !== 'string')
      throw undecodable(`outputs[${i}]`, 'needs a name');
    const parameters = isObject(output.parameters) ? output.parameters : {};
    const { binary_data: binary, classification } = parameters;
    return {
      name: output.name,
      binary: typeof binary === 'boolean' ? binary : binaryOutputs,
      classification: readClassification(`outputs[${i}]`, classification),
    };
  });
}

function readClassification(where: string, count: unknown): number {
  if (count === undefined || count === null) return 0;
  if (typeof count === 'number' && Number.isSafeInteger(count) && count >= 0) return count;
  throw undecodable(where, 'classification takes a whole number of classes');
}

interface Rest {
  readonly bytes: Buffer;
  at: number;
}

function readInput(where: string, input: unknown, rest: Rest): [string, DenseTensor] {
  if (!isObject(input) || typeof input.name !== 'string') throw undecodable(where, 'needs a name');
  const place = `${where} ("${input.name.slice(0, 100)}")`;
  const shape = readShape(place, input.shape);
  const datatype = String(input.datatype);
  const type = elementTypeOf(datatype);
  if (!type)
    throw undecodable(
      place,
      `the datatype "${datatype.slice(0, 20)}" is unknown; known are ${datatypes.join(', ')}`,
    );
  const count = elementCount(shape);
  if (count === undefined) throw undecodable(place, `the shape ${shapeText(shape)} is impossible`);
  const size = isObject(input.parameters) ? (input.parameters.binary_data_size ?? undefined) : undefined;
  const data =
    size === undefined
      ? readJson(place, input.data, type, count, shape)
      : readBinary(place, take(place, size, rest), type, count, shape);
  return [input.name, { kind: 'dense', type, shape, data, isWhole: true }];
}

function readShape(where: string, shape: unknown): readonly number[] {
  if (
    !Array.isArray(shape) ||
    shape.length > maxAxes ||
    !shape.every((size) => Number.isInteger(size) && size >= 0)
  )
    throw undecodable(where, 'needs a shape, a list of whole numbers');
  return shape as number[];
}

function take(where: string, size: unknown, rest: Rest): Buffer {
  const left = rest.bytes.length - rest.at;
  if (typeof size !== 'number' || !Number.isInteger(size) || size < 0 || size > left)
    throw undecodable(where, `binary_data_size is ${String(size).slice(0, 20)}, and ${left} bytes are left`);
  const bytes = rest.bytes.subarray(rest.at, rest.at + size);
  rest.at += size;
  return bytes;
}

function readBinary(
  where: string,
  bytes: Buffer,
  type: ElementType,
  count: number,
  shape: readonly number[],
): TensorData {
  if (type === 'string') return bytesToStrings(where, bytes, count);
  const wanted = count * numericTypes[type].bytes;
  if (bytes.length !== wanted)
    throw undecodable(where, `has ${bytes.length} bytes, and its shape wants ${wanted}`);
  const data = viewOf(type, bytes);
  return valid(where, type, shape, () => {
    requireValid(type, data);
    return data;
  });
}

/** The list may be flat or nested as the shape says. */
function readJson(
  where: string,
  data: unknown,
  type: ElementType,
  count: number,
  shape: readonly number[],
): TensorData {
  if (!Array.isArray(data))
    throw undecodable(where, 'needs a list "data", or binary_data_size and the bytes');
  const leaves: unknown[] = Array.isArray(data[0]) ? flatten(where, data, shape, 0, []) : data;
  if (leaves.length !== count)
    throw undecodable(where, `holds ${leaves.length} elements, and its shape wants ${count}`);
  if (type === 'string') {
    const other = leaves.findIndex((leaf) => typeof leaf !== 'string');
    if (other >= 0) throw undecodable(where + positionOf(shape, other), 'must be a string');
    return leaves as string[];
  }
  const placeOf = (i: number) => where + positionOf(shape, i);
  const numbers = leavesToTensor(leaves, placeOf, 'data');
  return valid(where, type, shape, () => convertNumbers(numbers.data, numbers.type, type, 'json'));
}

/** @throws ServingError "record-undecodable" in place of UnfitValue */
function valid(
  where: string,
  type: NumericTypeName,
  shape: readonly number[],
  read: () => TensorData,
): TensorData {
  try {
    return read();
  } catch (error) {
    if (!(error instanceof UnfitValue)) throw error;
    const { datatype } = numericTypes[type];
    throw undecodable(
      where + positionOf(shape, error.index),
      error.why === 'digits'
        ? `${error.value} may have lost digits when it was read; write it without a fraction or an exponent`
        : `${error.value} is not of the datatype ${datatype}`,
    );
  }
}

function flatten(
  where: string,
  list: readonly unknown[],
  shape: readonly number[],
  depth: number,
  leaves: unknown[],
): unknown[] {
  if (list.length !== shape[depth])
    throw undecodable(where, `the lists of "data" do not have the shape ${shapeText(shape)}`);
  for (const item of list) {
    if (depth === shape.length - 1) leaves.push(item);
    else if (Array.isArray(item)) flatten(where, item, shape, depth + 1, leaves);
    else throw undecodable(where, `the lists of "data" do not have the shape ${shapeText(shape)}`);
  }
  return leaves;
}
