import type { ServingError } from '../../../schemas/errors.ts';
import { makeTemplate, offsets, validity, type BufferLayout, type ColumnLayout } from './arrow/template.ts';
import { createTemplateCache } from './arrow/templateCache.ts';
import { stringFills } from './arrow/stringFills.ts';
import { convertNumbers, UnfitValue } from '../tensor/convert.ts';
import { numericType, type NumericArray } from '../tensor/elementTypes.ts';
import {
  isStrings,
  positionOf,
  undecodable,
  type DenseTensor,
  type RecordInput,
  type RecordInputs,
  type SparseTensor,
  type StringElement,
} from '../tensor/tensor.ts';

/* See encodeResult: a client sends records of few layouts. */
const template = createTemplateCache();

/** Encodes the inputs of one record as the Python client writes them: base64 of an Arrow IPC stream of one batch.
 *  A tensor is a struct of four lists over four rows, row 0 filling `indiceData`, row 1 `indiceShape`, row 2 `data`
 *  and row 3 `shape`. Images, and one-dimensional tensors of at least two texts without `|`, are a column of text.
 *  Unlike there, records may mix both; the string is then in row 0 of four, and integers stay integers.
 *  The form has float32, int32 and strings. Other numbers become one of them where that changes none; numbers of JSON
 *  become float32 as the original's clients write them.
 *  @throws ServingError "record-undecodable", naming the element that the form cannot carry exactly
 *  @see BigDL serving client.py, InputQueue.data_to_b64 */
export function encodeRecord(inputs: RecordInputs): string {
  const parts: Part[] = [];
  let key = '';
  for (const [name, input] of inputs) {
    const part = partOf(name, input);
    parts.push(part);
    key += `${JSON.stringify(name)}${part.key}`;
  }
  const rows = parts.some((part) => part.fills.length > 1) ? 4 : 1;
  const { bytes, holes } = template(key, () =>
    makeTemplate([{ rows, columns: parts.map((part) => part.layout(rows)) }]),
  );
  let hole = 0;
  for (const { fills } of parts) {
    for (const fill of fills) {
      bytes.set(fill, holes[hole]);
      hole++;
    }
  }
  return bytes.toString('base64');
}

/** A column: what its layout depends on, the layout, and the bytes for its holes. */
interface Part {
  readonly key: string;
  readonly fills: readonly Uint8Array[];
  readonly layout: (rows: number) => ColumnLayout;
}

function partOf(name: string, input: RecordInput): Part {
  if (input.kind === 'image') return textPart(name, input.base64);
  const data = originalData(name, input);
  if (input.kind === 'dense' && isJoinable(data, input.shape)) return textPart(name, data.join('|'));
  const lists: readonly [string, OriginalData][] = [
    ['indiceData', input.kind === 'sparse' ? input.indices : new Int32Array(0)],
    ['indiceShape', Int32Array.from(input.kind === 'sparse' ? input.indiceShape : [])],
    ['data', data],
    ['shape', Int32Array.from(input.shape)],
  ];
  const items = lists.map(([part, data]) => ({ part, ...itemsOf(data) }));
  return {
    key: `{${items.map(({ key }) => key).join()}}`,
    fills: items.flatMap(({ fills }) => fills),
    layout: (rows) => ({
      name,
      type: 'struct',
      length: rows,
      nulls: 0,
      buffers: [validity(rows, () => true)],
      children: items.map(({ part, length, item }, row) => listLayout(part, row, rows, length, item())),
    }),
  };
}

type OriginalData = Float32Array | Int32Array | readonly string[];

