import type { ConfigKey } from '../../../schemas/config/configKey.ts';
import { configKeys, type KeyName } from '../../../schemas/config/configKeys.ts';
import { changeTexts, keyChanges } from '../../../schemas/config/keyChanges.ts';

const kinds = {
  string: 'text',
  path: 'path',
  hostPort: 'host:port',
  brokers: 'host:port, or several with commas between',
  size: 'size',
  imageSize: 'height,width',
  filter: 'filter',
  version: 'latest or a number',
  secret: 'password',
  int: 'whole number',
  boolean: 'true or false',
} as const;

const programs = {
  engine: 'the engine',
  start: 'start',
  list: 'list',
  frontend: 'the HTTP frontend',
  shutdown: 'shutdown',
} as const;

/** The kind of a key's value in words, with its unit and limits. */
export function kindText(row: ConfigKey): string {
  if (row.type === 'enum') return row.values.join(' or ');
  const limits = row.type === 'int' ? limitsText(row) : '';
  const unit = 'unit' in row ? ` in ${row.unit}` : '';
  return kinds[row.type] + unit + limits;
}

function limitsText({ min, max }: { readonly min: number; readonly max?: number }): string {
  return max === undefined ? `, at least ${min}` : `, ${min} to ${max}`;
}

/** A default as it would be written; empty where nothing is the default. */
export function defaultText({ default: value }: ConfigKey): string {
  return typeof value === 'object' ? `${value.host}:${value.port}` : String(value);
}

/** All that the table says of a key, as Markdown. @param docs  the page that the keys are described on */
export function describeKey(key: KeyName, docs: string | undefined): string {
  const row: ConfigKey = configKeys[key];
  const written = defaultText(row);
  const required = 'required' in row ? ' Required.' : '';
  const standard = written === '' ? '' : ` Default: \`${written}\`.`;
  const older = [...(row.aliases ?? []), ...(row.nested ?? [])];
  return [
    row.meaning,
    `Kind: ${kindText(row)}.${required}${standard} Example: \`${row.example}\`.`,
    `Read by ${row.readBy.map((reader) => programs[reader]).join(', ')}.${row.notInOriginal ? ' Not known to the original.' : ''}`,
    changeTexts[keyChanges[key]],
    ...(older.length > 0 ? [`Older names: ${older.map((name) => `\`${name}\``).join(', ')}.`] : []),
    ...(row.deprecated === undefined ? [] : [row.deprecated]),
    ...(docs === undefined ? [] : [`[${key} in the docs](${docs}#${key})`]),
  ].join('\n\n');
}
