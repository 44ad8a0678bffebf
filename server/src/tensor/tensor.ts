import { ServingError } from '../../../schemas/errors.ts';
import type { ElementType, NumericArray } from './elementTypes.ts';

/** An element of a string tensor: bytes where they are not UTF-8. */
export type StringElement = string | Uint8Array;

/** The elements of a tensor, row-major: an array of the element type, or strings. */
export type TensorData = NumericArray | readonly StringElement[];

export interface Tensor {
  readonly type: ElementType;
  /** Axis sizes, outermost first; [] is a single value without axes. Their product is the length of `data`. */
  readonly shape: readonly number[];
  readonly data: TensorData;
}

/** Where the numbers of a tensor came from, which decides what may be done to make them the model's.
 *  "declared": the sender named their type. "json": numbers of JSON, which has one type only. "arrow": the original's form,
 *  whose clients write what they have, float32 mostly. */
export type Origin = 'declared' | 'json' | 'arrow';

/** A tensor as it was sent. */
export interface SentTensor extends Tensor {
  /** Its shape is the one that the model is to get, batch axis and all, as the Open Inference Protocol has it. It matters for
   *  a model that does not say its rank. */
  readonly isWhole?: boolean;
}

export interface DenseTensor extends SentTensor {
  readonly kind: 'dense';
  /** "declared" where it is absent. */
  readonly origin?: Origin;
}

export interface SparseTensor extends Tensor {
  readonly kind: 'sparse';
  readonly origin?: Origin;
  /** As sent, flattened row-major over `indiceShape`: one row per value, one column per axis of `shape`. */
  readonly indices: Int32Array;
  /** [number of values, rank of `shape`]; a client that transposes its indices sends them the other way round. */
  readonly indiceShape: readonly number[];
}

/** An image that is still a file: it is decoded when the model's size and axis order are known. */
export interface ImageInput {
  readonly kind: 'image';
  /** Base64 of an image file, or of its cipher text when records are encrypted. Not yet checked. */
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
export function shapeText(shape: readonly (number | null)[]): string {
  return shape.length > maxAxes
    ? `[${shape.length} axes]`
    : `[${shape.map((size) => size ?? '?').join(', ')}]`;
}

/** Where an element stands in its tensor, such as `[1][2]`. */
export function positionOf(shape: readonly number[], flat: number): string {
  let position = '';
  let rest = flat;
  for (const size of shape.toReversed()) {
    position = `[${rest % size}]${position}`;
    rest = Math.floor(rest / size);
  }
  return position;
}

export function isStrings(data: TensorData): data is readonly StringElement[] {
  return Array.isArray(data);
}

/** The bytes of a string's element. */
export function stringBytes(element: StringElement): Uint8Array {
  return typeof element === 'string' ? Buffer.from(element) : element;
}

/** What a text column or a JSON string means. The Python client joins a list of strings with `|`, and no base64
 *  holds that character; a text without it is an image, also when it was a list of one string.
 *  @see BigDL ClusterServingInference, the string branch of its preprocessing. */
export function textInput(text: string): DenseTensor | ImageInput {
  if (!text.includes('|')) return { kind: 'image', base64: text };
  const data = text.split('|');
  return { kind: 'dense', type: 'string', shape: [data.length], data };
}

/** The one error for a payload that cannot be read; `where` names the column or the position. */
export function undecodable(where: string, what: string, cause?: unknown): ServingError {
  const message = where === '' ? what : `${where}: ${what}`;
  return new ServingError('record-undecodable', message, cause === undefined ? {} : { cause });
}
