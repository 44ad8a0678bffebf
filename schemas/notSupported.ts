import type { KeyName } from './configKeys.ts';

/** A value that the config format knows and this version cannot serve yet. */
export interface NotSupported {
  readonly key: Extract<
    KeyName,
    'queueUsed' | 'backend' | 'modelEncrypted' | 'recordEncrypted' | 'modelPath'
  >;
  /** Matches the value as text: `true`, `kafka`, a path. */
  readonly value: RegExp;
  /** What works instead. */
  readonly instead: string;
}

/** A row goes away when its feature comes. */
export const notSupported: readonly NotSupported[] = [
  { key: 'queueUsed', value: /^kafka$/, instead: 'Only queueUsed: redis works so far.' },
  { key: 'backend', value: /^flink$/, instead: 'Only backend: embedded works so far.' },
  { key: 'modelEncrypted', value: /^true$/, instead: 'Only models that are not encrypted work so far.' },
  { key: 'recordEncrypted', value: /^true$/, instead: 'Only records that are not encrypted work so far.' },
  {
    key: 'modelPath',
    value: /^(?!file:)[a-z][a-z0-9+.-]+:\/\//i,
    instead: 'The embedded backend reads models from a folder of this machine.',
  },
];
