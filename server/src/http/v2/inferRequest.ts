import { ServingError } from '../../../../schemas/errors.ts';
import {
  elementCount,
  shapeText,
  undecodable,
  type DenseTensor,
  type TensorData,
} from '../../codec/tensor.ts';
import { dataTypes, type DataType } from './dataTypes.ts';

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
  let parsed: unknown;
  try {
    parsed = JSON.parse(text);
  } catch (error) {
    throw undecodable('', 'the body is not JSON', error);
  }
  if (!isObject(parsed)) throw undecodable('', 'the body must be an object with a list "inputs"');
  return parsed;
}

function isObject(value: unknown): value is Json {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function wantedOutputs(outputs: unknown, binaryOutputs: boolean): readonly WantedOutput[] | undefined {
  if (outputs === undefined) return undefined;
  if (!Array.isArray(outputs)) throw undecodable('outputs', 'must be a list');
  return outputs.map((output: unknown, i) => {
    if (!isObject(output) || typeof output.name !== 'string')
      throw undecodable(`outputs[${i}]`, 'needs a name');
    const parameters = isObject(output.parameters) ? output.parameters : {};
    const binary = parameters.binary_data;
    return { name: output.name, binary: typeof binary === 'boolean' ? binary : binaryOutputs };
  });
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
  const type = Object.hasOwn(dataTypes, datatype) ? dataTypes[datatype] : undefined;
  if (!type)
    throw undecodable(
      place,
      `the datatype "${datatype.slice(0, 20)}" is unknown; known are ${Object.keys(dataTypes).join(', ')}`,
    );
  const count = elementCount(shape);
  if (count === undefined || count === 0)
    throw undecodable(place, `the shape ${shapeText(shape)} is impossible`);
  const parameters = isObject(input.parameters) ? input.parameters : {};
  const size = parameters.binary_data_size;
  const data =
    size === undefined
      ? readJson(place, input.data, type, count, shape)
      : readBinary(place, take(place, size, rest), type, count);
  return [input.name, { kind: 'dense', shape, data }];
}

function readShape(where: string, shape: unknown): readonly number[] {
  if (
    !Array.isArray(shape) ||
    shape.length > 32 ||
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

function readBinary(where: string, bytes: Buffer, type: DataType, count: number): TensorData {
  if (type.size === undefined) return readTexts(where, bytes, count);
  if (bytes.length !== count * type.size)
    throw undecodable(where, `has ${bytes.length} bytes, and its shape wants ${count * type.size}`);
  // The bytes may start anywhere in the body; a typed array must start at a multiple of its element's size.
  if (type.modelType === 'float32') return new Float32Array(Uint8Array.from(bytes).buffer);
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length);
  const { size, read } = type;
  return toTensorData(
    where,
    type,
    Array.from({ length: count }, (_, i) => Number(read(view, i * size))),
  );
}

/** Each text is preceded by its length in four bytes. */
function readTexts(where: string, bytes: Buffer, count: number): readonly string[] {
  const texts: string[] = [];
  let at = 0;
  while (at + 4 <= bytes.length) {
    const length = bytes.readUInt32LE(at);
    if (at + 4 + length > bytes.length)
      throw undecodable(where, `text ${texts.length} is longer than its bytes`);
    texts.push(bytes.toString('utf8', at + 4, at + 4 + length));
    at += 4 + length;
  }
  if (at !== bytes.length || texts.length !== count)
    throw undecodable(where, `holds ${texts.length} texts, and its shape wants ${count}`);
  return texts;
}

/** The list may be flat or nested as the shape says. */
function readJson(
  where: string,
  data: unknown,
  type: DataType,
  count: number,
  shape: readonly number[],
): TensorData {
  if (!Array.isArray(data))
    throw undecodable(where, 'needs a list "data", or binary_data_size and the bytes');
  const leaves: unknown[] = Array.isArray(data[0]) ? flatten(where, data, shape, 0, []) : data;
  if (leaves.length !== count)
    throw undecodable(where, `holds ${leaves.length} elements, and its shape wants ${count}`);
  if (type.modelType !== 'string')
    return toTensorData(
      where,
      type,
      leaves.map((leaf, i) => numberOf(where, leaf, i)),
    );
  const other = leaves.findIndex((leaf) => typeof leaf !== 'string');
  if (other >= 0) throw undecodable(`${where}[${other}]`, 'must be a text');
  return leaves as string[];
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

function numberOf(where: string, leaf: unknown, i: number): number {
  if (typeof leaf === 'number') return leaf;
  if (typeof leaf === 'boolean') return Number(leaf);
  throw undecodable(`${where}[${i}]`, 'must be a number');
}

const maxFloat32 = 3.4028235677973366e38;

/** Records carry float32 and int32 only; integers that neither holds exactly are refused rather than changed. */
function toTensorData(where: string, type: DataType, numbers: readonly number[]): TensorData {
  const isFloat = type.modelType.startsWith('float');
  for (let i = 0; i < numbers.length; i++) {
    const value = numbers[i] ?? NaN;
    if (
      isFloat
        ? Math.abs(value) < maxFloat32
        : (value | 0) === value || (Number.isInteger(value) && Math.fround(value) === value)
    )
      continue;
    const what = isFloat ? 'does not fit a float32' : 'is no integer that can be sent exactly';
    throw new ServingError('record-undecodable', `${where}[${i}]: ${value} ${what}`);
  }
  return isFloat || numbers.some((value) => (value | 0) !== value)
    ? Float32Array.from(numbers)
    : Int32Array.from(numbers);
}
