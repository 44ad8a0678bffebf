import { keyNames, type KeyName } from '../../../schemas/config/configKeys.ts';
import type { Range, TextEdit } from '../../../schemas/config/problems.ts';
import { choose } from './choose.ts';
import { readDocument } from './document.ts';
import { applyEdits } from './edits.ts';
import { entriesOf, type ConfigDocument, type Entry } from './entries.ts';
import { lineEnd, lineRange } from './lines.ts';
import { asScalar } from './scalar.ts';

/** Values as they are to stand in the file, by key. */
export type NewValues = Partial<Readonly<Record<KeyName, string>>>;

/** The text with these values: where a key is set, in the place that counts, whatever it is called there; else as a line
 *  of its own. All other values and all comments stay. Undefined where the text is broken, or written in a way that such
 *  an edit would change more of. */
export function setValues(text: string, values: NewValues): string | undefined {
  let now = text;
  for (const key of keyNames) {
    const value = values[key];
    if (value === undefined) continue;
    const before = readAll(now);
    if (!before.document.complete) return undefined;
    const edit = editFor(now, before, key, value);
    const after = edit && applyEdits(now, [edit]);
    if (after === undefined || !isOnlyChange(before, readAll(after), key, value)) return undefined;
    now = after;
  }
  return now;
}

interface ReadText {
  readonly document: ConfigDocument;
  readonly entries: readonly Entry[];
  readonly chosen: ReadonlyMap<KeyName, Entry>;
}

function readAll(text: string): ReadText {
  const document = readDocument(text);
  const entries = entriesOf(document.keys);
  return { document, entries, chosen: choose(entries).chosen };
}

function editFor(text: string, read: ReadText, key: KeyName, value: string): TextEdit | undefined {
  const entry = read.chosen.get(key);
  if (!entry)
    return read.document.braces ? addInBraces(text, read, key, value) : addLine(text, read, key, value);
  const isFlow = read.document.braces !== undefined || isInSectionOfBraces(text, read.entries, entry);
  const written = asScalar(value, { isFlow, quote: '' });
  const { start, end } = entry.value.range;
  const old = text.slice(start, end);
  // A block of lines ends with a line end, which stays.
  if (entry.value.kind !== 'nothing')
    return { range: { start, end }, newText: written + (/\r?\n$/.exec(old)?.[0] ?? '') };
  if (old.trim() !== '') return { range: { start, end }, newText: written };
  const colon = /^[ \t]*:/.exec(text.slice(entry.keyRange.end))?.[0].length;
  const at = entry.keyRange.end + (colon ?? 0);
  return { range: { start: at, end: at }, newText: colon === undefined ? `: ${written}` : ` ${written}` };
}

function isInSectionOfBraces(text: string, entries: readonly Entry[], entry: Entry): boolean {
  const section = entries.find(({ children }) => children.includes(entry));
  return section !== undefined && text[section.value.range.start] === '{';
}

/** After the last key that has a value, else before the first one. */
function addInBraces(
  text: string,
  { document: { braces }, entries }: ReadText,
  key: KeyName,
  value: string,
): TextEdit | undefined {
  if (!braces) return undefined;
  const isJson = text[entries[0]?.keyRange.start ?? -1] === '"';
  const pair = isJson
    ? `"${key}": ${JSON.stringify(value)}`
    : `${key}: ${asScalar(value, { isFlow: true, quote: '' })}`;
  const last = entries.at(-1);
  const at = last && last.value.range.end > last.keyRange.end ? last.value.range.end : braces.start + 1;
  if (!last) return { range: { start: at, end: at }, newText: pair };
  if (at === braces.start + 1) return { range: { start: at, end: at }, newText: `${pair}, ` };
  const indent = /^[ \t]*$/.exec(
    text.slice(lineRange(text, last.keyRange.start).start, last.keyRange.start),
  )?.[0];
  const gap = indent === undefined ? ' ' : lineEnd(text) + indent;
  return { range: { start: at, end: at }, newText: `,${gap}${pair}` };
}

/** At the end of the document, at the indentation of its keys. */
function addLine(text: string, { entries }: ReadText, key: KeyName, value: string): TextEdit {
  const [first] = entries;
  const at = endOfDocument(text, first?.keyRange);
  const indent = first
    ? text.slice(lineRange(text, first.keyRange.start).start, first.keyRange.start).replace('\uFEFF', '')
    : '';
  const isOpen = at > 0 && text[at - 1] !== '\n' && text !== '\uFEFF';
  const end = lineEnd(text);
  const line = `${indent}${key}: ${asScalar(value, { isFlow: false, quote: '' })}${end}`;
  return { range: { start: at, end: at }, newText: (isOpen ? end : '') + line };
}

function endOfDocument(text: string, first: Range | undefined): number {
  const mark = /^(?:---|\.\.\.)(?=[ \t\r\n]|$)/gm;
  mark.lastIndex = first?.end ?? text.length;
  return mark.exec(text)?.index ?? text.length;
}

function isOnlyChange(before: ReadText, after: ReadText, key: KeyName, value: string): boolean {
  const written = after.chosen.get(key)?.value;
  const isThere = written?.kind === 'scalar' && written.text === value;
  const others = ({ chosen, document }: ReadText) =>
    JSON.stringify([
      document.complete,
      keyNames.map((name) => {
        const other = name === key ? undefined : chosen.get(name)?.value;
        return other && [other.kind, other.kind === 'scalar' ? other.text : ''];
      }),
    ]);
  return isThere && others(before) === others(after);
}
