import { randomUUID } from 'node:crypto';
import type { ServingError } from '../../../schemas/errors.ts';
import type { JobState } from '../../../schemas/jobEvents.ts';
import { beginning, printable, printableJson } from '../../../schemas/printable.ts';

export interface JsonOption {
  readonly json?: boolean;
}

export interface ConfigOption {
  readonly config: string;
}

/** Prints a line, or several; whatever names are in it, it stays that line and acts on no terminal. */
export function print(text: string | readonly string[], stream: NodeJS.WriteStream = process.stdout): void {
  for (const line of [text].flat()) stream.write(`${shown(line)}\n`);
}

export function printJson(value: unknown): void {
  process.stdout.write(`${printableJson(JSON.stringify(value))}\n`);
}

export function printWarning(text: string): void {
  print(paint('yellow', text, process.stderr), process.stderr);
}

/** The problems of a config are a line each, and the command that grants rights stands on its own; any other message is
 *  one line. */
const codesOfLines: ReadonlySet<string> = new Set(['config-invalid', 'redis-rights']);

/** For people on stderr; for programs a line of JSON on stdout, where they read already. */
export function printError({ code, message }: ServingError, json: boolean): void {
  if (json) {
    printJson({ error: { code, message } });
    return;
  }
  const lines = codesOfLines.has(code) ? message.split('\n') : [message];
  for (const line of lines) print(paint('red', line, process.stderr), process.stderr);
}

/** What a terminal is sent before and after. */
const colours = { red: [31, 39], green: [32, 39], yellow: [33, 39], gray: [90, 39], bold: [1, 22] } as const;
type Color = keyof typeof colours;

/** Colours on a terminal only, and never where NO_COLOR is set. */
export function paint(color: Color, text: string, stream: NodeJS.WriteStream = process.stdout): string {
  if (!stream.isTTY || process.env.NO_COLOR) return text;
  const [begin, end] = colours[color];
  return `${colourMark}[${begin}m${text}${colourMark}[${end}m`;
}

/** Stands in our own colours for the escape character, until the line is written: that character itself may come with
 *  a name, and this text cannot, as every process draws its own. */
const colourMark = `<${randomUUID()}>`;

function shown(line: string): string {
  return line.split(colourMark).map(printable).join('\u001b');
}

export function paintState(state: JobState): string {
  switch (state) {
    case 'running':
      return paint('green', state);
    case 'failed':
      return paint('red', state);
    case 'full':
    case 'starting':
    case 'waiting-for-secret':
    case 'stopping':
      return paint('yellow', state);
    case 'stopped':
      return paint('gray', state);
  }
}

/** As wide as people's terminals are; programs read JSON. */
const usualColumns = 80;
const leastColumn = 5;

/** Columns as wide as their widest cell, colours aside. Where they do not fit the terminal the widest are cut, except those
 *  that a command is to be given as they are.
 *  @param whole  the columns that are never cut, by their places
 *  @param optional  the columns that are left out before others are cut, by their places, the least important one first */
export function table(
  allRows: readonly (readonly string[])[],
  whole: readonly number[] = [],
  optional: readonly number[] = [],
): string[] {
  const columns = process.stdout.isTTY ? process.stdout.columns : usualColumns;
  const left = new Set((allRows[0] ?? []).keys());
  const widthsOf = (rows: readonly (readonly string[])[]) =>
    (rows[0] ?? []).map((_, column) => Math.max(...rows.map((row) => plain(row[column] ?? '').length)));
  const shownOf = () => allRows.map((row) => row.filter((_, column) => left.has(column)));
  for (const column of optional) if (total(widthsOf(shownOf())) > columns) left.delete(column);
  const rows = shownOf();
  const widths = widthsOf(rows);
  const places = [...left];
  fit(
    widths,
    whole.map((column) => places.indexOf(column)),
    columns,
  );
  return rows.map((row) =>
    row
      .map((cell, i) => {
        const shown = cut(cell, widths[i] ?? 0);
        return shown + ' '.repeat((widths[i] ?? 0) - plain(shown).length);
      })
      .join(gap)
      .trimEnd(),
  );
}

const gap = '  ';

function total(widths: readonly number[]): number {
  return widths.reduce((sum, width) => sum + width, 0) + gap.length * (widths.length - 1);
}

function fit(widths: number[], whole: readonly number[], columns: number): void {
  while (total(widths) > columns) {
    const widest = widths.reduce(
      (at, width, i) => (!whole.includes(i) && width > (widths[at] ?? 0) ? i : at),
      widths.findIndex((_, i) => !whole.includes(i)),
    );
    const width = widths[widest] ?? 0;
    if (width <= leastColumn) return;
    widths[widest] = width - 1;
  }
}

function cut(cell: string, width: number): string {
  if (plain(cell).length <= width) return cell;
  let left = width - 1;
  return cell
    .split(colourMark)
    .map((part, i) => {
      const code = i === 0 ? '' : (/^\[\d+m/.exec(part)?.[0] ?? '');
      const text = printable(part.slice(code.length));
      if (left < 0) return code;
      const fits = text.length <= left;
      const shown = fits ? text : `${beginning(text, left)}…`;
      left = fits ? left - text.length : -1;
      return code + shown;
    })
    .join(colourMark);
}

/** As it will show, without colours. */
function plain(text: string): string {
  return text
    .split(colourMark)
    .map((part, i) => printable(i === 0 ? part : part.replace(/^\[\d+m/, '')))
    .join('');
}

/** A time span as people say it: 850 ms, 12 s, 3 min, 2 h, 5 d. */
export function span(ms: number): string {
  const units: [number, string][] = [
    [86_400_000, 'd'],
    [3_600_000, 'h'],
    [60_000, 'min'],
    [1000, 's'],
  ];
  for (const [size, unit] of units)
    if (Math.round(ms) >= size * (unit === 's' ? 1 : 2))
      return `${Math.floor(Math.round(ms) / size)} ${unit}`;
  return `${Math.round(ms)} ms`;
}

export function count(n: number, what: string): string {
  return `${n} ${what}${n === 1 ? '' : 's'}`;
}
