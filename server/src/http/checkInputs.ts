import { ServingError } from '../../../schemas/errors.ts';
import type { Heartbeat, TensorInfo } from '../../../schemas/jobEvents.ts';
import { decodeBase64 } from '../codec/base64.ts';
import { shapeText, type RecordInput, type RecordInputs, type TensorData } from '../codec/tensor.ts';
import { checkPicture } from './checkPicture.ts';

/** The part of a heartbeat that says what the model takes. */
export type ModelFacts = Pick<Heartbeat, 'inputs' | 'outputs' | 'batched' | 'rowsPerRecord'>;

/** Refuses a record that the model's workers would answer NaN, while its sender can still be told why. What only they
 *  can know, such as whether a picture fits after its resize, is left to them.
 *  @param where  names the record, such as `instances[0]`
 *  @param encrypted  pictures are cipher text and cannot be looked into
 *  @throws ServingError "input-mismatch" or "record-undecodable", naming the input and the position */
export function checkInputs(
  where: string,
  record: RecordInputs,
  model: ModelFacts,
  encrypted: boolean,
): void {
  const { inputs } = model;
  const [only] = inputs;
  // A single input may have any name, as with the original.
  const anyName = inputs.length === 1 && record.size === 1;
  for (const [name, input] of record) {
    const info = anyName ? only : inputs.find((known) => known.name === name);
    if (!info) throw mismatch(`${where}.${name}`, `the model has no such input; it has ${list(inputs)}`);
    checkInput(`${where}.${name}`, input, info, model, encrypted);
  }
  for (const { name } of anyName ? [] : inputs)
    if (!record.has(name))
      throw mismatch(where, `the input "${name}" is missing; the model wants ${list(inputs)}`);
}

function checkInput(
  where: string,
  input: RecordInput,
  info: TensorInfo,
  model: ModelFacts,
  encrypted: boolean,
): void {
  if (input.kind === 'image') {
    if (info.type !== 'string' && !encrypted)
      checkPicture(where, decodeBase64(input.base64, where), info.shape);
    return;
  }
  const isText = Array.isArray(input.data);
  if (isText !== (info.type === 'string'))
    throw mismatch(
      where,
      isText ? 'holds texts, and the model wants numbers' : 'holds numbers, and the model wants texts',
    );
  checkShape(where, input.shape, info, model);
  if (!isText) checkRange(where, input.data, info.type);
}

/** The same rule as the engine's: the shape with the batch axis, or without it. */
function checkShape(
  where: string,
  shape: readonly number[],
  info: TensorInfo,
  { batched }: ModelFacts,
): void {
  const wanted = info.shape;
  if (wanted.length === 0 || agrees(shape, wanted)) return;
  const open = batched || wanted[0] === null || wanted[0] === 1;
  const row = wanted.slice(1);
  if (open && agrees(shape, row)) return;
  if (open && shape.length === 0 && row.every((size) => size === 1 || size === null)) return;
  const text = (sizes: readonly (number | null)[]) => `[${sizes.map((size) => size ?? '?').join(', ')}]`;
  const forms = open ? `${text(row)} or ${text(wanted)}` : text(wanted);
  throw mismatch(where, `has the shape ${shapeText(shape)}, and the model wants ${forms}`);
}

function agrees(shape: readonly number[], wanted: readonly (number | null)[]): boolean {
  return (
    shape.length === wanted.length && wanted.every((size, axis) => size === null || size === shape[axis])
  );
}

/** What the integer types hold; 64 bits hold every integer that is sent. */
const ranges: Readonly<Record<string, readonly [number, number]>> = {
  int8: [-128, 127],
  uint8: [0, 255],
  int16: [-32768, 32767],
  uint16: [0, 65535],
  int32: [-2147483648, 2147483647],
  uint32: [0, 4294967295],
  int64: [-(2 ** 63), 2 ** 63],
  uint64: [0, 2 ** 64],
};

function checkRange(where: string, data: TensorData, type: string): void {
  const range = ranges[type];
  if (!range) return;
  const [min, max] = range;
  for (let i = 0; i < data.length; i++) {
    const value = data[i] as number;
    if (value >= min && value <= max && Number.isInteger(value)) continue;
    throw mismatch(where, `element ${i} is ${value}, and the model wants ${type}`);
  }
}

function list(inputs: readonly TensorInfo[]): string {
  return inputs.map(({ name }) => `"${name}"`).join(', ');
}

function mismatch(where: string, what: string): ServingError {
  return new ServingError('input-mismatch', `${where}: ${what}.`);
}
