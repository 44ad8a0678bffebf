import type { Problem, TextEdit } from '../../../../schemas/config/problems.ts';
import { entryRange, type Context } from '../context.ts';
import { commentOut } from '../edits.ts';
import { lineAt, lineStarts } from '../lines.ts';
import { problem } from '../problem.ts';
import type { Rule } from './rule.ts';

export const duplicateKey: Rule = { codes: ['duplicate-key'], check, fix, isSafe: true };

function check({ outdone, text }: Context): Problem[] {
  if (outdone.size === 0) return [];
  const starts = lineStarts(text);
  return Array.from(outdone, ([entry, winner]) => {
    const line = lineAt(starts, winner.keyRange.start) + 1;
    const key = winner.key ?? winner.path;
    const message = `${key} is set again in line ${line}, which is what counts.`;
    return problem('duplicate-key', entry.keyRange, message, { key, entry: entryRange(entry) });
  });
}

function fix({ data }: Problem, text: string): TextEdit[] {
  return data?.entry ? commentOut(text, data.entry) : [];
}
