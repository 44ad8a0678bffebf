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
