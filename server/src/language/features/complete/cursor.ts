import { oldSections } from '../../../../../schemas/config/oldKeys.ts';
import type { Range } from '../../../../../schemas/config/problems.ts';
import { lineRange } from '../../../config/lines.ts';
import type { ScalarPlace } from '../../../config/scalar.ts';
import type { ConfigText } from '../../configText.ts';
import { scan, type Item } from './scan.ts';

/** What an offset is for: a key or its value, in which section of the older form ('' at the top), and how it stands there. */
export interface Cursor extends ScalarPlace {
  readonly kind: 'key' | 'value';
  readonly section: string;
  /** Of the key, if a value is being written. */
  readonly name: string;
  /** What stands before the offset. */
  readonly typed: string;
  /** What is replaced. */
  readonly range: Range;
  /** What follows it on its line. */
  readonly rest: string;
}

const sections: ReadonlySet<string> = new Set(oldSections);

/** Undefined where nothing is read: in comments, lists, blocks of text, below values, and in a second document. */
export function cursorAt({ text, read }: ConfigText, offset: number): Cursor | undefined {
  const item = scan(text, offset);
  if (!item) return undefined;
  const [first] = read.entries;
  const usual = first ? indentOf(text, first.keyRange.start) : 0;
  const section = sectionOf(item, usual);
  if (section === undefined) return undefined;
  return item.name === undefined
    ? keyAt(text, offset, item, section)
    : valueAt(text, offset, item, item.name, section);
}

function indentOf(text: string, offset: number): number {
  const { start } = lineRange(text, offset);
  return text.slice(start, offset).replace('\uFEFF', '').length;
}

/** The section that an item stands in; undefined where it is deeper than any key, or in what is no section. */
function sectionOf({ braces, indent, parent, siblings }: Item, usual: number): string | undefined {
  const names = [...braces.slice(braces[0] === undefined ? 1 : 0)];
  if (indent > usual && braces.length === 0) {
    const isBeside = siblings === undefined || siblings === indent;
    return parent !== undefined && isBeside ? known(parent) : undefined;
  }
  if (names.length === 0) return '';
  const [name] = names;
  return names.length === 1 && name !== undefined ? known(name) : undefined;
}

function known(name: string): string | undefined {
  const lower = name.toLowerCase();
  return sections.has(lower) ? lower : undefined;
}

function keyAt(text: string, offset: number, item: Item, section: string): Cursor | undefined {
  const found = /^\s*(["']?)([\w-]*)$/.exec(text.slice(item.start, offset).replace('\uFEFF', ''));
  if (!found) return undefined;
  const [, mark = '', typed = ''] = found;
  const word = /^[\w-]*/.exec(text.slice(offset))?.[0] ?? '';
  const range = { start: offset - typed.length, end: offset + word.length };
  const rest = text.slice(range.end, lineRange(text, offset).end);
  return { kind: 'key', section, name: '', typed, range, rest, isFlow: item.isFlow, quote: asQuote(mark) };
}

function valueAt(
  text: string,
  offset: number,
  { valueStart, isFlow }: Item,
  name: string,
  section: string,
): Cursor | undefined {
  const before = text.slice(valueStart, offset);
  const blanks = /^[ \t]*/.exec(before)?.[0] ?? '';
  // The colon alone does not end a key yet.
  if (blanks === '' && !isFlow) return undefined;
  const mark = /^["']/.exec(before.slice(blanks.length))?.[0] ?? '';
  const typed = before.slice(blanks.length + mark.length);
  // After the closing quote there is nothing to write.
  if (mark !== '' && closes(typed, mark)) return undefined;
  const line = lineRange(text, offset);
  const after = text.slice(offset, line.end);
  const end = offset + lengthOfValue(after, mark, isFlow);
  return {
    kind: 'value',
    section,
    name,
    typed,
    range: { start: offset - typed.length, end },
    rest: text.slice(end, line.end),
    isFlow,
    quote: asQuote(mark),
  };
}

function closes(typed: string, mark: string): boolean {
  const rest = mark === "'" ? typed.replaceAll("''", '') : typed.replace(/\\./g, '');
  return rest.includes(mark);
}

/** A value is replaced as a whole, but not the comment after it, nor what follows between braces. */
function lengthOfValue(after: string, mark: string, isFlow: boolean): number {
  if (mark === '"') return /^(?:[^"\\]|\\.)*/.exec(after)?.[0].trimEnd().length ?? 0;
  if (mark === "'") return /^[^']*/.exec(after)?.[0].trimEnd().length ?? 0;
  const plain = isFlow
    ? /^(?:[^\s#"',{}[\]]|[ \t](?![ \t]*(?:#|$|[,}\]])))*/
    : /^(?:[^\s#"']|[ \t](?![ \t]*#|[ \t]*$))*/;
  return plain.exec(after)?.[0].length ?? 0;
}

function asQuote(mark: string): '' | '"' | "'" {
  return mark === '"' || mark === "'" ? mark : '';
}
