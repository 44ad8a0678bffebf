import type { KeyName } from '../../../schemas/configKeys.ts';
import { oldSections } from '../../../schemas/oldKeys.ts';
import { spellings, type Spelling } from '../../../schemas/spellings.ts';
import type { Problem, Range } from '../../../schemas/problems.ts';

/** What stands after a key, before it is given a type. An alias has the value of its anchor and its own range. */
export type Value =
  | { readonly kind: 'scalar'; readonly text: string; readonly quoted: boolean; readonly range: Range }
  | { readonly kind: 'nothing' | 'mapping' | 'list' | 'other'; readonly range: Range };

export interface WrittenKey {
  readonly name: string;
  readonly keyRange: Range;
  readonly value: Value;
  readonly children: readonly WrittenKey[];
}

export interface ConfigDocument {
  readonly keys: readonly WrittenKey[];
  readonly problems: Problem[];
  /** False when parts of the text could not be read, so that what seems missing may only be unreadable. */
  readonly complete: boolean;
}

/** How a key of the file relates to the table of keys. */
export type Match = 'exact' | 'case' | 'older-name' | 'nested' | 'section' | 'unknown';

/** One key of the file, at the top or in a section of the older nested form. */
export interface Entry {
  /** As written; `section.key` in the nested form. */
  readonly path: string;
  readonly match: Match;
  /** The key it stands for, if any. */
  readonly key?: KeyName;
  readonly keyRange: Range;
  readonly value: Value;
  readonly children: readonly Entry[];
}

interface Meaning {
  readonly key: KeyName;
  readonly match: Match;
}

/** Lower case first: an older name may differ from the present one by its case only. */
const meanings: ReadonlyMap<string, Meaning> = new Map([
  ...spellings.map((spelling): [string, Meaning] => [
    spelling.name.toLowerCase(),
    meaningOf(spelling, 'case'),
  ]),
  ...spellings
    .filter(({ form }) => form === 'present')
    .map((spelling): [string, Meaning] => [spelling.name, meaningOf(spelling, 'exact')]),
]);
const sections: ReadonlySet<string> = new Set(oldSections);

function meaningOf({ key, form }: Spelling, present: Match): Meaning {
  return { key, match: form === 'present' ? present : form };
}

/** Finds what every key of the file stands for. @see BigDL ClusterServingHelper.scala: keys are compared without case. */
export function entriesOf(keys: readonly WrittenKey[]): Entry[] {
  return keys.map((written) => {
    const { name, keyRange, value, children } = written;
    const meaning = meanings.get(name) ?? meanings.get(name.toLowerCase());
    if (meaning && meaning.match !== 'nested')
      return { path: name, ...meaning, keyRange, value, children: [] };
    const section = name.toLowerCase();
    if (sections.has(section) && (value.kind === 'mapping' || value.kind === 'nothing'))
      return {
        path: name,
        match: 'section',
        keyRange,
        value,
        children: children.map((child) => nested(section, child)),
      };
    return { path: name, match: 'unknown', keyRange, value, children: [] };
  });
}

function nested(section: string, { name, keyRange, value }: WrittenKey): Entry {
  const path = `${section}.${name.toLowerCase()}`;
  const meaning = meanings.get(path);
  return { path, match: 'unknown', ...meaning, keyRange, value, children: [] };
}
