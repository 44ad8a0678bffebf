import type { Problem, TextEdit } from '../../../../schemas/problems.ts';
import type { Context } from '../context.ts';
import { replace } from '../edits.ts';
import { problem } from '../problem.ts';

export function check({ entries }: Context): Problem[] {
  return entries.flatMap(({ match, key, keyRange }) =>
    match === 'older-name' && key
      ? [problem('older-name', keyRange, `This key is now called ${key}.`, { key, replacement: key })]
      : [],
  );
}

export function fix(found: Problem): TextEdit[] {
  return replace(found);
}
