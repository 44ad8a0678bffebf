import { elementCount, maxAxes, positionOf, textInput, undecodable } from '../tensor/tensor.ts';
import type { DenseTensor, ImageInput, RecordInput, RecordInputs, SparseTensor } from '../tensor/tensor.ts';
import { leavesToTensor } from './jsonNumbers.ts';
import { parseJson } from './parseJson.ts';

/** Reads `{"instances": [{"name": value, ...}, ...]}`, the body of POST /predict and the data of records whose serde
 *  is `stream`. A value is a number, a text (see `textInput`), a nested list, `{"shape", "data", "indices"}` for a
 *  sparse tensor, or `{"b64"}` for an image.
 *
 *  Numbers become int32, int64 or uint64 when all of a tensor are integers that fit, else float64: the model's own type
 *  decides what is made of them. True and false count as 1 and 0; a single value has the shape [1]; a list of strings is
 *  a tensor of strings; an empty list has the shape [0]. Null is refused: the original reads it as 0, which hides a missing
 *  value.
 *  @param body  JSON text, or what a server has parsed already
 *  @returns all instances in their order; the original serves the first only
 *  @throws ServingError "record-undecodable", naming the place, such as `instances[0].t[1][2]` */
export function parseInstances(body: unknown): readonly RecordInputs[] {
  const parsed = typeof body === 'string' ? parseJson(body) : body;
  if (!isObject(parsed)) throw undecodable('', 'the body must be an object with a list "instances"');
  const { instances } = parsed;
  if (instances === undefined && 'instance' in parsed)
    throw undecodable('instance', 'the list must be named "instances"');
  if (!Array.isArray(instances)) throw undecodable('instances', 'must be a list of objects');
  if (instances.length === 0) throw undecodable('instances', 'is empty');
  return instances.map((instance: unknown, i) => inputsOf(`instances[${i}]`, instance));
}

/** One instance of images as `parseInstances` reads it; undefined where there is anything else. The Arrow form of a
 *  image is base64 of base64, a third larger.
 *  @param inputs  whose base64 holds no control characters, which would make it no JSON */
export function imagesText(inputs: RecordInputs): string | undefined {
  const members: string[] = [];
  for (const [name, input] of inputs) {
    if (input.kind !== 'image') return undefined;
    const { base64 } = input;
    // Looking for what needs escaping costs a fiftieth of writing it so.
    const isPlain = !unlikeBase64.some((letter) => base64.includes(letter));
    const text = isPlain ? `"${base64}"` : JSON.stringify(base64);
    members.push(`${JSON.stringify(name)}:{"b64":${text}}`);
  }
  return `{"instances":[{${members.join()}}]}`;
}

/** Letters that JSON escapes, and that a text may hold which is taken for base64. */
const unlikeBase64 = ['"', '\\', '\n', '\r', '\t'];

function isObject(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function inputsOf(where: string, instance: unknown): RecordInputs {
  if (!isObject(instance)) throw undecodable(where, 'must be an object of named inputs');
  const inputs = new Map<string, RecordInput>();
  // A Map and Object.entries take a key such as "__proto__" for what it is, a name.
  for (const [name, value] of Object.entries(instance)) inputs.set(name, inputOf(`${where}.${name}`, value));
  if (inputs.size === 0) throw undecodable(where, 'holds no inputs');
  return inputs;
}

function inputOf(where: string, value: unknown): RecordInput {
  if (typeof value === 'string') return textInput(value);
  if (Array.isArray(value)) return denseOf(where, value);
  if (isObject(value)) return objectOf(where, value);
  return tensorOf(where, [1], [value], () => where);
}

function objectOf(where: string, value: Readonly<Record<string, unknown>>): ImageInput | SparseTensor {
  if (typeof value.b64 === 'string') return { kind: 'image', base64: value.b64 };
  const { shape, data, indices } = value;
  if (!Array.isArray(shape) || !Array.isArray(data) || !Array.isArray(indices))
    throw undecodable(where, 'an object must hold "b64", or the lists "shape", "data" and "indices"');
  const sizes = intsOf(`${where}.shape`, shape);
  if (elementCount(sizes) === undefined) throw undecodable(`${where}.shape`, 'is impossible');
  const values = denseOf(`${where}.data`, data);
  if (values.shape.length !== 1) throw undecodable(`${where}.data`, 'must be a plain list');
  if (indices.length !== data.length)
    throw undecodable(`${where}.indices`, `holds ${indices.length} entries for ${data.length} values`);
  const flat: number[] = [];
  for (const [i, index] of indices.entries()) {
    const place = `${where}.indices[${i}]`;
    if (!Array.isArray(index) || index.length !== sizes.length)
      throw undecodable(place, `must be a list of ${sizes.length} numbers`);
    for (const [axis, position] of intsOf(place, index).entries()) {
      if (position >= (sizes[axis] ?? 0))
        throw undecodable(`${place}[${axis}]`, `${position} is outside of the shape`);
      flat.push(position);
    }
  }
  const indiceShape = [indices.length, sizes.length];
  const { type, data: elements } = values;
  return {
    kind: 'sparse',
    type,
    shape: sizes,
    indices: Int32Array.from(flat),
    indiceShape,
    data: elements,
    origin: 'json',
  };
}

function intsOf(where: string, list: readonly unknown[]): readonly number[] {
  if (list.length > maxAxes) throw undecodable(where, `has more than ${maxAxes} entries`);
  return list.map((value, i) => {
    if (typeof value !== 'number' || (value | 0) !== value || value < 0)
      throw undecodable(`${where}[${i}]`, 'must be an integer of at least 0');
    return value;
  });
}

/** The shape is that of the first elements; every other list must agree with it. */
function denseOf(where: string, list: readonly unknown[]): DenseTensor {
  const shape: number[] = [];
  let first: unknown = list;
  while (Array.isArray(first)) {
    if (shape.length === maxAxes) throw undecodable(where, `nests deeper than ${maxAxes} levels`);
    shape.push(first.length);
    first = first[0];
  }
  // One level needs no copy. The product of the sizes is not trusted for an allocation: later lists may be shorter.
  const leaves = shape.length === 1 ? list : [];
  if (shape.length > 1) collect(where, list, shape, 0, leaves as unknown[]);
  return tensorOf(where, shape, leaves, (i) => where + positionOf(shape, i));
}

function collect(
  where: string,
  list: readonly unknown[],
  shape: readonly number[],
  depth: number,
  leaves: unknown[],
): void {
  const isLast = depth === shape.length - 1;
  if (list.length !== shape[depth])
    throw undecodable(where, `has ${list.length} elements where its neighbours have ${shape[depth] ?? 0}`);
  for (let i = 0; i < list.length; i++) {
    const item = list[i];
    if (isLast) leaves.push(item);
    else if (Array.isArray(item)) collect(`${where}[${i}]`, item, shape, depth + 1, leaves);
    else throw undecodable(`${where}[${i}]`, 'must be a list, as its neighbours are');
  }
}

function tensorOf(
  where: string,
  shape: readonly number[],
  leaves: readonly unknown[],
  placeOf: (flat: number) => string,
): DenseTensor {
  if (typeof leaves[0] !== 'string')
    return { kind: 'dense', shape, origin: 'json', ...leavesToTensor(leaves, placeOf, where) };
  const other = leaves.findIndex((leaf) => typeof leaf !== 'string');
  if (other >= 0) throw undecodable(placeOf(other), 'must be a string, as its neighbours are');
  return { kind: 'dense', type: 'string', shape, data: leaves as readonly string[] };
}
