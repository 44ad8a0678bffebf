import { closeSync, openSync, fstatSync, renameSync, rmSync, writeSync } from 'node:fs';
import { ServingError, messageOf } from '../../../schemas/errors.ts';
import type { LogSettings } from '../../../schemas/logs.ts';

export interface RotatingFile {
  /** Appends whole lines. What it throws has lost them. */
  write(lines: string): void;
  close(): void;
}

/** How large files may become, and how many there may be. */
export type FileLimits = Pick<LogSettings, 'maxBytes' | 'files'>;

/** Where the file before `file` goes, and the one before that. */
export function olderFile(file: string, age: number): string {
  return `${file}.${age}`;
}

/** A file of lines that is moved aside before it becomes too large, with the older ones. Only one process may rotate a file;
 *  others may append to it. A line is never in two files, and one that is longer than a file gets one of its own.
 *  @throws ServingError "state-unwritable" if it cannot be opened at all */
export function openRotatingFile(file: string, { maxBytes, files }: FileLimits): RotatingFile {
  let descriptor = open();
  let size = fstatSync(descriptor).size;
  /** The disk became full within a line; what is written next must not continue it. */
  let isCut = false;

  function open(): number {
    try {
      return openSync(file, 'a', 0o600);
    } catch (error) {
      throw new ServingError('state-unwritable', `The log ${file} cannot be written: ${messageOf(error)}`, {
        cause: error,
      });
    }
  }

  /** Where it cannot be done, lines go on into the same file: rather a large file than a lost line. */
  function rotate(): void {
    try {
      rmSync(olderFile(file, files - 1), { force: true });
      for (let age = files - 2; age > 0; age--) moveIfThere(olderFile(file, age), olderFile(file, age + 1));
      renameSync(file, olderFile(file, 1));
    } catch {
      return;
    }
    const before = descriptor;
    descriptor = open();
    closeSync(before);
    size = 0;
  }

  return {
    write(lines) {
      const bytes = Buffer.from(isCut ? `\n${lines}` : lines);
      if (size > 0 && size + bytes.length > maxBytes) rotate();
      let written = 0;
      try {
        while (written < bytes.length) written += writeSync(descriptor, bytes, written);
        isCut = false;
      } finally {
        if (written > 0) isCut = bytes[written - 1] !== newline;
        size += written;
      }
    },
    close: () => closeSync(descriptor),
  };
}

const newline = 0x0a;

function moveIfThere(from: string, to: string): void {
  try {
    renameSync(from, to);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ENOENT') throw error;
  }
}
