import { closeSync, openSync, renameSync, statSync, writeSync } from 'node:fs';
import { ServingError, messageOf } from '../../../schemas/errors.ts';
import { printable, printableStack } from '../../../schemas/printable.ts';

export interface Log {
  info(message: string): void;
  warn(message: string): void;
  error(message: string, error?: unknown): void;
  /** Lines that could not be written, for instance because the disk is full. */
  readonly lost: number;
  close(): void;
}

const maxBytes = 10 * 1024 * 1024;
/** A flood of equal trouble (a client that sends nothing but bad records) must not cost more than the work itself. */
const maxLinesPerSecond = 100;
/** Longer lines are cut: a record may be called by a text of any length. */
const maxLine = 10_000;

/** Appends lines `time LEVEL message` to a file that is moved to `<file>.1` when it is full.
 *  A full disk loses lines, never the job.
 *  @param isPrinted  whether they go to the standard error, too: for what collects the output of a process
 *  @throws ServingError "state-unwritable" if the file cannot be opened at all */
export function openLog(file: string, isPrinted = false): Log {
  const lines = openLines(file);
  const write = (level: Level, text: string, now: number) => {
    const line = `${new Date(now).toISOString()} ${level.padEnd(5)} ${text}\n`;
    if (isPrinted) process.stderr.write(line);
    lines.write(line);
  };
  return createLog(write, () => lines.close());
}

/** A file of lines that is moved to `<file>.1` when it is full.
 *  @throws ServingError "state-unwritable" if it cannot be opened at all; what `write` throws is lost */
export function openLines(file: string): { write(lines: string): void; close(): void } {
  let descriptor: number;
  let size: number;
  try {
    descriptor = openSync(file, 'a', 0o600);
    size = statSync(file).size;
  } catch (error) {
    throw new ServingError('state-unwritable', `The log ${file} cannot be written: ${messageOf(error)}`, {
      cause: error,
    });
  }

  function rotate(): void {
    closeSync(descriptor);
    renameSync(file, `${file}.1`);
    descriptor = openSync(file, 'a', 0o600);
    size = 0;
  }

  return {
    write(lines) {
      if (size > maxBytes) rotate();
      size += writeSync(descriptor, lines);
    },
    close: () => closeSync(descriptor),
  };
}

/** What a line is. */
export type Level = 'INFO' | 'WARN' | 'ERROR';

/** @param write  takes a line, with the trace below it where it has one; the line is lost where it throws */
export function createLog(
  write: (level: Level, text: string, now: number) => void,
  close: () => void = () => undefined,
): Log {
  let lost = 0;
  let second = 0;
  let linesInSecond = 0;

  function append(level: Level, text: string, trace = ''): void {
    // Names of records may be anything: a line break would forge a line, an escape sequence act on who reads the log.
    const message = printable(text.length > maxLine ? `${text.slice(0, maxLine)}…` : text) + trace;
    const now = Date.now();
    if (Math.floor(now / 1000) !== second) {
      const unsaid = linesInSecond - maxLinesPerSecond;
      second = Math.floor(now / 1000);
      linesInSecond = 0;
      if (unsaid > 0) append('WARN', `${unsaid} more lines in that second were left out`);
    }
    linesInSecond += 1;
    if (linesInSecond > maxLinesPerSecond && level !== 'ERROR') return;
    try {
      write(level, message, now);
    } catch {
      lost += 1;
    }
  }

  return {
    get lost() {
      return lost;
    },
    info: (message) => append('INFO', message),
    warn: (message) => append('WARN', message),
    error: (message, error) =>
      append('ERROR', message, error === undefined ? '' : `\n${printableStack(error)}`),
    close,
  };
}
