import type { Problem, TextEdit } from '../../../../schemas/config/problems.ts';
import type { Context } from '../context.ts';
import { replace } from '../edits.ts';
import { problem } from '../problem.ts';
import type { Rule } from './rule.ts';

export const keyCase: Rule = { codes: ['key-case'], check, fix, isSafe: true };

function check({ entries }: Context): Problem[] {
  return entries.flatMap(({ match, key, keyRange }) =>
    match === 'case' && key
      ? [problem('key-case', keyRange, `This key is usually written ${key}.`, { key, replacement: key })]
      : [],
  );
}

function fix(found: Problem): TextEdit[] {
  return replace(found);
}
