import { ServingError } from '../../../schemas/errors.ts';

/** The elements of a tensor, row-major. Whoever runs the model casts them to what the model wants. */
export type TensorData = Float32Array | Int32Array | readonly string[];

export interface DenseTensor {
  readonly kind: 'dense';
  /** Axis sizes, outermost first; [] is a single value without axes. Their product is the length of `data`. */
  readonly shape: readonly number[];
  readonly data: TensorData;
}

export interface SparseTensor {
  readonly kind: 'sparse';
  readonly shape: readonly number[];
  /** As sent, flattened row-major over `indiceShape`: one row per value, one column per axis of `shape`. */
  readonly indices: Int32Array;
  /** [number of values, rank of `shape`]; a client that transposes its indices sends them the other way round. */
  readonly indiceShape: readonly number[];
  readonly data: TensorData;
}

/** A picture that is still a file: it is decoded when the model's size and axis order are known. */
export interface ImageInput {
  readonly kind: 'image';
  /** Base64 of a JPEG or PNG file, or of its cipher text when records are encrypted. Not yet checked. */
  readonly base64: string;
}

export type RecordInput = DenseTensor | SparseTensor | ImageInput;

/** The inputs of one record by name, in the order in which they were sent. */
export type RecordInputs = ReadonlyMap<string, RecordInput>;

/** No model has more axes; the limit also stops lists that nest without end. */
export const maxAxes = 32;

/** The product of the axis sizes, 1 for [], or undefined when an axis is negative, broken, or the product is huge. */
export function elementCount(shape: readonly number[]): number | undefined {
  let count = 1;
  for (const axis of shape) {
    if (!Number.isInteger(axis) || axis < 0) return undefined;
    count *= axis;
  }
  return Number.isSafeInteger(count) ? count : undefined;
}

/** A shape as messages show it; damaged records may claim very many axes. */
export function shapeText(shape: readonly (number | string)[]): string {
  return shape.length > maxAxes ? `[${shape.length} axes]` : `[${shape.join(', ')}]`;
}

/** What a text column or a JSON string means. The Python client joins a list of strings with `|`, and no base64
 *  holds that character; a text without it is a picture, also when it was a list of one string.
 *  @see BigDL ClusterServingInference, the string branch of its preprocessing. */
export function textInput(text: string): DenseTensor | ImageInput {
  if (!text.includes('|')) return { kind: 'image', base64: text };
  const data = text.split('|');
  return { kind: 'dense', shape: [data.length], data };
}

/** The one error of this room for a payload that cannot be read; `where` names the column or the position. */
export function undecodable(where: string, what: string, cause?: unknown): ServingError {
  const message = where === '' ? what : `${where}: ${what}`;
  return new ServingError('record-undecodable', message, cause === undefined ? {} : { cause });
}
