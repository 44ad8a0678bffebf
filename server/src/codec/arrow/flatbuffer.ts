/* Reading flatbuffers by hand. Node's own bounds checks throw a RangeError outside of the payload, which
   `readStream` turns into the error of this room, so no function here can read foreign memory. */

/** Follows the offset stored at `at`. */
export function follow(bytes: Buffer, at: number): number {
  return at + bytes.readUInt32LE(at);
}

/** Where field number `slot` of the table at `table` is, or 0 when the writer left it out. */
export function field(bytes: Buffer, table: number, slot: number): number {
  const vtable = table - bytes.readInt32LE(table);
  const entry = 4 + 2 * slot;
  if (entry >= bytes.readUInt16LE(vtable)) return 0;
  const offset = bytes.readUInt16LE(vtable + entry);
  return offset === 0 ? 0 : table + offset;
}

/** Where the table, text or vector in field `slot` starts, or 0 when it is absent. */
export function child(bytes: Buffer, table: number, slot: number): number {
  const at = field(bytes, table, slot);
  return at === 0 ? 0 : follow(bytes, at);
}

export function byteField(bytes: Buffer, table: number, slot: number): number {
  const at = field(bytes, table, slot);
  return at === 0 ? 0 : bytes.readUInt8(at);
}

export function shortField(bytes: Buffer, table: number, slot: number): number {
  const at = field(bytes, table, slot);
  return at === 0 ? 0 : bytes.readInt16LE(at);
}

export function intField(bytes: Buffer, table: number, slot: number): number {
  const at = field(bytes, table, slot);
  return at === 0 ? 0 : bytes.readInt32LE(at);
}

/** The number of entries of the vector at `vector` (0 = absent), each `size` bytes; all of them lie in the payload. */
export function vectorLength(bytes: Buffer, vector: number, size: number): number {
  if (vector === 0) return 0;
  const length = bytes.readUInt32LE(vector);
  if (vector + 4 + length * size > bytes.length) throw new RangeError('a vector is longer than the payload');
  return length;
}

export function text(bytes: Buffer, at: number): string {
  if (at === 0) return '';
  const length = vectorLength(bytes, at, 1);
  return bytes.toString('utf8', at + 4, at + 4 + length);
}

/** A 64-bit size or offset. Nothing valid reaches 4 GiB, so the upper half is only checked. */
export function size64(bytes: Buffer, at: number): number {
  if (bytes.readUInt32LE(at + 4) !== 0) throw new RangeError('a size is larger than the payload');
  return bytes.readUInt32LE(at);
}
