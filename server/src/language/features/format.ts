import type { Range, TextEdit } from '../../../../schemas/config/problems.ts';
import { applyEdits } from '../../config/edits.ts';
import type { Entry } from '../../config/entries.ts';
import { lineEnd, lineRange } from '../../config/lines.ts';
import { readConfig } from '../../config/readConfig.ts';
import type { ConfigText } from '../configText.ts';

/** Puts one blank after each colon, removes blanks at the ends of lines, and ends the file with a line end. Nothing else
 *  is touched, so that no comment or blank line is lost. No edits where the text is broken or would be read differently. */
export function format(config: ConfigText): TextEdit[] {
  return formatRange(config, { start: 0, end: config.text.length });
}

/** The same for what lies in a part of a text. */
export function formatRange({ text, read }: ConfigText, part: Range): TextEdit[] {
  if (text === '' || read.problems.some(({ code }) => code === 'syntax' || code === 'tab-indent')) return [];
  if (read.entries.length === 0 && read.problems.some(({ severity }) => severity === 'error')) return [];
  const edits = [...colonEdits(text, read.entries), ...lineEdits(text)]
    .filter(({ range }) => range.start >= part.start && range.end <= part.end)
    .sort((a, b) => a.range.start - b.range.start);
  const separate = edits.filter(({ range }, i) => i === 0 || range.start >= (edits[i - 1]?.range.end ?? 0));
  const after = readConfig(applyEdits(text, separate));
  return JSON.stringify(meaning(after.entries)) === JSON.stringify(meaning(read.entries)) ? separate : [];
}

function colonEdits(text: string, entries: readonly Entry[]): TextEdit[] {
  return entries
    .flatMap((entry) => [entry, ...entry.children])
    .flatMap(({ keyRange, value }) => {
      const range = { start: keyRange.end, end: value.range.start };
      const isUsual = value.kind === 'scalar' && /^[ \t]*:[ \t]+$/.test(text.slice(range.start, range.end));
      return isUsual && text.slice(range.start, range.end) !== ': ' ? [{ range, newText: ': ' }] : [];
    });
}

function lineEdits(text: string): TextEdit[] {
  const edits = Array.from(text.matchAll(/[ \t]+(?=\r?\n|$)/g), (found) => ({
    range: { start: found.index, end: found.index + found[0].length },
    newText: '',
  }));
  const last = lineRange(text, text.length);
  const isOpen = text.slice(last.start).trim() !== '';
  if (!isOpen) return edits;
  const end = { start: text.length, end: text.length };
  return [...edits, { range: end, newText: lineEnd(text) }];
}

function meaning(entries: readonly Entry[]): unknown {
  return entries.map(({ path, value, children }) => [
    path,
    value.kind === 'scalar' ? value.text : value.kind,
    meaning(children),
  ]);
}
