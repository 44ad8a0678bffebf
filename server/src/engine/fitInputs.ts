import { ServingError } from '../../../schemas/errors.ts';
import type { TensorInfo } from '../../../schemas/jobEvents.ts';
import { elementType } from '../model/elementTypes.ts';
import type { ModelData } from '../model/model.ts';

/** A record's value for one input, decoded: row-major numbers or strings. */
export interface InputTensor {
  readonly shape: readonly number[];
  readonly data: ArrayLike<number> | readonly string[];
}

/** A record as the model wants it. */
export interface FittedRecord {
  /** Rows of the batch that the record fills. */
  readonly rows: number;
  /** The client sent no batch dimension, so it gets none back. */
  readonly strip: boolean;
  /** Records of equal key may share a run. */
  readonly key: string;
  /** One per model input, in the model's order, in the model's element type. */
  readonly parts: readonly FittedPart[];
}

export interface FittedPart {
  /** Without the batch dimension. */
  readonly rowShape: readonly number[];
  readonly data: ModelData;
}

export interface FitOptions {
  readonly inputs: readonly TensorInfo[];
  readonly batched: boolean;
  /** Decides whether the first dimension is the batch where the model does not tell its rank. */
  readonly inputAlreadyBatched: boolean;
}

/** How one shape fits one input. */
interface Fit {
  readonly shape: readonly number[];
  readonly rows: number;
  readonly strip: boolean;
  readonly rowShape: readonly number[];
  readonly key: string;
}

/** The last fit of each input. Records that were written alike come with the very same shape, which fits as before. */
export type LastFits = Fit[];

/** Matches a record's tensors with the model's inputs, by name; a single input may have any name, as with the original.
 *  Nothing that does not fit in rank, length and type ever reaches the model.
 *  @param last  of the same options; begins empty, and is kept from record to record
 *  @throws ServingError "input-mismatch", naming the input, what came and what is wanted */
export function fitInputs(
  record: ReadonlyMap<string, InputTensor>,
  options: FitOptions,
  last: LastFits = [],
): FittedRecord {
  const { inputs } = options;
  const parts: FittedPart[] = [];
  let rows = -1;
  let strip = true;
  let key = '';
  for (let i = 0; i < inputs.length; i++) {
    const info = inputs[i] as TensorInfo;
    const tensor = pick(record, info, inputs);
    let fit = last[i];
    if (fit?.shape !== tensor.shape) fit = last[i] = fitShape(tensor.shape, info, options);
    if (rows !== -1 && rows !== fit.rows)
      throw mismatch(info, `has ${fit.rows} rows where another input has ${rows}`);
    rows = fit.rows;
    strip &&= fit.strip;
    key = i === 0 ? fit.key : key + fit.key;
    parts.push({ rowShape: fit.rowShape, data: convert(tensor.data, info) });
  }
  if (record.size > inputs.length) throw unknownInput(record, inputs);
  return { rows, strip, key, parts };
}

function pick(
  record: ReadonlyMap<string, InputTensor>,
  info: TensorInfo,
  inputs: readonly TensorInfo[],
): InputTensor {
  const named = record.get(info.name);
  if (named) return named;
  const [only] = record.values();
  if (only && record.size === 1 && inputs.length === 1) return only;
  throw new ServingError(
    'input-mismatch',
    `The model's input "${info.name}" is missing; the record has ${list([...record.keys()])}, the model wants ${list(inputs.map(({ name }) => name))}.`,
  );
}

function fitShape(
  shape: readonly number[],
  info: TensorInfo,
  { batched, inputAlreadyBatched }: FitOptions,
): Fit {
  const wanted = info.shape;
  const rank = wanted.length;
  // ONNX tells a model of unknown rank and a scalar input alike; a scalar is what has one element.
  if (rank === 0) return inputAlreadyBatched || shape.length === 0 ? whole(shape) : single(shape);
  if (shape.length === rank && agrees(shape, wanted)) return whole(shape);
  const open = batched || wanted[0] === null || wanted[0] === 1;
  if (open && shape.length === rank - 1 && agrees(shape, wanted.slice(1))) return single(shape);
  // A bare number for an input of one column.
  if (open && shape.length === 0 && wanted.slice(1).every((size) => size === 1 || size === null))
    return single(wanted.slice(1).map(() => 1));
  throw mismatch(
    info,
    `has the shape [${shape.join()}], and the model wants [${wanted.map((size) => size ?? '?').join()}]`,
  );
}

function whole(shape: readonly number[]): Fit {
  const rowShape = shape.slice(1);
  return { shape, rows: shape[0] ?? 1, strip: false, rowShape, key: `${rowShape.join()};` };
}

function single(shape: readonly number[]): Fit {
  return { shape, rows: 1, strip: true, rowShape: shape, key: `${shape.join()};` };
}

function agrees(shape: readonly number[], wanted: readonly (number | null)[]): boolean {
  for (let i = 0; i < shape.length; i++) {
    const size = wanted[i] ?? null;
    if (size !== null && size !== shape[i]) return false;
  }
  return true;
}

function convert(data: InputTensor['data'], info: TensorInfo): ModelData {
  const strings = Array.isArray(data) && typeof data[0] === 'string';
  if (info.type === 'string') {
    if (!strings) throw mismatch(info, 'holds numbers, and the model wants strings');
    return [...(data as readonly string[])];
  }
  if (strings) throw mismatch(info, 'holds strings, and the model wants numbers');
  if (info.type === 'float32' && data instanceof Float32Array) return data;
  const numbers = data as ArrayLike<number>;
  const { make, write } = elementType(info.type);
  const converted = make(numbers.length);
  try {
    write(converted, 0, numbers);
  } catch (error) {
    if (!(error instanceof RangeError)) throw error;
    throw mismatch(info, `holds ${error.message}, which is not of the model's type ${info.type}`);
  }
  return converted;
}

function mismatch(info: TensorInfo, what: string): ServingError {
  return new ServingError('input-mismatch', `Input "${info.name}" ${what}.`);
}

function unknownInput(record: ReadonlyMap<string, InputTensor>, inputs: readonly TensorInfo[]): ServingError {
  const known = inputs.map(({ name }) => name);
  const unknown = [...record.keys()].filter((name) => !known.includes(name));
  return new ServingError(
    'input-mismatch',
    `The model has no input ${list(unknown)}; it has ${list(known)}.`,
  );
}

function list(names: readonly string[]): string {
  return names.map((name) => `"${name}"`).join(', ') || 'none';
}
