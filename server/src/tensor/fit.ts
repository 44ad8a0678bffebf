import { ServingError } from '../../../schemas/errors.ts';
import { anyType, type TensorInfo } from '../../../schemas/jobEvents.ts';
import { convertNumbers, requireValid, UnfitValue } from './convert.ts';
import { isElementType, type ElementType } from './elementTypes.ts';
import { isCalled, nameIn, openInputs } from './inputNames.ts';
import {
  isStrings,
  positionOf,
  shapeText,
  type Origin,
  type SentTensor,
  type Tensor,
  type TensorData,
} from './tensor.ts';

/** A record's value for one input, decoded. */
export interface InputTensor extends SentTensor {
  readonly origin?: Origin;
}

/** A record as the model wants it. */
export interface FittedRecord {
  /** Rows of the batch that the record fills. */
  readonly rows: number;
  /** The client sent no batch axis, so it gets none back. */
  readonly strip: boolean;
  /** Records of equal key may share a run. */
  readonly key: string;
  /** One per model input, in the model's order. */
  readonly parts: readonly FittedPart[];
}

/** The shape and the elements as the model gets them. */
export interface FittedPart extends Tensor {
  /** It has no batch axis: records that share a run have it in common. */
  readonly isConstant: boolean;
  /** Its name, where the model does not say the names of its inputs. */
  readonly name?: string;
}

export interface FitOptions {
  /** Empty where the model does not say them. */
  readonly inputs: readonly TensorInfo[];
  /** Whether records share runs: then the first axis of every input is the batch. */
  readonly batched: boolean;
  /** Decides whether the first axis is the batch where the model does not declare its rank. */
  readonly inputAlreadyBatched: boolean;
}

/** How one shape fits one input. */
interface Fit {
  /** As the record has it. */
  readonly from: readonly number[];
  /** As the model gets it. */
  readonly shape: readonly number[];
  /** undefined where the input has no batch axis, or where it cannot be seen whether it was sent. */
  readonly rows: number | undefined;
  readonly strip: boolean | undefined;
  readonly key: string;
}

/** The last fit of each input. Records that were written alike come with the very same shape, which fits as before. */
export type LastFits = Fit[];

/** Names an input in messages. */
export type PlaceOf = (name: string) => string;

const inputPlace: PlaceOf = (name) => `Input "${name}"`;

/** Matches a record's tensors with the model's inputs, by name; a single input may have any name, as with the original.
 *  Where runs are not shared, an input that agrees with the model's axes reaches it as it was sent, whatever the others
 *  are like. Nothing that does not fit in rank, length and type ever reaches the model.
 *  @param last  of the same options; begins empty, and is kept from record to record
 *  @throws ServingError "input-mismatch", naming the input, the element, what came and what is wanted */
export function fitRecord(
  record: ReadonlyMap<string, InputTensor>,
  options: FitOptions,
  last: LastFits = [],
  placeOf: PlaceOf = inputPlace,
): FittedRecord {
  const { batched } = options;
  const isOpen = options.inputs.length === 0;
  const inputs = isOpen ? openInputs(record.keys()) : options.inputs;
  requireInputs([...record.keys()], inputs, placeOf);
  const isOnly = inputs.length === 1;
  const parts: FittedPart[] = [];
  let rows: number | undefined;
  let strip: boolean | undefined;
  let key = '';
  for (let i = 0; i < inputs.length; i++) {
    const info = inputs[i] as TensorInfo;
    const name = isOnly ? (record.keys().next().value as string) : nameIn(record, info);
    const tensor = record.get(name) as InputTensor;
    let fit = last[i];
    if (fit?.from !== tensor.shape) fit = last[i] = fitShape(tensor, info, options, placeOf(name));
    const type = typeFor(tensor, info);
    const data = convert(tensor, type, placeOf(name));
    if (batched && rows !== undefined && fit.rows !== undefined && rows !== fit.rows)
      throw mismatch(placeOf(name), `has ${fit.rows} rows where another input has ${rows}`);
    rows ??= fit.rows;
    if (fit.strip !== undefined) strip = (strip ?? true) && fit.strip;
    const isConstant = fit.rows === undefined;
    key = i === 0 ? fit.key : key + fit.key;
    if (info.type === anyType) key += `${type} ${JSON.stringify(info.name)};`;
    if (batched && isConstant) key += constantKey(data);
    parts.push({ type, shape: fit.shape, data, isConstant, ...(isOpen ? { name: info.name } : {}) });
  }
  return { rows: rows ?? 1, strip: strip ?? false, key, parts };
}

/** Fits one input by itself, for records whose other inputs are not known yet.
 *  @throws ServingError "input-mismatch" */
export function fitInput(tensor: InputTensor, info: TensorInfo, options: FitOptions, place: string): Tensor {
  fitShape(tensor, info, options, place);
  const type = typeFor(tensor, info);
  return { type, shape: tensor.shape, data: convert(tensor, type, place) };
}

/** Whether a record has the inputs that the model wants, and no others.
 *  @throws ServingError "input-mismatch" */
