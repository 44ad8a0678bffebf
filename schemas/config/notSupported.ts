import type { KeyName } from './configKeys.ts';
import type { Backend } from '../jobEvents.ts';

/** A value that the config format knows and this version cannot serve yet. */
export interface NotSupported {
  readonly key: Extract<KeyName, 'queueUsed' | 'modelPath' | 'httpPort'>;
  /** Matches the value as text: `true`, `kafka`, a path. */
  readonly value: RegExp;
  /** The backends that lack it; without this, all. */
  readonly backend?: Backend;
  /** What works instead. */
  readonly instead: string;
}

/** A row goes away when its feature comes. */
export const notSupported: readonly NotSupported[] = [
  {
    key: 'queueUsed',
    value: /^kafka$/,
    backend: 'flink',
    instead: 'A job on Flink reads from Redis; backend: embedded reads from Kafka.',
  },
  {
    key: 'modelPath',
    value: /^(?!file:)[a-z][a-z0-9+.-]+:\/\//i,
    backend: 'embedded',
    instead: 'The embedded backend reads models from a folder of this machine; backend: flink reads others.',
  },
  {
    key: 'httpPort',
    value: /^0*\d/,
    backend: 'flink',
    instead: 'For a job on Flink, run "cluster-serving http".',
  },
];
