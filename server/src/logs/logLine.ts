import {
  logLevels,
  type LogFacts,
  type LogFormat,
  type LogLevel,
  type LogLine,
} from '../../../schemas/logs.ts';
import { printable, printableJson } from '../../../schemas/printable.ts';

/** A line as it stands in a file, with its end. Names in it come from anywhere: they end no line and act on no terminal. */
export function formatLine(line: LogLine, format: LogFormat): string {
  return format === 'json' ? `${jsonOf(line)}\n` : `${textOf(line)}\n`;
}

/** `time LEVEL message`, with the trace below it where there is one. */
export function textOf({ time, level, message, stack }: LogLine): string {
  const trace = stack === undefined ? '' : `\n${stack}`;
  return `${time} ${level.toUpperCase().padEnd(5)} ${printable(message)}${trace}`;
}

export function jsonOf({ time, level, message, job, worker, facts, stack }: LogLine): string {
  return printableJson(JSON.stringify({ time, level, message, job, worker, ...facts, stack }));
}

/** A line that was read from a log, whichever format it has. What is neither belongs to the line above it, or was printed by
 *  a library. */
export type ReadLine =
  { readonly object: Readonly<Record<string, unknown>>; readonly text: string } | { readonly text: string };

const textLine = /^(\d{4}-\d\d-\d\dT[\d:.]+Z) (INFO|WARN|ERROR) +(.*)$/s;

/** @param text  without its end */
export function readLine(text: string): ReadLine {
  const object = objectOf(text);
  if (object) return { object, text: textOfObject(object) };
  const [, time, level, message] = textLine.exec(text) ?? [];
  if (level === undefined) return { text };
  return { object: { time, level: level.toLowerCase(), message }, text };
}

function objectOf(text: string): (Record<string, unknown> & { time: string; level: LogLevel }) | undefined {
  if (!text.startsWith('{')) return undefined;
  try {
    const value = JSON.parse(text) as Record<string, unknown>;
    const isLine =
      typeof value.time === 'string' &&
      typeof value.message === 'string' &&
      logLevels.some((level) => level === value.level);
    return isLine ? (value as ReturnType<typeof objectOf>) : undefined;
  } catch {
    // A library may print what only begins like an object.
    return undefined;
  }
}

/** What a message names already, and what is the same in all lines of a log. */
const notShown: ReadonlySet<string> = new Set([
  'time',
  'level',
  'message',
  'stack',
  'job',
  'worker',
  ...(['code', 'recordId', 'uri', 'traceparent'] satisfies (keyof LogFacts)[]),
]);

function textOfObject(object: Readonly<Record<string, unknown>> & { time: string; level: LogLevel }): string {
  const more = Object.entries(object)
    .filter(([name]) => !notShown.has(name))
    .map(([name, value]) => ` ${name}=${typeof value === 'string' ? value : JSON.stringify(value)}`);
  const stack =
    typeof object.stack === 'string' ? object.stack.split('\n').map(printable).join('\n') : undefined;
  return textOf({
    time: object.time,
    level: object.level,
    message: String(object.message) + more.join(''),
    ...(stack === undefined ? {} : { stack }),
  });
}
