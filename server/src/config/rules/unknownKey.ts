import { keyNames } from '../../../../schemas/config/configKeys.ts';
import type { Problem, TextEdit } from '../../../../schemas/config/problems.ts';
import { flatSpellings, spellingCalled } from '../../../../schemas/config/spellings.ts';
import type { Context } from '../context.ts';
import { replace } from '../edits.ts';
import type { Entry } from '../entries.ts';
import { nearest } from '../nearest.ts';
import { problem } from '../problem.ts';
import { reasonOf } from './deadKey.ts';
import { meantInSection } from './meantInSection.ts';
import { shown } from '../values/reading.ts';
import type { Rule } from './rule.ts';

export const unknownKey: Rule = { codes: ['unknown-key'], check, fix };

/** A file with more of them is no config; looking for what each could mean would take long. */
const maxSuggestions = 100;

const candidates = flatSpellings.map(({ name }) => name);

function check({ entries, chosen, complete }: Context): Problem[] {
  // That modelPath is missing is said there, by another rule.
  const told = complete && !chosen.has('modelPath') ? mistypedModelPath(entries)?.keyRange : undefined;
  return unknown(entries)
    .filter(({ keyRange }) => keyRange !== told)
    .map((entry, i) => {
      const replacement = i < maxSuggestions ? meantBy(entry) : undefined;
      const name = shown(entry.path);
      if (replacement === undefined)
        return problem('unknown-key', entry.keyRange, `No key is called ${name}; it has no effect.`, {
          allowed: keyNames,
        });
      const message = `No key is called ${name}; did you mean ${replacement}?`;
      return problem('unknown-key', entry.keyRange, message, { allowed: keyNames, replacement });
    });
}

function unknown(entries: readonly Entry[]): Entry[] {
  return entries
    .flatMap((entry) => [entry, ...entry.children])
    .filter(({ match, path }) => match === 'unknown' && reasonOf(path) === undefined);
}

/** The first key with a value that was probably meant to be modelPath, in the older form, too; with what it is to be
 *  called where it stands. */
export function mistypedModelPath(
  entries: readonly Entry[],
): (Pick<Entry, 'path' | 'keyRange'> & { readonly replacement: string }) | undefined {
  for (const entry of unknown(entries).slice(0, maxSuggestions)) {
    const hasText = entry.value.kind === 'scalar' && entry.value.text.trim() !== '';
    const replacement = hasText ? meantBy(entry) : undefined;
    if (replacement === undefined) continue;
    const section = entry.path.includes('.') ? entry.path.slice(0, entry.path.indexOf('.') + 1) : '';
    if (spellingCalled(section + replacement)?.key === 'modelPath')
      return { path: entry.path, keyRange: entry.keyRange, replacement };
  }
  return undefined;
}

/** In a section, a name of that section; the path of an entry at the top is one word. */
function meantBy({ path }: Entry): string | undefined {
  const meant = meantInSection(path)?.name;
  if (meant !== undefined) return meant.slice(meant.indexOf('.') + 1);
  const like = nearest(path, candidates);
  return like === undefined ? undefined : spellingCalled(like)?.key;
}

function fix(found: Problem): TextEdit[] {
  return replace(found);
}
