import type { Config, KeyName } from '../../../schemas/config/configKeys.ts';
import type { Range } from '../../../schemas/config/problems.ts';
import type { Entry } from './entries.ts';

export type Env = (name: string) => string | undefined;

/** What a rule may look at. */
export interface Context {
  readonly text: string;
  /** Of the top level; those of sections are their children. */
  readonly entries: readonly Entry[];
  /** The entry that counts for each key that is set. */
  readonly chosen: ReadonlyMap<KeyName, Entry>;
  /** Entries that another one of the same key outdoes, with that one. */
  readonly outdone: ReadonlyMap<Entry, Entry>;
  /** Every key's value; the default where the written one could not be read. */
  readonly values: Config;
  /** Whether the whole text could be read. */
  readonly complete: boolean;
  readonly env: Env | undefined;
}

/** Whether a key is written in the file with anything after its colon. */
export function isSet({ chosen }: Context, key: KeyName): boolean {
  const value = chosen.get(key)?.value;
  return value !== undefined && value.kind !== 'nothing' && !(value.kind === 'scalar' && value.text === '');
}

/** From the key to the end of its value. */
export function entryRange({ keyRange, value }: Entry): Range {
  return { start: keyRange.start, end: Math.max(keyRange.end, value.range.end) };
}
