import type { Secret } from '../secret.ts';

/** What one key of config.yaml is: the row type of the table in configKeys.ts. */
export type ConfigKey =
  | TextKey<'string'>
  | TextKey<'path'>
  | HostPortKey
  | TextKey<'size'>
  | TextKey<'imageSize'>
  | TextKey<'filter'>
  | TextKey<'version'>
  | TextKey<'secret'>
  | TextKey<'brokers'>
  | IntKey
  | BooleanKey
  | EnumKey;

/** Which of our programs looks at a key. */
export type Reader = 'engine' | 'start' | 'list' | 'frontend' | 'shutdown';

interface Row {
  /** One sentence, for hovers and tables. */
  readonly meaning: string;
  /** A value as it is written in the file. */
  readonly example: string;
  /** What a completion inserts after the colon; `$1` is where the cursor stops. */
  readonly snippet?: string;
  /** Older flat names of the key, still read. */
  readonly aliases?: readonly string[];
  /** Where the generations of the older nested form kept it, `section.key`. */
  readonly nested?: readonly string[];
  readonly readBy: readonly Reader[];
  /** Keys that the original does not know. */
  readonly notInOriginal?: true;
  /** Why the key should no longer be written, and what instead. */
  readonly deprecated?: string;
}

/** Kinds that are written as text; their defaults are written as in the file and read by the same code. */
interface TextKey<Type extends string> extends Row {
  readonly type: Type;
  readonly default: string;
  readonly required?: true;
  readonly unit?: string;
}

interface HostPortKey extends Row {
  readonly type: 'hostPort';
  readonly default: HostPort;
}

interface IntKey extends Row {
  readonly type: 'int';
  readonly default: number;
  readonly unit?: string;
  readonly min: number;
  readonly max?: number;
}

interface BooleanKey extends Row {
  readonly type: 'boolean';
  readonly default: boolean;
}

interface EnumKey extends Row {
  readonly type: 'enum';
  readonly default: string;
  readonly values: readonly string[];
}

/** host:port; the host is the text before the first colon, the port the number after the last. */
export interface HostPort {
  readonly host: string;
  readonly port: number;
}

/** In pixels. */
export interface ImageSize {
  readonly height: number;
  readonly width: number;
}

export interface Filter {
  readonly kind: 'topN' | 'pickTopN';
  readonly n: number;
}

interface ValueTypes {
  string: string;
  path: string;
  hostPort: HostPort;
  /** Bytes. */
  size: number;
  imageSize: ImageSize | undefined;
  filter: Filter | undefined;
  /** undefined: the newest. */
  version: number | undefined;
  secret: Secret | undefined;
  /** At least one. */
  brokers: readonly HostPort[];
  int: number;
  boolean: boolean;
}

/** The type of a key's value once it is read. */
export type ValueOf<Key extends ConfigKey> = Key extends { readonly type: 'enum' }
  ? Key['values'][number]
  : Key extends { readonly type: keyof ValueTypes }
    ? ValueTypes[Key['type']]
    : never;
