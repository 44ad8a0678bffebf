import { configKeys, keyNames } from '../../../../schemas/configKeys.ts';
import type { Problem, TextEdit } from '../../../../schemas/problems.ts';
import type { Context } from '../context.ts';
import { replace } from '../edits.ts';
import { nearest } from '../nearest.ts';
import { problem } from '../problem.ts';
import { reasonOf } from './deadKey.ts';
import { shown } from '../values/reading.ts';

/** A file with more of them is none of ours; looking for what each could mean would take long. */
const maxSuggestions = 100;

const presentNames: ReadonlyMap<string, string> = new Map(
  keyNames.flatMap((key): [string, string][] => {
    const row = configKeys[key];
    const aliases: readonly string[] = 'aliases' in row ? row.aliases : [];
    return [key, ...aliases].map((name) => [name, key]);
  }),
);
const candidates = [...presentNames.keys()];

export function check({ entries }: Context): Problem[] {
  return entries
    .filter(({ match, path }) => match === 'unknown' && reasonOf(path) === undefined)
    .map(({ path, keyRange }, i) => {
      const like = i < maxSuggestions ? nearest(path, candidates) : undefined;
      const replacement = like === undefined ? undefined : presentNames.get(like);
      const name = shown(path);
      if (replacement === undefined)
        return problem('unknown-key', keyRange, `No key is called ${name}; it has no effect.`, {
          allowed: keyNames,
        });
      const message = `No key is called ${name}; did you mean ${replacement}?`;
      return problem('unknown-key', keyRange, message, { allowed: keyNames, replacement });
    });
}

export function fix(found: Problem): TextEdit[] {
  return replace(found);
}
