import { configKeys, keyNames, type KeyName } from '../../../../../schemas/config/configKeys.ts';
import type { ConfigKey } from '../../../../../schemas/config/configKey.ts';
import { spellingCalled, spellings } from '../../../../../schemas/config/spellings.ts';
import { asScalar } from '../../../config/scalar.ts';
import type { ConfigText } from '../../configText.ts';
import type { Surroundings } from '../../diagnose.ts';
import { defaultText, describeKey } from '../../keyText.ts';
import type { Completion } from './completionItem.ts';
import { completePath } from './completePath.ts';
import { cursorAt, type Cursor } from './cursor.ts';
import { completeValue } from './completeValue.ts';

/** What can be written at an offset: keys that are not set yet, or values of the key there. Works on the text as it is,
 *  because what is being written is seldom whole. */
export async function complete(
  config: ConfigText,
  offset: number,
  { files, workspace }: Surroundings,
  cursor = cursorAt(config, offset),
): Promise<Completion[]> {
  if (!cursor) return [];
  if (cursor.kind === 'key') return completeKeys(config, cursor);
  const key = keyOf(cursor);
  if (key === undefined) return [];
  const { typed, range } = cursor;
  const found =
    configKeys[key].type === 'path'
      ? await completePath(config.uri, key === 'modelPath' ? 'model' : 'file', typed, range, files)
      : completeValue(config, key, range, workspace);
  return found.map((item) => asWritten(item, cursor));
}

/** The key whose value is being written. */
export function valueKeyOf(cursor: Cursor | undefined): KeyName | undefined {
  return cursor?.kind === 'value' ? keyOf(cursor) : undefined;
}

function keyOf({ section, name }: Cursor): KeyName | undefined {
  const spelling = spellingCalled(section === '' ? name : `${section}.${name}`);
  return spelling && (spelling.form === 'nested') === (section !== '') ? spelling.key : undefined;
}

/** A value with the quotes that it needs where it is to stand. */
export function asWritten(item: Completion, { isFlow, quote, rest }: Cursor): Completion {
  const scalar = asScalar(item.text, { isFlow, quote });
  const isOpen = quote !== '' && !rest.startsWith(quote);
  const text = isOpen ? scalar + quote : scalar;
  if (text === item.text) return item;
  const { snippet, ...plain } = item;
  const isSame = scalar === item.text;
  const quoted = snippet === undefined || quote !== '' ? undefined : `"${snippet}"`;
  const stops = isSame && snippet !== undefined ? snippet + quote : quoted;
  return { ...plain, text, filter: item.text, ...(stops === undefined ? {} : { snippet: stops }) };
}

/** What a key's completion says beside the list. */
export function describeCompletion(key: KeyName, docs: string | undefined): string {
  return describeKey(key, docs);
}

/** One way to write a key where the cursor is. */
interface Offer {
  readonly name: string;
  readonly key: KeyName;
}

/** At the top the keys as they are called now; in a section of the older form those that it had. */
function offersIn(section: string): readonly Offer[] {
  if (section === '') return keyNames.map((key) => ({ name: key, key }));
  const names = spellings.filter(({ form, name }) => form === 'nested' && name.startsWith(`${section}.`));
  // Of several names of one key the first is enough.
  return names
    .filter(({ key }, i) => names.findIndex((other) => other.key === key) === i)
    .map(({ name, key }) => ({ name: name.slice(section.length + 1), key }));
}

function completeKeys({ text, read }: ConfigText, cursor: Cursor): Completion[] {
  const { section, quote, rest, range: word } = cursor;
  const hasColon = /^["']?[ \t]*:/.test(rest);
  const isClosed = quote !== '' && rest.startsWith(quote) && !hasColon;
  const range = isClosed ? { start: word.start, end: word.end + 1 } : word;
  const isSet = (key: KeyName) => {
    const { keyRange } = read.origins[key];
    return keyRange !== undefined && (keyRange.start > word.end || keyRange.end < word.start);
  };
  const commented = commentedValues(text);
  return offersIn(section)
    .filter(({ key }) => !isSet(key))
    .map(({ name, key }, i): Completion => {
      const row: ConfigKey = configKeys[key];
      const value = commented.get(key) ?? row.example;
      const rank = row.type === 'path' && 'required' in row ? -1 : commented.has(key) ? i : 100 + i;
      const detail = commented.has(key)
        ? 'as in the comment above'
        : defaultText(row) && `default ${defaultText(row)}`;
      const common = { label: name, kind: 'key', detail, range, rank, key } as const;
      if (hasColon) return { ...common, text: name };
      const begin = `${name}${quote}: `;
      const snippet = commented.has(key) ? `\${1:${escaped(value)}}` : snippetOf(row);
      const place = { isFlow: cursor.isFlow, quote: '' } as const;
      const written = asScalar(value, place);
      return {
        ...common,
        text: begin + written,
        filter: name,
        snippet: begin + (written === value ? snippet : `"${snippet}"`),
        continues: true,
      };
    });
}

function snippetOf(row: ConfigKey): string {
  if (row.snippet !== undefined) return row.snippet;
  if (row.type === 'boolean') return `\${1|${String(!row.default)},${String(row.default)}|}`;
  // A path is chosen from the list that opens; an example would only stand in its way.
  return row.type === 'path' ? '$1' : `\${1:${escaped(row.example)}}`;
}

function escaped(text: string): string {
  return text.replace(/[\\$}]/g, '\\$&');
}

/** Values of keys that stand in comments, as in the template. */
function commentedValues(text: string): Map<KeyName, string> {
  const found = new Map<KeyName, string>();
  for (const [, name = '', value = ''] of text.matchAll(
    /^[ \t\uFEFF]*#[ \t]*(\w+):[ \t]+([^#\r\n]*[^#\s])/gm,
  )) {
    const spelling = spellingCalled(name);
    if (spelling && spelling.form !== 'nested') found.set(spelling.key, value);
  }
  return found;
}
