import type { ModelFiles } from './modelFiles.ts';

/** A file in a zip archive. */
export interface ZipEntry {
  readonly name: string;
  /** Where its local header begins. */
  readonly at: number;
  /** As it is stored. */
  readonly bytes: number;
  readonly isCompressed: boolean;
}

/** The end of an archive is within these bytes, unless it has a long comment. */
const endBytes = 64 * 1024;
/** No model has a longer list of files. */
const maxListBytes = 32 * 1024 * 1024;
const endMark = 0x06054b50;
const end64Mark = 0x06064b50;
const entryMark = 0x02014b50;
/** Stands for a number that is in the extra field. */
const inExtra = 0xffffffff;

/** The files of a zip archive, by its list at the end. @returns undefined for what is none, or is cut off */
export async function readZip(path: string, files: ModelFiles): Promise<readonly ZipEntry[] | undefined> {
  const size = await sizeOf(path, files);
  const from = Math.max(0, size - endBytes);
  const tail = await read(path, from, size - from, files);
  if (!tail) return undefined;
  const list = listOf(tail);
  if (!list || list.bytes > maxListBytes) return undefined;
  const bytes = await read(path, list.at, list.bytes, files);
  return bytes && entriesOf(bytes);
}

/** The first bytes of a file that is stored as it is. */
export async function readEntry(
  path: string,
  { at, bytes }: ZipEntry,
  maxBytes: number,
  files: ModelFiles,
): Promise<Uint8Array | undefined> {
  const head = await read(path, at, 30, files);
  if (!head) return undefined;
  const start = at + 30 + head.getUint16(26, true) + head.getUint16(28, true);
  return files.bytes(path, start, Math.min(bytes, maxBytes));
}

/** By looking for the end, since what is asked of the disk has no sizes. */
async function sizeOf(path: string, files: ModelFiles): Promise<number> {
  const isThere = async (at: number) => ((await files.bytes(path, at, 1))?.length ?? 0) > 0;
  let high = 1;
  while (await isThere(high - 1)) high *= 2;
  let low = high / 2;
  // The byte before `low` is there, the one before `high` is not.
  while (high - low > 1) {
    const middle = Math.floor((low + high) / 2);
    if (await isThere(middle - 1)) low = middle;
    else high = middle;
  }
  return high === 1 ? 0 : low;
}

async function read(
  path: string,
  at: number,
  count: number,
  files: ModelFiles,
): Promise<DataView | undefined> {
  const bytes = await files.bytes(path, at, count);
  return bytes?.length === count && count > 0
    ? new DataView(bytes.buffer, bytes.byteOffset, bytes.length)
    : undefined;
}

/** Where the list is. */
function listOf(tail: DataView): { readonly at: number; readonly bytes: number } | undefined {
  for (let i = tail.byteLength - 22; i >= 0; i--) {
    if (tail.getUint32(i, true) !== endMark) continue;
    const [bytes, at] = [tail.getUint32(i + 12, true), tail.getUint32(i + 16, true)];
    if (at !== inExtra) return { at, bytes };
    // The larger form stands before the smaller one.
    for (let j = i - 56; j >= 0; j--)
      if (tail.getUint32(j, true) === end64Mark)
        return {
          bytes: Number(tail.getBigUint64(j + 40, true)),
          at: Number(tail.getBigUint64(j + 48, true)),
        };
    return undefined;
  }
  return undefined;
}

function entriesOf(list: DataView): readonly ZipEntry[] {
  const entries: ZipEntry[] = [];
  const decoder = new TextDecoder();
  let i = 0;
  while (i + 46 <= list.byteLength && list.getUint32(i, true) === entryMark) {
    const [nameLength, extraLength, commentLength] = [28, 30, 32].map((at) =>
      list.getUint16(i + at, true),
    ) as [number, number, number];
    const nameEnd = i + 46 + nameLength;
    const name = decoder.decode(new Uint8Array(list.buffer, list.byteOffset + i + 46, nameLength));
    const extra = new DataView(list.buffer, list.byteOffset + nameEnd, extraLength);
    entries.push({
      name,
      isCompressed: list.getUint16(i + 10, true) !== 0,
      ...placeOf(
        list.getUint32(i + 24, true),
        list.getUint32(i + 20, true),
        list.getUint32(i + 42, true),
        extra,
      ),
    });
    i = nameEnd + extraLength + commentLength;
  }
  return entries;
}

/** Sizes and offsets beyond 4 GB stand in the extra field, in this order and only those that are too large. */
function placeOf(size: number, bytes: number, at: number, extra: DataView): Pick<ZipEntry, 'at' | 'bytes'> {
  if (bytes !== inExtra && at !== inExtra) return { at, bytes };
  let i = 0;
  while (i + 4 <= extra.byteLength && extra.getUint16(i, true) !== 1) i += 4 + extra.getUint16(i + 2, true);
  i += 4;
  const take = (value: number): number => {
    if (value !== inExtra || i + 8 > extra.byteLength) return value;
    i += 8;
    return Number(extra.getBigUint64(i - 8, true));
  };
  take(size);
  const stored = take(bytes);
  return { bytes: stored, at: take(at) };
}
