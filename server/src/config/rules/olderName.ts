import type { Problem, TextEdit } from '../../../../schemas/config/problems.ts';
import type { Context } from '../context.ts';
import { replace } from '../edits.ts';
import { problem } from '../problem.ts';
import type { Rule } from './rule.ts';

export const olderName: Rule = { codes: ['older-name'], check, fix, isSafe: true };

/** One that does not count keeps its name: under the present one it might. */
function check({ entries, outdone }: Context): Problem[] {
  return entries.flatMap((entry) => {
    const { match, key, keyRange } = entry;
    return match === 'older-name' && key && !outdone.has(entry)
      ? [problem('older-name', keyRange, `This key is now called ${key}.`, { key, replacement: key })]
      : [];
  });
}

function fix(found: Problem): TextEdit[] {
  return replace(found);
}
