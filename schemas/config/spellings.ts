import type { ConfigKey } from './configKey.ts';
import { configKeys, keyNames, type KeyName } from './configKeys.ts';

/** One way to write a key. */
export interface Spelling {
  /** As it is usually written; `section.key` in the nested form. */
  readonly name: string;
  readonly key: KeyName;
  readonly form: 'present' | 'older-name' | 'nested';
}

/** Every way to write every key, derived from the table of keys. */
export const spellings: readonly Spelling[] = keyNames.flatMap((key): Spelling[] => {
  const { aliases = [], nested = [] }: ConfigKey = configKeys[key];
  return [
    { name: key, key, form: 'present' },
    ...aliases.map((name): Spelling => ({ name, key, form: 'older-name' })),
    ...nested.map((name): Spelling => ({ name, key, form: 'nested' })),
  ];
});

/** Those at the top of a file. */
export const flatSpellings: readonly Spelling[] = spellings.filter(({ form }) => form !== 'nested');

/** What each spelling stands for, in lower case: keys are compared without case. Where an older name differs from the
 *  present one by its case only, it is the older name. */
const byName: ReadonlyMap<string, Spelling> = new Map(
  spellings.map((spelling) => [spelling.name.toLowerCase(), spelling]),
);

/** What a key is that is written so, whatever its case. @param name  `section.key` in the nested form */
export function spellingCalled(name: string): Spelling | undefined {
  return byName.get(name.toLowerCase());
}
