import { pino, type Logger } from 'pino';
import type { LogFormat } from '../../../../schemas/logs.ts';
import { printableJson } from '../../../../schemas/printable.ts';
import { readLine } from '../../logs/logLine.ts';

/** Takes the lines of the log, in chunks: one write for each request would cost more than the request. */
export interface LineOutput {
  write(lines: string): void;
  flush(done?: (error?: Error) => void): void;
}

export interface ServerLog {
  readonly log: Logger;
  /** Takes a line of JSON with its end, for those that are written by hand. */
  readonly writeLine: (line: string) => void;
}

/** The log of a frontend: objects with the names that all logs have (`LogLine`), or the same as text. */
export function createServerLog(output: LineOutput, format: LogFormat, job: string): ServerLog {
  const written = format === 'json' ? printableJson : textOfLines;
  const destination = {
    write: (line: string) => output.write(written(line)),
    flush: (done?: (error?: Error) => void) => output.flush(done),
  };
  const log = pino(
    {
      base: { job },
      messageKey: 'message',
      timestamp: pino.stdTimeFunctions.isoTime,
      formatters: { level: (level) => ({ level }) },
    },
    destination,
  );
  return {
    log,
    writeLine: inOneWrite((lines) => output.write(format === 'json' ? lines : textOfLines(lines))),
  };
}

function textOfLines(lines: string): string {
  return lines
    .trimEnd()
    .split('\n')
    .map((line) => `${readLine(line).text}\n`)
    .join('');
}

/** The lines of one turn of the loop as one text: the destination measures each that it is given. */
function inOneWrite(write: (lines: string) => void): (line: string) => void {
  let lines = '';
  return (line) => {
    if (lines === '')
      setImmediate(() => {
        write(lines);
        lines = '';
      });
    lines += line;
  };
}