export function requireInputs(
  names: readonly string[],
  inputs: readonly TensorInfo[],
  placeOf: PlaceOf = inputPlace,
): void {
  if (names.length === 1 && inputs.length === 1) return;
  for (const input of inputs)
    if (!names.some((name) => isCalled(input, name)))
      throw mismatch(
        placeOf(input.name),
        `is missing; the record has ${list(names)}, and the model wants ${list(inputs.map(({ name }) => name))}`,
      );
  for (const name of names)
    if (!inputs.some((input) => isCalled(input, name)))
      throw mismatch(
        placeOf(name),
        `is not one of the model's, which are ${list(inputs.map((input) => input.name))}`,
      );
  for (const input of inputs) {
    const [, second] = names.filter((name) => isCalled(input, name));
    if (second !== undefined) throw mismatch(placeOf(second), `is the input "${input.name}" a second time`);
  }
}

function list(names: readonly string[]): string {
  return names.map((name) => `"${name}"`).join(', ') || 'none';
}

function fitShape(
  { shape: from, isWhole = false }: InputTensor,
  info: TensorInfo,
  { batched, inputAlreadyBatched }: FitOptions,
  place: string,
): Fit {
  const wanted = info.shape;
  const rank = wanted.length;
  const rowAxes = wanted.slice(1);
  if (rank === 0) {
    // The original gives a single number the shape [1].
    if (info.openRank !== true && (from.length === 0 || (from.length === 1 && from[0] === 1)))
      return constant(from, []);
    // Of a model that does not say its rank.
    if (info.openRank !== false)
      return isWhole || inputAlreadyBatched || from.length === 0 ? whole(from) : row(from, from);
    throw mismatch(place, `has the shape ${shapeText(from)}, and the model wants a single value`);
  }
  const open = batched || wanted[0] === null || wanted[0] === 1;
  if (agrees(from, wanted)) {
    if (!open) return constant(from, from);
    // A single number may stand for itself, or for a batch of one.
    return rank === 1 && from[0] === 1 ? { ...whole(from), strip: undefined } : whole(from);
  }
  if (open && agrees(from, rowAxes)) return row(from, from);
  // A bare number for an input of one column.
  if (open && from.length === 0 && rowAxes.every((size) => size === 1 || size === null))
    return row(
      from,
      rowAxes.map(() => 1),
    );
  const forms = open && rank > 1 ? `${shapeText(rowAxes)} or ${shapeText(wanted)}` : shapeText(wanted);
  throw mismatch(place, `has the shape ${shapeText(from)}, and the model wants ${forms}`);
}

/** The batch axis came with it. */
function whole(from: readonly number[]): Fit {
  return { from, shape: from, rows: from[0] ?? 1, strip: false, key: `${from.slice(1).join()};` };
}

/** One row without its batch axis. */
function row(from: readonly number[], axes: readonly number[]): Fit {
  return { from, shape: [1, ...axes], rows: 1, strip: true, key: `${axes.join()};` };
}

/** It has no batch axis. */
function constant(from: readonly number[], shape: readonly number[]): Fit {
  return { from, shape, rows: undefined, strip: undefined, key: `=${shape.join()};` };
}

const maxKeyElements = 64;
let constants = 0;

/** Equal for equal elements; a large one is equal to none. */
function constantKey(data: TensorData): string {
  if (data.length <= maxKeyElements) return `${JSON.stringify(Array.from(data, String))};`;
  constants += 1;
  return `#${constants};`;
}

function agrees(shape: readonly number[], wanted: readonly (number | null)[]): boolean {
  return (
    shape.length === wanted.length && wanted.every((size, axis) => size === null || size === shape[axis])
  );
}

/** The element type that the model gets. Where it says none, what was sent is what it gets; numbers of JSON, which have no
 *  types, are float32, as in the original, unless they are whole numbers that it cannot hold. */
function typeFor({ type, origin, data }: InputTensor, info: TensorInfo): ElementType {
  if (info.type !== anyType) return info.type as ElementType;
  if (origin !== 'json' || isStrings(data)) return type;
  const isHeld = (value: number | bigint) => Math.fround(Number(value)) === Number(value);
  return type === 'float64' || (data as Int32Array).every(isHeld) ? 'float32' : type;
}

function convert(
  { type, shape, data, origin = 'declared' }: InputTensor,
  wanted: string,
  place: string,
): TensorData {
  if (wanted === 'float32' && data instanceof Float32Array) return data;
  if (!isElementType(wanted)) throw mismatch(place, `is of a type that records cannot have: ${wanted}`);
  if (isStrings(data)) {
    if (wanted !== 'string') throw mismatch(place, `holds strings, and the model wants ${wanted}`);
    const broken = data.findIndex((element) => typeof element !== 'string');
    if (broken >= 0)
      throw mismatch(place + positionOf(shape, broken), 'is not UTF-8, and the model takes no other strings');
    return data;
  }
  if (wanted === 'string') throw mismatch(place, 'holds numbers, and the model wants strings');
  try {
    requireValid(type, data);
    return convertNumbers(data, type, wanted, origin);
  } catch (error) {
    if (!(error instanceof UnfitValue)) throw error;
    throw mismatch(place + positionOf(shape, error.index), unfitText(error, wanted));
  }
}

function unfitText({ value, why }: UnfitValue, wanted: string): string {
  const text = String(value);
  if (why === 'digits') return `is ${text}, which the model's type ${wanted} cannot hold to the last digit`;
  return `is ${text}, which is not of the model's type ${wanted}`;
}

function mismatch(place: string, what: string): ServingError {
  return new ServingError('input-mismatch', `${place} ${what}.`);
}
