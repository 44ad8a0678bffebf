import type { Problem, Range, TextEdit } from '../../../schemas/config/problems.ts';
import { lineEnd, lineRange } from './lines.ts';

/** The fix of problems that carry what should stand in their place. */
export function replace({ range, data }: Problem): TextEdit[] {
  return data?.replacement === undefined ? [] : [{ range, newText: data.replacement }];
}

/** Turns the lines of an entry into comments. Gives no edits when it shares its first line with something else. */
export function commentOut(text: string, entry: Range, reason?: string): TextEdit[] {
  const edits: TextEdit[] = [];
  for (let line = lineRange(text, entry.start); ;) {
    const first = edits.length === 0;
    if (first && text.slice(line.start, entry.start).trim() !== '') return [];
    const why = first && reason !== undefined ? `# ${reason}${lineEnd(text)}` : '';
    // A byte order mark stays before everything else.
    const start = line.start === 0 && text.startsWith('\uFEFF') ? 1 : line.start;
    edits.push({ range: { start, end: start }, newText: `${why}# ` });
    const next = text.indexOf('\n', line.end) + 1;
    if (next === 0 || next >= entry.end) return edits;
    line = lineRange(text, next);
  }
}

/** Takes over all edits at once; they must not overlap. */
export function applyEdits(text: string, edits: readonly TextEdit[]): string {
  const ordered = [...edits].sort((a, b) => a.range.start - b.range.start || a.range.end - b.range.end);
  let done = '';
  let at = 0;
  for (const { range, newText } of ordered) {
    done += text.slice(at, range.start) + newText;
    at = range.end;
  }
  return done + text.slice(at);
}

/** As `replace`, for a value: keeps its quotes, and adds some where a comma would otherwise end it. */
export function replaceValue({ range, data }: Problem, text: string): TextEdit[] {
  if (data?.replacement === undefined) return [];
  const first = text[range.start] ?? '';
  // A block of lines ends with a line end, and is seldom what a value of a config is written as.
  if (first === '|' || first === '>') return [];
  const quote = first === '"' || first === "'" ? first : /^\s*\{/.test(text) ? '"' : '';
  return [{ range, newText: quote + data.replacement + quote }];
}
