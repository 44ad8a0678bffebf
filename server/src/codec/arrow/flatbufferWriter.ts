/* Writing flatbuffers front to back: a parent first, what it points to behind it. Only templates are made with this,
   never single records, so it is written for brevity and not for speed. */

export type Node =
  | { readonly kind: 'table'; readonly slots: readonly (Slot | undefined)[] }
  | { readonly kind: 'tables'; readonly items: readonly Node[] }
  | { readonly kind: 'text'; readonly text: string }
  /** Structs of 64-bit numbers, flattened: two per field node, two per buffer. */
  | { readonly kind: 'longs'; readonly numbers: readonly number[]; readonly perItem: number };

/** A number stored in the table itself, or something the table points to. */
export type Slot = { readonly kind: 'number'; readonly bytes: 1 | 2 | 4 | 8; readonly value: number } | Node;

export const table = (...slots: (Slot | undefined)[]): Node => ({ kind: 'table', slots });
export const tables = (items: readonly Node[]): Node => ({ kind: 'tables', items });
export const text = (value: string): Node => ({ kind: 'text', text: value });
export const longPairs = (numbers: readonly number[]): Node => ({ kind: 'longs', numbers, perItem: 2 });
export const byte = (value: number): Slot => ({ kind: 'number', bytes: 1, value });
export const short = (value: number): Slot => ({ kind: 'number', bytes: 2, value });
export const int = (value: number): Slot => ({ kind: 'number', bytes: 4, value });
export const long = (value: number): Slot => ({ kind: 'number', bytes: 8, value });

/** The bytes of the flatbuffer whose root is `root`, padded to a multiple of eight. */
export function writeFlatbuffer(root: Node): Buffer {
  const out: Writer = { bytes: Buffer.alloc(1024), end: 4 };
  const start = writeNode(out, root);
  out.bytes.writeUInt32LE(start, 0);
  reserve(out, -out.end & 7);
  return out.bytes.subarray(0, out.end);
}

interface Writer {
  bytes: Buffer;
  end: number;
}

function reserve(out: Writer, size: number): number {
  const at = out.end;
  out.end += size;
  if (out.end > out.bytes.length) out.bytes = Buffer.concat([out.bytes, Buffer.alloc(out.end)]);
  return at;
}

/** Writes a node and returns where it starts. */
function writeNode(out: Writer, node: Node): number {
  reserve(out, -out.end & 3);
  switch (node.kind) {
    case 'text': {
      const size = Buffer.byteLength(node.text);
      const at = reserve(out, 4 + size + 1);
      out.bytes.writeUInt32LE(size, at);
      out.bytes.write(node.text, at + 4);
      return at;
    }
    case 'longs': {
      if ((out.end & 7) === 0) reserve(out, 4);
      const at = reserve(out, 4 + 8 * node.numbers.length);
      out.bytes.writeUInt32LE(node.numbers.length / node.perItem, at);
      for (const [i, value] of node.numbers.entries()) writeLong(out, at + 4 + 8 * i, value);
      return at;
    }
    case 'tables': {
      const at = reserve(out, 4 + 4 * node.items.length);
      out.bytes.writeUInt32LE(node.items.length, at);
      for (const [i, item] of node.items.entries()) writePointer(out, at + 4 + 4 * i, item);
      return at;
    }
    case 'table':
      return writeTable(out, node.slots);
  }
}

function writeTable(out: Writer, slots: readonly (Slot | undefined)[]): number {
  const vtableSize = 4 + 2 * slots.length;
  // The table itself starts on a multiple of eight, so that fields sorted by size are aligned without gaps.
  reserve(out, -(out.end + vtableSize) & 7);
  const vtable = reserve(out, vtableSize);
  const at = reserve(out, 4);
  const order = slots.map((slot, i) => ({ slot, i, bytes: sizeOf(slot) })).filter((entry) => entry.bytes > 0);
  order.sort((a, b) => b.bytes - a.bytes);
  if (order[0]?.bytes === 8) reserve(out, 4);
  const places = order.map(({ i, slot, bytes }) => {
    const place = reserve(out, bytes);
    out.bytes.writeUInt16LE(place - at, vtable + 4 + 2 * i);
    return { place, slot };
  });
  out.bytes.writeUInt16LE(vtableSize, vtable);
  out.bytes.writeUInt16LE(out.end - at, vtable + 2);
  out.bytes.writeInt32LE(at - vtable, at);
  for (const { place, slot } of places) {
    if (slot === undefined) continue;
    if (slot.kind !== 'number') writePointer(out, place, slot);
    else if (slot.bytes === 8) writeLong(out, place, slot.value);
    else out.bytes.writeUIntLE(slot.value, place, slot.bytes);
  }
  return at;
}

function sizeOf(slot: Slot | undefined): number {
  if (slot === undefined) return 0;
  return slot.kind === 'number' ? slot.bytes : 4;
}

function writePointer(out: Writer, place: number, node: Node): void {
  const target = writeNode(out, node);
  out.bytes.writeUInt32LE(target - place, place);
}

function writeLong(out: Writer, place: number, value: number): void {
  out.bytes.writeUInt32LE(value % 2 ** 32, place);
  out.bytes.writeUInt32LE(Math.floor(value / 2 ** 32), place + 4);
}
