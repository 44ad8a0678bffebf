import { makeTemplate, offsets, validity, type BufferLayout, type ColumnLayout } from './arrow/template.ts';
import { createTemplateCache } from './arrow/templateCache.ts';
import type { RecordInput, RecordInputs, TensorData } from './tensor.ts';

/* See encodeResult: a client sends records of few layouts. */
const template = createTemplateCache();

/** Encodes the inputs of one record as the Python client writes them: base64 of an Arrow IPC stream of one batch.
 *  A tensor is a struct of four lists over four rows, row 0 filling `indiceData`, row 1 `indiceShape`, row 2 `data`
 *  and row 3 `shape`. Pictures, and one-dimensional tensors of at least two texts without `|`, are a column of text.
 *  Ours: records may mix both; the text is then in row 0 of four, and integers stay integers.
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
  if (input.kind === 'dense' && isJoinable(input.data, input.shape))
    return textPart(name, input.data.join('|'));
  const lists: readonly [string, TensorData][] = [
    ['indiceData', input.kind === 'sparse' ? input.indices : new Int32Array(0)],
    ['indiceShape', Int32Array.from(input.kind === 'sparse' ? input.indiceShape : [])],
    ['data', input.data],
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

function isJoinable(data: TensorData, shape: readonly number[]): data is readonly string[] {
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

function itemsOf(data: TensorData): Items {
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
  const ends = new Int32Array(length + 1);
  for (let i = 0; i < length; i++) ends[i + 1] = (ends[i] ?? 0) + Buffer.byteLength(data[i] ?? '');
  const texts = Buffer.from(data.join(''));
  return {
    key: `utf8:${length}:${texts.length}`,
    length,
    fills: [new Uint8Array(ends.buffer), texts],
    item: layout('utf8', { hole: ends.byteLength }, { hole: texts.length }),
  };
}
