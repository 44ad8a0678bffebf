import type { Problem, TextEdit } from '../../../../schemas/config/problems.ts';
import { choose } from '../choose.ts';
import { entryRange, type Context } from '../context.ts';
import { readDocument } from '../document.ts';
import { commentOut } from '../edits.ts';
import { entriesOf, type ConfigDocument, type Entry } from '../entries.ts';
import { lineEnd, lineRange } from '../lines.ts';
import { problem } from '../problem.ts';
import { reasonOf } from './deadKey.ts';
import type { Rule } from './rule.ts';

export const nestedForm: Rule = { codes: ['nested-form'], check, fix, isSafe: true };

function check({ entries }: Context): Problem[] {
  return entries
    .filter(({ match }) => match === 'section')
    .map((section) => {
      const mapped = section.children.flatMap(({ path, key }) => (key ? [`${path} as ${key}`] : []));
      const read = mapped.length > 0 ? `it is read: ${mapped.join(', ')}` : 'nothing in it has an effect';
      const message = `"${section.path}" belongs to the older nested form; ${read}.`;
      return problem('nested-form', section.keyRange, message, { entry: entryRange(section) });
    });
}

/** Converts one section to the flat form. Comments stay; keys that mean nothing any more become comments with the reason.
 *  Gives no edits where the section is written in an unusual way, with an anchor or as `? key`. */
function fix({ range }: Problem, text: string): TextEdit[] {
  const { document, entries, outdone } = readOnce(text);
  const section = entries.find(({ keyRange }) => keyRange.start === range.start);
  if (!document.complete || section?.match !== 'section' || !startsLine(text, section)) return [];
  if (section.children.length === 0) return commentOut(text, entryRange(section));
  const reason = (entry: Entry) => {
    if (!entry.key) return `${entry.path} has no effect: ${reasonOf(entry.path) ?? 'no version reads it'}`;
    return outdone.has(entry)
      ? `${entry.path} has no effect: ${entry.key} is set in another place`
      : undefined;
  };
  const isFlow = text[section.value.range.start] === '{';
  return isFlow ? convertFlow(text, section, reason) : convertBlock(text, section, reason);
}

interface ReadText {
  readonly text: string;
  readonly document: ConfigDocument;
  readonly entries: readonly Entry[];
  readonly outdone: ReturnType<typeof choose>['outdone'];
}

/** The text that was read last: its sections are converted one after the other, and there may be any number. */
let last: ReadText | undefined;

function readOnce(text: string): ReadText {
  if (last?.text === text) return last;
  const document = readDocument(text);
  const entries = entriesOf(document.keys);
  last = { text, document, entries, outdone: choose(entries).outdone };
  return last;
}

/** Why a key of the section cannot become a flat one. */
type Reason = (entry: Entry) => string | undefined;

function convertBlock(text: string, section: Entry, reason: Reason): TextEdit[] {
  const header = headerEdit(text, section);
  if (!header || !section.children.every((child) => startsLine(text, child))) return [];
  const indent = indentOf(text, section);
  return section.children.reduce<TextEdit[]>(
    (edits, child) => {
      const why = reason(child);
      if (child.key && why === undefined) {
        const start = lineRange(text, child.keyRange.start).start;
        edits.push({ range: { start, end: child.keyRange.end }, newText: indent + child.key });
      } else edits.push(...commentOut(text, entryRange(child), why));
      return edits;
    },
    [header],
  );
}

/** Removes `section:`, but not a comment after it. */
function headerEdit(text: string, section: Entry): TextEdit | undefined {
  const { keyRange } = section;
  const line = lineRange(text, keyRange.start);
  const rest = /^([ \t]*:[ \t]*)(#.*)?$/.exec(text.slice(keyRange.end, line.end));
  if (!rest) return undefined;
  if (rest[2] !== undefined)
    return { range: { start: keyRange.start, end: keyRange.end + (rest[1]?.length ?? 0) }, newText: '' };
  const start = keyRange.start - indentOf(text, section).length;
  return { range: { start, end: text.indexOf('\n', line.end) + 1 }, newText: '' };
}

function convertFlow(text: string, section: Entry, reason: Reason): TextEdit[] {
  const range = entryRange(section);
  if (
    /[\n#]/.test(text.slice(range.start, range.end)) ||
    /[&*!]/.test(text.slice(section.keyRange.end, section.value.range.start))
  )
    return [];
  const flat: string[] = [];
  const comments: string[] = [];
  for (const child of section.children) {
    const why = reason(child);
    const written = text.slice(child.value.range.start, child.value.range.end);
    if (child.key && why === undefined) flat.push(`${child.key}: ${written}`);
    else comments.push(`# ${String(why)}`, `# ${child.path.slice(child.path.indexOf('.') + 1)}: ${written}`);
  }
  return [{ range, newText: [...comments, ...flat].join(lineEnd(text) + indentOf(text, section)) }];
}

function startsLine(text: string, entry: Entry): boolean {
  return indentOf(text, entry).trim() === '';
}

/** What stands before a key on its line; a byte order mark is no part of it. */
function indentOf(text: string, { keyRange }: Entry): string {
  return text.slice(lineRange(text, keyRange.start).start, keyRange.start).replace('\uFEFF', '');
}
