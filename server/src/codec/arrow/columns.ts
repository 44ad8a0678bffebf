import { undecodable } from '../../tensor/tensor.ts';
import * as fb from './flatbuffer.ts';
import type { NumericArray } from '../../tensor/elementTypes.ts';
import { readTexts, readValues } from './values.ts';
import type { ArrowField } from './schema.ts';

/** Where one record batch lies: its table, and the body its buffers may not leave. */
export interface Batch {
  readonly bytes: Buffer;
  readonly table: number;
  readonly body: number;
  readonly end: number;
}

/** One column with everything below it, flattened: the values of all rows, whatever row they belong to. */
export interface Column {
  readonly field: ArrowField;
  readonly length: number;
  readonly nulls: number;
  /** Start of the validity bits in the payload, -1 when every value counts. */
  readonly validity: number;
  /** Undefined for lists, structs and nulls. */
  readonly values: NumericArray | readonly string[] | undefined;
  readonly children: readonly Column[];
  readonly bytes: Buffer;
}

/** True when row `i` of the column holds a value. */
export function isValid(column: Column, i: number): boolean {
  if (column.field.type === 'null') return false;
  if (column.validity < 0) return true;
  return ((column.bytes.readUInt8(column.validity + (i >> 3)) >> (i & 7)) & 1) === 1;
}

/** Takes nodes and buffers of a batch in the depth-first order in which the schema names its fields; as a span it is
 *  the buffer taken last. One object for all buffers: records hold some seventeen, and this is the hot path. */
interface Cursor extends Batch {
  start: number;
  size: number;
  node: number;
  readonly nodeEnd: number;
  buffer: number;
  readonly bufferEnd: number;
}

/** Reads the columns of one batch.
 *  The row count of the batch is not looked at: the Scala frontend declares one row over columns that hold more. */
export function readColumns(batch: Batch, fields: readonly ArrowField[]): readonly Column[] {
  const { bytes, table } = batch;
  if (table === 0) throw undecodable('', 'an Arrow batch is empty');
  if (fb.field(bytes, table, 3) !== 0) throw undecodable('', 'compressed Arrow is not supported');
  const nodes = fb.child(bytes, table, 1);
  const buffers = fb.child(bytes, table, 2);
  const cursor: Cursor = {
    bytes,
    table,
    body: batch.body,
    end: batch.end,
    start: 0,
    size: 0,
    node: nodes + 4,
    nodeEnd: nodes + 4 + 16 * fb.vectorLength(bytes, nodes, 16),
    buffer: buffers + 4,
    bufferEnd: buffers + 4 + 16 * fb.vectorLength(bytes, buffers, 16),
  };
  return fields.map((field) => readColumn(cursor, field));
}

function readColumn(cursor: Cursor, field: ArrowField): Column {
  const { bytes, node } = cursor;
  if (node === cursor.nodeEnd) throw undecodable(field.name, 'is missing in the Arrow batch');
  cursor.node += 16;
  const length = fb.size64(bytes, node);
  const nulls = fb.size64(bytes, node + 8);
  let validity = -1;
  if (field.type !== 'null') {
    nextBuffer(cursor, field);
    if (nulls > 0 && cursor.size * 8 < length) throw undecodable(field.name, 'has too few validity bits');
    if (nulls > 0) validity = cursor.start;
  }
  const values = valuesOf(cursor, field, length);
  let children = noColumns;
  if (field.children.length > 0) {
    const read: Column[] = [];
    for (const child of field.children) read.push(readColumn(cursor, child));
    children = read;
  }
  return { field, length, nulls, validity, values, children, bytes };
}

function valuesOf(cursor: Cursor, field: ArrowField, length: number): Column['values'] {
  switch (field.type) {
    case 'null':
    case 'struct':
    case 'fixedList':
      return undefined;
    case 'list':
    case 'largeList':
      nextBuffer(cursor, field);
      return undefined;
    case 'utf8':
    case 'largeUtf8': {
      nextBuffer(cursor, field);
      const offsets = { start: cursor.start, size: cursor.size };
      nextBuffer(cursor, field);
      return readTexts(cursor.bytes, field, length, offsets, cursor);
    }
    default:
      nextBuffer(cursor, field);
      return readValues(cursor.bytes, field, length, cursor);
  }
}

const noColumns: readonly Column[] = [];

/** Moves `start` and `size` to the next buffer. */
function nextBuffer(cursor: Cursor, field: ArrowField): void {
  const { bytes, buffer, body, end } = cursor;
  if (buffer === cursor.bufferEnd) throw undecodable(field.name, 'lacks a buffer in the Arrow batch');
  cursor.buffer += 16;
  cursor.start = body + fb.size64(bytes, buffer);
  cursor.size = fb.size64(bytes, buffer + 8);
  if (cursor.start + cursor.size > end) throw undecodable(field.name, 'has a buffer outside of the payload');
}
