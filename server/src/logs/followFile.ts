import { closeSync, fstatSync, openSync, readSync, statSync } from 'node:fs';
import { olderFile } from './rotatingFile.ts';

/** Reads the lines of a log as it grows, across rotations. */
export interface FollowedFile {
  /** The whole lines since the last call; the first time all of the current file. A line that is still being written comes
   *  when it is whole. */
  next(): string[];
  /** The lines before those of the first call, from older files: at least `most` where there are as many. */
  before(most: number): string[];
  close(): void;
}

const chunkBytes = 1 << 18;
const newline = 0x0a;
/** A file may be moved between two looks at it; it is not moved often. */
const maxTries = 20;

/** @throws what the system does if the file cannot be opened */
export function followFile(file: string): FollowedFile {
  let descriptor = openSync(file, 'r');
  let position = 0;
  let rest: Buffer = Buffer.alloc(0);

  /** What the open file has got since the last read. */
  function readOn(): Buffer {
    const chunks: Buffer[] = [];
    if (fstatSync(descriptor).size < position) {
      // What libraries print is copied aside and emptied in place.
      const copy = open(olderFile(file, 1));
      if (copy !== undefined) chunks.push(readWhole(copy).subarray(position));
      position = 0;
    }
    for (;;) {
      const bytes = Buffer.alloc(chunkBytes);
      const count = readSync(descriptor, bytes, 0, chunkBytes, position);
      if (count === 0) return Buffer.concat(chunks);
      position += count;
      chunks.push(bytes.subarray(0, count));
    }
  }

  /** Opens the file that follows the open one; undefined where that is still the one that is written. */
  function openNext(): number | undefined {
    for (let tries = 0; tries < maxTries; tries++) {
      const { ino } = fstatSync(descriptor);
      const age = ageOf(file, ino);
      if (age === 0) return undefined;
      const next = open(age === undefined ? oldestOf(file) : nameOf(file, age - 1));
      if (next === undefined) continue;
      if (age === undefined || ageOf(file, ino) === age) return next;
      // It was moved meanwhile; it is not known whether another lies between.
      closeSync(next);
    }
    return undefined;
  }

  return {
    next() {
      const parts = [rest, readOn()];
      for (let next = openNext(); next !== undefined; next = openNext()) {
        // The old file has got no more since it was moved, but maybe between its last read and that.
        parts.push(readOn());
        closeSync(descriptor);
        descriptor = next;
        position = 0;
        parts.push(readOn());
      }
      const bytes = Buffer.concat(parts);
      const end = bytes.lastIndexOf(newline) + 1;
      rest = bytes.subarray(end);
      return linesOf(bytes.subarray(0, end));
    },
    before(most) {
      const { ino } = fstatSync(descriptor);
      let lines: string[] = [];
      for (let age = (ageOf(file, ino) ?? 0) + 1; lines.length < most; age++) {
        const older = open(olderFile(file, age));
        if (older === undefined) break;
        lines = [...linesOf(readWhole(older)), ...lines];
      }
      return lines;
    },
    close: () => closeSync(descriptor),
  };
}

function nameOf(file: string, age: number): string {
  return age === 0 ? file : olderFile(file, age);
}

/** How often a file was moved aside; undefined once it has been removed. */
function ageOf(file: string, ino: number): number | undefined {
  for (let age = 0; ; age++) {
    const found = statSync(nameOf(file, age), { throwIfNoEntry: false });
    if (found?.ino === ino) return age;
    // The name of the current file is free for a moment while it is moved.
    if (found === undefined && age > 0) return undefined;
  }
}

function oldestOf(file: string): string {
  let age = 0;
  while (statSync(olderFile(file, age + 1), { throwIfNoEntry: false }) !== undefined) age += 1;
  return nameOf(file, age);
}

function open(file: string): number | undefined {
  try {
    return openSync(file, 'r');
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined;
    throw error;
  }
}

function readWhole(descriptor: number): Buffer {
  try {
    const bytes = Buffer.alloc(fstatSync(descriptor).size);
    return bytes.subarray(0, readSync(descriptor, bytes, 0, bytes.length, 0));
  } finally {
    closeSync(descriptor);
  }
}

function linesOf(bytes: Buffer): string[] {
  if (bytes.length === 0) return [];
  const lines = bytes.toString().split('\n');
  if (lines.at(-1) === '') lines.pop();
  return lines;
}
