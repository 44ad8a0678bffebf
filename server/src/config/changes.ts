import { keyNames, type Config, type KeyName } from '../../../schemas/config/configKeys.ts';
import { keyChanges, type KeyChange } from '../../../schemas/config/keyChanges.ts';
import { Secret } from '../../../schemas/secret.ts';

/** The keys whose values differ, by what a running job does with a change of them. */
export type Changes = Readonly<Record<KeyChange, readonly KeyName[]>>;

export function changesOf(before: Config, after: Config): Changes {
  const changed = keyNames.filter((key) => textOf(before[key]) !== textOf(after[key]));
  const of = (kind: KeyChange) => changed.filter((key) => keyChanges[key] === kind);
  return { live: of('live'), load: of('load'), restart: of('restart'), none: of('none') };
}

/** A secret prints as stars, whatever it is. */
function textOf(value: Config[KeyName]): string {
  return value instanceof Secret ? value.reveal() : JSON.stringify(value);
}
