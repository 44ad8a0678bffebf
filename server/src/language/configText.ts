import type { Config, KeyName } from '../../../schemas/config/configKeys.ts';
import { readConfig, type ReadConfig } from '../config/readConfig.ts';

/** A config as it stands in an editor or on the disk, read once. */
export interface ConfigText {
  readonly uri: string;
  readonly text: string;
  readonly read: ReadConfig;
}

/** The environment is not looked into: the job is started from another one. */
export function configText(uri: string, text: string): ConfigText {
  return { uri, text, read: readConfig(text) };
}

/** The value that a key has, written or not; the default where the written one cannot be read. */
export function valueOf<Key extends KeyName>({ origins }: ReadConfig, key: Key): Config[Key] {
  return origins[key].value as Config[Key];
}
