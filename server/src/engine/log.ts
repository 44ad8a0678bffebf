import { ServingError } from '../../../schemas/errors.ts';
import type { LogFacts, LogLevel, LogLine, LogSettings } from '../../../schemas/logs.ts';
import { beginning, printable, printableStack } from '../../../schemas/printable.ts';
import { formatLine } from '../logs/logLine.ts';
import type { LogOwner } from '../logs/logOptions.ts';
import { openRotatingFile } from '../logs/rotatingFile.ts';

export interface Log {
  info(message: string, facts?: LogFacts): void;
  warn(message: string, facts?: LogFacts): void;
  /** @param error  a bug: its trace is logged too */
  error(message: string, error?: unknown, facts?: LogFacts): void;
  /** Lines that could not be written, for instance because the disk is full. */
  readonly lost: number;
  close(): void;
}

/** A flood of equal trouble (a client that sends nothing but bad records) must not cost more than the work itself. */
const maxLinesPerSecond = 100;
/** Longer lines are cut: a record may be called by a text of any length. */
const maxLine = 10_000;

/** Appends lines to a file, in the format of the settings, and moves it aside when it is full.
 *  A full disk loses lines, never the job.
 *  @throws ServingError "state-unwritable" if the file cannot be opened at all */
export function openLog(file: string, settings: LogSettings, owner: LogOwner = {}): Log {
  const lines = openRotatingFile(file, settings);
  const write = (line: LogLine) => {
    const text = formatLine({ ...line, ...owner }, settings.format);
    if (settings.printed) process.stderr.write(text);
    lines.write(text);
  };
  return createLog(write, () => lines.close());
}

/** @param write  takes a line; it is lost where it throws */
export function createLog(write: (line: LogLine) => void, close: () => void = () => undefined): Log {
  let lost = 0;
  let second = 0;
  let linesInSecond = 0;

  function append(level: LogLevel, text: string, facts?: LogFacts, stack?: string): void {
    const now = Date.now();
    if (Math.floor(now / 1000) !== second) {
      const unsaid = linesInSecond - maxLinesPerSecond;
      second = Math.floor(now / 1000);
      linesInSecond = 0;
      if (unsaid > 0) append('warn', `${unsaid} more lines in that second were left out`);
    }
    linesInSecond += 1;
    if (linesInSecond > maxLinesPerSecond && level !== 'error') return;
    try {
      write({
        time: new Date(now).toISOString(),
        level,
        message: cut(text),
        ...(facts === undefined ? {} : { facts: shortFacts(facts) }),
        ...(stack === undefined ? {} : { stack }),
      });
    } catch {
      lost += 1;
    }
  }

  return {
    get lost() {
      return lost;
    },
    info: (message, facts) => append('info', message, facts),
    warn: (message, facts) => append('warn', message, facts),
    error(message, error, facts) {
      const code = error instanceof ServingError ? { code: error.code } : {};
      const stack = error === undefined ? undefined : printableStack(error);
      append('error', message, { ...code, ...facts }, stack);
    },
    close,
  };
}

function cut(text: string): string {
  return text.length > maxLine ? `${beginning(text, maxLine)}…` : text;
}

function shortFacts(facts: LogFacts): LogFacts {
  return Object.fromEntries(
    Object.entries(facts).map(([name, value]) => [name, value && cut(value as string)]),
  );
}

/** The text of a line for a log that keeps time and level by itself. */
export function messageText({ message, stack }: LogLine): string {
  return printable(message) + (stack === undefined ? '' : `\n${stack}`);
}
