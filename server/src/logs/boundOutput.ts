import { closeSync, fstatSync, ftruncateSync, openSync, readSync, writeSync } from 'node:fs';
import { olderFile } from './rotatingFile.ts';

const checkMs = 2_000;
const chunkBytes = 1 << 20;

/** Keeps a file small that libraries print to through an inherited descriptor: it cannot be exchanged under them, so what is in
 *  it is copied to `<file>.1` and the file emptied. What is printed between the last read and that, some microseconds, is lost;
 *  lines of the log itself are never in such a file.
 *  @returns what ends it */
export function boundOutput(file: string, maxBytes: number): () => void {
  const timer = setInterval(() => emptyIfLarge(file, maxBytes), checkMs).unref();
  return () => clearInterval(timer);
}

/** One look of `boundOutput`. */
export function emptyIfLarge(file: string, maxBytes: number): void {
  let from: number;
  try {
    from = openSync(file, 'r+');
  } catch {
    // In the foreground there is none.
    return;
  }
  try {
    if (fstatSync(from).size <= maxBytes) return;
    copyTo(olderFile(file, 1), from);
    ftruncateSync(from, 0);
  } catch {
    // A full disk: the next look may find room.
  } finally {
    closeSync(from);
  }
}

function copyTo(file: string, from: number): void {
  const to = openSync(file, 'w', 0o600);
  try {
    const bytes = Buffer.alloc(chunkBytes);
    for (;;) {
      const count = readSync(from, bytes);
      if (count === 0) return;
      writeSync(to, bytes, 0, count);
    }
  } finally {
    closeSync(to);
  }
}
