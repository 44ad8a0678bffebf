import type { Problem, ProblemCode, TextEdit } from '../../../../schemas/config/problems.ts';
import { applyEdits, replaceValue } from '../../config/edits.ts';
import { readConfig } from '../../config/readConfig.ts';
import { fixProblem, isSafeToFix } from '../../config/rules/rules.ts';

/** The edits that make a problem go away; none when that needs a human. */
export function fixOf(problem: Problem, text: string): TextEdit[] {
  return problem.code === 'model-missing' ? replaceValue(problem, text) : fixProblem(problem, text);
}

/** A fix may reveal what another one corrects; a config needs two rounds at most, and the loop must end. */
const maxRounds = 5;

/** The text with all safe fixes made. What is read from it stays the same. */
export function fixAll(text: string): string {
  let now = text;
  for (let round = 0; round < maxRounds; round++) {
    const edits = safeEdits(now);
    if (edits.length === 0) break;
    now = applyEdits(now, edits);
  }
  return now;
}

/** As `fixAll`, as edits of the text: each fix by itself where one round is enough, else one edit of what changes. */
export function fixAllEdits(text: string): TextEdit[] {
  const edits = safeEdits(text);
  const fixed = fixAll(text);
  return applyEdits(text, edits) === fixed ? edits : difference(text, fixed);
}

/** Converts every section of the older nested form. */
export function convertNested(text: string): TextEdit[] {
  return compatible(text, (code) => code === 'nested-form');
}

function safeEdits(text: string): TextEdit[] {
  return compatible(text, isSafeToFix);
}

/** The edits of all problems of some codes, each problem's together or not at all: of two that touch the same text, the
 *  first one is taken. A section is converted before what stands in it is looked at. */
function compatible(text: string, isWanted: (code: ProblemCode) => boolean): TextEdit[] {
  const wanted = readConfig(text).problems.filter(({ code }) => isWanted(code));
  const ordered = [...wanted].sort(
    (a, b) => Number(b.code === 'nested-form') - Number(a.code === 'nested-form'),
  );
  const taken: TextEdit[] = [];
  for (const problem of ordered) {
    const edits = fixProblem(problem, text);
    const span = spanOf(edits);
    const isFree = taken.every(({ range }) => range.end < span.start || range.start > span.end);
    if (edits.length > 0 && isFree) taken.push(...edits);
  }
  return taken.sort((a, b) => a.range.start - b.range.start);
}

function spanOf(edits: readonly TextEdit[]): { start: number; end: number } {
  return {
    start: Math.min(...edits.map(({ range }) => range.start)),
    end: Math.max(...edits.map(({ range }) => range.end)),
  };
}

function difference(before: string, after: string): TextEdit[] {
  if (before === after) return [];
  const least = Math.min(before.length, after.length);
  let start = 0;
  while (start < least && before[start] === after[start]) start++;
  let same = 0;
  while (same < least - start && before.at(-1 - same) === after.at(-1 - same)) same++;
  return [{ range: { start, end: before.length - same }, newText: after.slice(start, after.length - same) }];
}
