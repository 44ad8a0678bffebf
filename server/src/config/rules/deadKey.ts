import { deadKeys, oldSections } from '../../../../schemas/config/oldKeys.ts';
import type { Problem, TextEdit } from '../../../../schemas/config/problems.ts';
import { entryRange, type Context } from '../context.ts';
import { commentOut } from '../edits.ts';
import { problem } from '../problem.ts';
import { meantInSection } from './meantInSection.ts';
import type { Rule } from './rule.ts';

export const deadKey: Rule = { codes: ['dead-key'], check, fix, isSafe: true };

/** Why a key does nothing; undefined for keys that no version ever had, and for what is probably a misspelt key: saying
 *  that it does nothing would hide what it was meant to do. @param path  as `Entry.path` */
export function reasonOf(path: string): string | undefined {
  const name = path.toLowerCase();
  if (Object.hasOwn(deadKeys, name)) return deadKeys[name];
  const section = oldSections.find((known) => name.startsWith(`${known}.`));
  if (!section) return undefined;
  const whole = deadKeys[`${section}.*`];
  if (whole !== undefined) return whole;
  return meantInSection(path) ? undefined : 'no version is known to read it';
}

function check({ entries }: Context): Problem[] {
  return entries
    .flatMap((entry) => [entry, ...entry.children])
    .flatMap((entry) => {
      const reason = entry.match === 'unknown' ? reasonOf(entry.path) : undefined;
      if (reason === undefined) return [];
      const message = `${entry.path} has no effect: ${reason}.`;
      return [problem('dead-key', entry.keyRange, message, { entry: entryRange(entry) })];
    });
}

function fix({ data }: Problem, text: string): TextEdit[] {
  return data?.entry ? commentOut(text, data.entry) : [];
}
