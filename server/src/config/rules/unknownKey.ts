import { keyNames } from '../../../../schemas/configKeys.ts';
import type { Problem, TextEdit } from '../../../../schemas/problems.ts';
import { flatSpellings, spellingCalled } from '../../../../schemas/spellings.ts';
import type { Context } from '../context.ts';
import { replace } from '../edits.ts';
import type { Entry } from '../entries.ts';
import { nearest } from '../nearest.ts';
import { problem } from '../problem.ts';
import { reasonOf } from './deadKey.ts';
import { meantInSection } from './meantInSection.ts';
import { shown } from '../values/reading.ts';

/** A file with more of them is none of ours; looking for what each could mean would take long. */
const maxSuggestions = 100;

const candidates = flatSpellings.map(({ name }) => name);

export function check({ entries }: Context): Problem[] {
  return entries
    .flatMap((entry) => [entry, ...entry.children])
    .filter(({ match, path }) => match === 'unknown' && reasonOf(path) === undefined)
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

/** In a section, a name of that section; the path of an entry at the top is one word. */
function meantBy({ path }: Entry): string | undefined {
  const meant = meantInSection(path)?.name;
  if (meant !== undefined) return meant.slice(meant.indexOf('.') + 1);
  const like = nearest(path, candidates);
  return like === undefined ? undefined : spellingCalled(like)?.key;
}

export function fix(found: Problem): TextEdit[] {
  return replace(found);
}
