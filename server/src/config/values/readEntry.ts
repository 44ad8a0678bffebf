import { Secret } from '../../../../schemas/secret.ts';
import type { ConfigKey } from '../../../../schemas/config/configKey.ts';
import { configKeys, type KeyName } from '../../../../schemas/config/configKeys.ts';
import type { Problem } from '../../../../schemas/config/problems.ts';
import type { Env } from '../context.ts';
import type { Entry } from '../entries.ts';
import { nearest } from '../nearest.ts';
import { problem } from '../problem.ts';
import { readBrokers } from './brokers.ts';
import { readBoolean } from './boolean.ts';
import { expandEnv } from './env.ts';
import { readFilter } from './filter.ts';
import { readHostPort } from './hostPort.ts';
import { readImageSize } from './imageSize.ts';
import { readInt } from './int.ts';
import { refuse, shown, type Reading } from './reading.ts';
import { readSize } from './size.ts';
import { readVersion } from './version.ts';

interface Scalar {
  readonly text: string;
  readonly quoted: boolean;
}

export interface ReadValue {
  /** The default when the written value cannot be read. */
  readonly value: unknown;
  readonly problems: readonly Problem[];
}

/** The value of a key that is not set. */
export function readDefault(key: KeyName): ReadValue {
  const row: ConfigKey = configKeys[key];
  const isWritten = typeof row.default === 'string';
  const value = isWritten ? readScalar(row, { text: row.default, quoted: true }).value : row.default;
  return { value, problems: [] };
}

/** Gives an entry's value its type. Nothing after the colon means the default.
 *  @see Jackson's coercions, which decide what a value of another kind becomes and which are refused */
export function readEntry(text: string, key: KeyName, { value }: Entry, env: Env | undefined): ReadValue {
  const otherwise = readDefault(key);
  if (value.kind === 'nothing') return otherwise;
  const row: ConfigKey = configKeys[key];
  if (value.kind !== 'scalar') {
    const what = { mapping: 'a mapping', list: 'a list', other: 'an alias without an anchor' }[value.kind];
    const message = `${key} wants one value such as ${row.example}, not ${what}.`;
    return { ...otherwise, problems: [problem('wrong-type', value.range, message, { key })] };
  }
  const expanded = expandEnv(text, value, env);
  if (expanded.problems.length > 0) return { ...otherwise, problems: expanded.problems };
  const scalar = { ...value, text: expanded.text };
  if (expanded.unresolved && !isText(row)) return otherwise;
  const reading = readScalar(row, scalar);
  // What comes from the environment cannot be put right in the file.
  const data = { key, ...(expanded.text === value.text ? reading.trouble?.data : undefined) };
  const problems = reading.trouble
    ? [problem(reading.trouble.code, value.range, `${key}: ${reading.trouble.message}`, data)]
    : [];
  return { value: 'value' in reading ? reading.value : otherwise.value, problems };
}

function isText({ type }: ConfigKey): boolean {
  return type === 'string' || type === 'path' || type === 'secret';
}

function readScalar(row: ConfigKey, scalar: Scalar): Reading<unknown> {
  const { text } = scalar;
  const empty = text.trim() === '';
  switch (row.type) {
    case 'string':
      return { value: text };
    case 'path':
      return {
        value: text
          .trim()
          .replace(/^file:\/\//, '')
          .trim(),
      };
    case 'secret':
      return { value: text === '' ? undefined : new Secret(text) };
    case 'int':
      return empty ? { value: row.default } : readInt(scalar, row);
    case 'boolean':
      return empty ? { value: row.default } : readBoolean(scalar);
    case 'hostPort':
      return readHostPort(text);
    case 'brokers':
      return readBrokers(text);
    case 'size':
      return readSize(text);
    case 'imageSize':
      return empty ? { value: undefined } : readImageSize(text);
    case 'filter':
      return empty ? { value: undefined } : readFilter(text);
    case 'version':
      return readVersion(scalar);
    case 'enum':
      return empty ? { value: row.default } : readChoice(text.trim(), row.values);
  }
}

function readChoice(text: string, values: readonly string[]): Reading<string> {
  if (values.includes(text)) return { value: text };
  const replacement = nearest(text, values);
  const message = `one of ${values.join(', ')} is wanted here, not ${shown(text)}.`;
  return refuse(
    'bad-choice',
    message,
    replacement === undefined ? { allowed: values } : { allowed: values, replacement },
  );
}
