import type { ErrorCode } from 'yaml';
import type { Problem, ProblemData, Range, TextEdit } from '../../../../../schemas/config/problems.ts';
import { configKeys, keyNames, type KeyName } from '../../../../../schemas/config/configKeys.ts';
import { spellingCalled } from '../../../../../schemas/config/spellings.ts';
import { lineAt, lineRange, lineStarts } from '../../lines.ts';
import { problem } from '../../problem.ts';
import { findTab } from './tabIndent.ts';

/** What is used of the YAML library's errors. */
export interface SyntaxError {
  readonly code: ErrorCode;
  readonly message: string;
  readonly pos: readonly [number, number];
}

/** More of them are consequences of the first ones. */
const maxProblems = 20;

/** What a YAML parser said, one problem a line at most. */
export function syntaxProblems(text: string, errors: readonly SyntaxError[]): Problem[] {
  const byLine = new Map<number, Problem>();
  const ordered = [...errors].sort(
    (a, b) => Number(b.code === 'TAB_AS_INDENT') - Number(a.code === 'TAB_AS_INDENT'),
  );
  const starts = lineStarts(text);
  for (const error of ordered) {
    if (byLine.size >= maxProblems) break;
    const start = Math.min(error.pos[0], text.length);
    // Found by halving: a text may be one long line with an error at each letter.
    if (byLine.has(starts[lineAt(starts, start)] ?? 0)) continue;
    const line = lineRange(text, start);
    const tab = error.code === 'TAB_AS_INDENT' ? findTab(text, line) : undefined;
    byLine.set(
      line.start,
      tab ??
        problem('syntax', { start, end: endOf(error, start, text) }, explain(error), meantBy(text, line)),
    );
  }
  return [...byLine.values()];
}

/** At least one character, unless the text ends there; never more than the line. */
function endOf({ pos }: SyntaxError, start: number, text: string): number {
  return Math.max(Math.min(start + 1, text.length), Math.min(pos[1], lineRange(text, start).end));
}

function explain({ code, message }: SyntaxError): string {
  switch (code) {
    case 'MISSING_CHAR':
      return /closing|quote/i.test(message)
        ? 'A quote or bracket is not closed.'
        : 'A colon is missing after the key.';
    case 'BLOCK_AS_IMPLICIT_KEY':
    case 'MULTILINE_IMPLICIT_KEY':
      return 'A second key: begins within a value; put it on a line of its own, or quote the value.';
    case 'BAD_SCALAR_START':
      return 'A value cannot begin with this character; quote it.';
    case 'BAD_INDENT':
      return 'The line is indented differently from the keys before it.';
    default:
      return `This is not valid YAML: ${message.split('\n', 1)[0] ?? ''}`;
  }
}

/** The problem of a line that ends with a carriage return alone, as on the oldest Macs. Editors and the original end the
 *  line there, but the YAML library does not: a comment would take all that follows with it. */
export function findLoneReturn(text: string): Problem | undefined {
  const at = text.search(/\r(?!\n)/);
  if (at < 0) return undefined;
  const range = { start: lineRange(text, at).start, end: at };
  return problem(
    'syntax',
    range,
    'This line ends with a carriage return alone; save the file with line feeds (LF).',
  );
}

/** The line as it was probably meant, where only a colon, the blank behind it or quotes are missing. */
function meantBy(text: string, line: Range): ProblemData | undefined {
  const [, indent = '', word = '', colon = '', rest = ''] =
    /^([ \t\uFEFF]*)([A-Za-z][\w-]*)(:?[ \t]*)([^\s#].*?)[ \t]*$/.exec(text.slice(line.start, line.end)) ??
    [];
  const key = colon === '' ? undefined : keyMeant(word);
  if (key === undefined || /[{}[\]"'#]/.test(rest)) return undefined;
  const isAddress = configKeys[key].type === 'hostPort' && /^[\w.-]+:[ \t]+\d+$/.test(rest);
  const value = isAddress ? rest.replace(/[ \t]/g, '') : rest;
  const name = spellingCalled(word) ? word : key;
  return {
    replacement: `${indent}${name}: ${/:\s|^[^\w./]/.test(value) ? JSON.stringify(value) : value}`,
    entry: line,
  };
}

function keyMeant(word: string): KeyName | undefined {
  const spelling = spellingCalled(word);
  if (spelling) return spelling.key;
  const begun = keyNames.filter(
    (key) => word.length >= 3 && key.toLowerCase().startsWith(word.toLowerCase()),
  );
  return begun.length === 1 ? begun[0] : undefined;
}

export function fix({ data }: Problem): TextEdit[] {
  return data?.entry && data.replacement !== undefined
    ? [{ range: data.entry, newText: data.replacement }]
    : [];
}
