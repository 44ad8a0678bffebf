import { configKeys, type KeyName } from '../../../schemas/config/configKeys.ts';
import { oldSections } from '../../../schemas/config/oldKeys.ts';
import { spellingCalled } from '../../../schemas/config/spellings.ts';
import type { Problem, Range } from '../../../schemas/config/problems.ts';

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
  /** Where the whole of it stands in braces, as JSON does. */
  readonly braces?: Range;
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

const sections: ReadonlySet<string> = new Set(oldSections);

interface Meaning {
  readonly key: KeyName;
  readonly match: Match;
}

/** @param name  `section.key` in the nested form */
function meaningOf(name: string): Meaning | undefined {
  // First as it stands: an older name may differ from the present one by its case only.
  if (isKeyName(name)) return { key: name, match: 'exact' };
  const found = spellingCalled(name);
  return found && { key: found.key, match: found.form === 'present' ? 'case' : found.form };
}

function isKeyName(name: string): name is KeyName {
  return Object.hasOwn(configKeys, name);
}

/** Finds what every key of the file stands for. @see BigDL ClusterServingHelper.scala: keys are compared without case. */
export function entriesOf(keys: readonly WrittenKey[]): Entry[] {
  return keys.map((written) => {
    const { name, keyRange, value, children } = written;
    const meaning = meaningOf(name);
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
  const meaning = meaningOf(path);
  return { path, match: 'unknown', ...meaning, keyRange, value, children: [] };
}
