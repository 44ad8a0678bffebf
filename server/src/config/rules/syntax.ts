import type { ErrorCode } from 'yaml';
import type { Problem } from '../../../../schemas/problems.ts';
import { lineAt, lineRange, lineStarts } from '../lines.ts';
import { problem } from '../problem.ts';
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
      tab ?? problem('syntax', { start, end: endOf(error, start, text) }, explain(error)),
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