/** Elements of the types that the original's form has. */
function originalData(name: string, { type, shape, data, origin }: DenseTensor | SparseTensor): OriginalData {
  if (data instanceof Float32Array || data instanceof Int32Array) return data;
  if (isStrings(data)) {
    const broken = data.findIndex((element: StringElement) => typeof element !== 'string');
    if (broken >= 0) throw notCarried(name + positionOf(shape, broken), 'a string that is not UTF-8');
    return data as readonly string[];
  }
  const numbers = data as NumericArray;
  try {
    if (numericType(type as 'int64').kind === 'float')
      return asFloat32(name, shape, convertNumbers(numbers, type, 'float64', 'declared'), origin === 'json');
    return convertNumbers(numbers, type, 'int32', 'declared') as Int32Array;
  } catch (error) {
    if (!(error instanceof UnfitValue)) throw error;
    // Integers of more than 32 bits may be floats that have no other digits.
    return asFloat32(name, shape, numbers, false);
  }
}

function asFloat32(
  name: string,
  shape: readonly number[],
  numbers: NumericArray,
  mayRound: boolean,
): Float32Array {
  const floats = new Float32Array(numbers.length);
  for (let i = 0; i < numbers.length; i++) {
    const value = numbers[i] ?? 0;
    floats[i] = Number(value);
    const held = floats[i] ?? 0;
    const isSame = typeof value === 'bigint' ? BigInt(held) === value : held === value || Number.isNaN(value);
    const isNear = mayRound && Number.isFinite(held);
    if (!isSame && !isNear) throw notCarried(name + positionOf(shape, i), String(value));
  }
  return floats;
}

function notCarried(place: string, what: string): ServingError {
  return undecodable(
    place,
    `${what} cannot be carried exactly by the original's form of a record, the only one that the job's workers read`,
  );
}

/** The list child that is filled in one row: its offsets are 0 up to that row and `length` after it. */
function listLayout(
  name: string,
  row: number,
  rows: number,
  length: number,
  item: ColumnLayout,
): ColumnLayout {
  const starts = Array.from({ length: rows + 1 }, (_, i) => (i > row ? length : 0));
  const buffers = [validity(rows, (i) => i === row), offsets(starts)];
  return { name, type: 'list', length: rows, nulls: rows - 1, buffers, children: [item] };
}

function isJoinable(data: OriginalData, shape: readonly number[]): data is readonly string[] {
  if (data instanceof Float32Array || data instanceof Int32Array) return false;
  return shape.length === 1 && data.length > 1 && data.every((text) => !text.includes('|'));
}

function textPart(name: string, text: string): Part {
  const bytes = Buffer.from(text);
  return {
    key: `"${bytes.length}"`,
    fills: [bytes],
    layout: (rows) => ({
      name,
      type: 'utf8',
      length: rows,
      nulls: rows - 1,
      buffers: [
        validity(rows, (row) => row === 0),
        offsets(Array.from({ length: rows + 1 }, (_, i) => (i === 0 ? 0 : bytes.length))),
        { hole: bytes.length },
      ],
      children: [],
    }),
  };
}

interface Items {
  readonly key: string;
  readonly length: number;
  readonly fills: readonly Uint8Array[];
  /** Asked for only when no template of the layout is there yet. */
  readonly item: () => ColumnLayout;
}

function itemsOf(data: OriginalData): Items {
  const { length } = data;
  const layout =
    (type: 'float32' | 'int32' | 'utf8', ...rest: BufferLayout[]) =>
    (): ColumnLayout => ({
      name: 'item',
      length,
      nulls: 0,
      children: [],
      type,
      buffers: [validity(length, () => true), ...rest],
    });
  if (data instanceof Float32Array || data instanceof Int32Array) {
    const type = data instanceof Float32Array ? 'float32' : 'int32';
    const fill = new Uint8Array(data.buffer, data.byteOffset, data.byteLength);
    return { key: `${type}:${length}`, length, fills: [fill], item: layout(type, { hole: fill.length }) };
  }
  const fills = stringFills(data);
  const [ends, texts] = fills;
  return {
    key: `utf8:${length}:${texts.length}`,
    length,
    fills,
    item: layout('utf8', { hole: ends.length }, { hole: texts.length }),
  };
}
