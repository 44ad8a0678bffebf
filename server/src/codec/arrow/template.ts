import {
  byte,
  int,
  long,
  longPairs,
  short,
  table,
  tables,
  text,
  writeFlatbuffer,
  type Node,
} from './flatbufferWriter.ts';

/** A whole Arrow IPC stream in which only the values are still to be filled in. */
export interface Template {
  readonly bytes: Buffer;
  /** Where each hole of the columns starts, in the order of their buffers. */
  readonly holes: readonly number[];
}

/** One field with its nodes and buffers, as a writer has to lay them out. */
export interface ColumnLayout {
  readonly name: string;
  readonly type: 'float32' | 'int32' | 'utf8' | 'list' | 'struct';
  readonly length: number;
  readonly nulls: number;
  readonly buffers: readonly BufferLayout[];
  readonly children: readonly ColumnLayout[];
}

/** Bytes that never change, or a hole of that many bytes. */
export type BufferLayout = { readonly fixed: Uint8Array } | { readonly hole: number };

const metadataV5 = 4;
const noBytes: BufferLayout = { fixed: new Uint8Array(0) };

/** Validity bits that say which rows of `length` hold a value; absent when all do. */
export function validity(length: number, isSet: (row: number) => boolean): BufferLayout {
  const bits = new Uint8Array((length + 7) >> 3);
  let all = true;
  for (let row = 0; row < length; row++) {
    if (isSet(row)) bits[row >> 3] = (bits[row >> 3] ?? 0) | (1 << (row & 7));
    else all = false;
  }
  return all ? noBytes : { fixed: bits };
}

export function offsets(values: readonly number[]): BufferLayout {
  return { fixed: new Uint8Array(Int32Array.from(values).buffer) };
}

/** Lays out a stream of one schema and the given batches, ended by its marker.
 *  @param batches  columns of the same names and types, at least one */
export function makeTemplate(
  batches: readonly { rows: number; columns: readonly ColumnLayout[] }[],
): Template {
  const parts: Uint8Array[] = [];
  const holes: number[] = [];
  let at = 0;
  const push = (bytes: Uint8Array): void => {
    parts.push(bytes);
    at += bytes.length;
  };
  push(framed(message(1, table(undefined, tables((batches[0]?.columns ?? []).map(fieldNode))), 0)));
  for (const { rows, columns } of batches) {
    const nodes = columns.flatMap(nodesOf);
    const buffers = columns.flatMap(buffersOf);
    const places: number[] = [];
    let size = 0;
    for (const buffer of buffers) {
      const length = 'hole' in buffer ? buffer.hole : buffer.fixed.length;
      places.push(size, length);
      size += padded(length);
    }
    push(framed(message(3, table(long(rows), longPairs(nodes), longPairs(places)), size)));
    for (const buffer of buffers) {
      if ('hole' in buffer) holes.push(at);
      const body = Buffer.alloc(padded('hole' in buffer ? buffer.hole : buffer.fixed.length));
      if ('fixed' in buffer) body.set(buffer.fixed);
      push(body);
    }
  }
  push(Buffer.from([255, 255, 255, 255, 0, 0, 0, 0]));
  // Holes are filled through typed arrays as well as bytes, so the stream starts on memory of its own.
  const bytes = Buffer.from(new ArrayBuffer(at));
  let end = 0;
  for (const part of parts) {
    bytes.set(part, end);
    end += part.length;
  }
  return { bytes, holes };
}

function padded(size: number): number {
  return (size + 7) & ~7;
}

function message(kind: number, header: Node, bodyLength: number): Buffer {
  return writeFlatbuffer(table(short(metadataV5), byte(kind), header, long(bodyLength)));
}

function framed(metadata: Buffer): Buffer {
  const head = Buffer.alloc(8);
  head.writeUInt32LE(0xffffffff, 0);
  head.writeUInt32LE(metadata.length, 4);
  return Buffer.concat([head, metadata]);
}

function fieldNode(column: ColumnLayout): Node {
  const [code, type] = typeNode(column.type);
  return table(
    text(column.name),
    byte(1),
    byte(code),
    type,
    undefined,
    tables(column.children.map(fieldNode)),
  );
}

/** The numbers are those of `union Type` and `enum Precision` in Arrow's Schema.fbs. */
function typeNode(type: ColumnLayout['type']): [number, Node] {
  switch (type) {
    case 'int32':
      return [2, table(int(32), byte(1))];
    case 'float32':
      return [3, table(short(1))];
    case 'utf8':
      return [5, table()];
    case 'list':
      return [12, table()];
    case 'struct':
      return [13, table()];
  }
}

function nodesOf(column: ColumnLayout): number[] {
  return [column.length, column.nulls, ...column.children.flatMap(nodesOf)];
}

function buffersOf(column: ColumnLayout): BufferLayout[] {
  return [...column.buffers, ...column.children.flatMap(buffersOf)];
}
