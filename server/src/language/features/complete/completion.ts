import { configKeys, keyNames, type KeyName } from '../../../../../schemas/configKeys.ts';
import type { ConfigKey } from '../../../../../schemas/configKey.ts';
import type { Range } from '../../../../../schemas/problems.ts';
import { flatSpellings } from '../../../../../schemas/spellings.ts';
import { lineRange } from '../../../config/lines.ts';
import type { ConfigText } from '../../configText.ts';
import type { Surroundings } from '../../diagnose.ts';
import { defaultText, describeKey } from '../../keyText.ts';
import type { Completion } from './completionItem.ts';
import { completePath } from './completePath.ts';
import { completeValue } from './completeValue.ts';

/** What can be written at an offset: keys that are not set yet, or values of the key on the line. Works on the line as it
 *  is, because what is being written is seldom whole. */
export async function complete(
  config: ConfigText,
  offset: number,
  { files, workspace }: Surroundings,
): Promise<Completion[]> {
  const { text } = config;
  const line = lineRange(text, offset);
  const before = text.slice(line.start, offset).replace('\uFEFF', '');
  if (before.trimStart().startsWith('#')) return [];
  const word = /^[ \t]*([\w-]*)$/.exec(before)?.[1];
  if (word !== undefined) return completeKeys(config, { start: offset - word.length, end: offset }, line);
  const value = valueAt(config, offset);
  if (!value) return [];
  const { key, typed, range } = value;
  return configKeys[key].type === 'path'
    ? completePath(config.uri, key === 'modelPath' ? 'model' : 'file', typed, range, files)
    : completeValue(config, key, range, workspace);
}

/** The key whose value is being written on the line of an offset, what stands before the offset, and what is replaced. */
export function valueAt(
  { text }: ConfigText,
  offset: number,
): { readonly key: KeyName; readonly typed: string; readonly range: Range } | undefined {
  const line = lineRange(text, offset);
  const before = text.slice(line.start, offset).replace('\uFEFF', '');
  const written = /^[ \t]*["']?([\w-]+)["']?[ \t]*:[ \t]+(.*)$/.exec(before);
  const key = written ? keyCalled(written[1] ?? '') : undefined;
  if (!written || key === undefined) return undefined;
  const quote = /^["']/.exec(written[2] ?? '')?.[0] ?? '';
  const typed = (written[2] ?? '').slice(quote.length);
  return { key, typed, range: { start: offset - typed.length, end: endOfValue(text, offset, line.end) } };
}

/** What a key's completion says beside the list. */
export function describeCompletion(key: KeyName, docs: string | undefined): string {
  return describeKey(key, docs);
}

const keysByName: ReadonlyMap<string, KeyName> = new Map(
  flatSpellings.map(({ name, key }) => [name.toLowerCase(), key]),
);

function keyCalled(name: string): KeyName | undefined {
  return keysByName.get(name.toLowerCase());
}

/** A value is replaced as a whole, but not the comment after it. */
function endOfValue(text: string, offset: number, lineEnd: number): number {
  const rest = text.slice(offset, lineEnd);
  const value = /^(?:[^\s#"']|[ \t](?![ \t]*#|[ \t]*$))*/.exec(rest)?.[0] ?? '';
  return offset + value.length;
}

function completeKeys({ text, read }: ConfigText, word: Range, line: Range): Completion[] {
  const indent = text.slice(line.start, word.start).replace('\uFEFF', '');
  const [first] = read.entries;
  const usual = first ? text.slice(lineRange(text, first.keyRange.start).start, first.keyRange.start) : '';
  // Deeper than the keys of the file, a new key would belong to the value above it.
  if (indent.length > usual.replace('\uFEFF', '').length) return [];
  const rest = text.slice(word.end, line.end);
  const hasColon = /^[\w-]*[ \t]*:/.test(rest);
  const range = { start: word.start, end: word.end + (/^[\w-]*/.exec(rest)?.[0].length ?? 0) };
  const set = new Set(
    keyNames.filter((key) => {
      const keyRange = read.origins[key].keyRange;
      return keyRange && !(keyRange.start <= word.end && keyRange.end >= word.start);
    }),
  );
  const commented = commentedValues(text);
  return keyNames
    .filter((key) => !set.has(key))
    .map((key, i): Completion => {
      const row: ConfigKey = configKeys[key];
      const value = commented.get(key) ?? row.example;
      const rank = row.type === 'path' && 'required' in row ? -1 : commented.has(key) ? i : 100 + i;
      const detail = commented.has(key)
        ? 'as in the comment above'
        : defaultText(row) && `default ${defaultText(row)}`;
      const common = { label: key, kind: 'key', detail, range, rank, key } as const;
      if (hasColon) return { ...common, text: key };
      const snippet = commented.has(key) ? `\${1:${escaped(value)}}` : snippetOf(row);
      return { ...common, text: `${key}: ${value}`, snippet: `${key}: ${snippet}`, continues: true };
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
    const key = keyCalled(name);
    if (key !== undefined) found.set(key, value);
  }
  return found;
}
