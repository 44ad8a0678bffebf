import { oldSections } from '../../../../schemas/config/oldKeys.ts';
import type { TextEdit } from '../../../../schemas/config/problems.ts';
import { lineRange } from '../../config/lines.ts';

const opener = new RegExp(
  `^[ \\t]*(?:${oldSections.join('|')}|modelMetaDataList)[ \\t]*:[ \\t]*(?:#.*)?$`,
  'i',
);

/** Indents the line that has just been begun: deeper below a section, under the text of an item, and otherwise as the line
 *  above, because a key without a value has nothing below it. A line that holds something is left alone.
 *  @param width  blanks of one level */
export function indentLine(text: string, offset: number, width: number): TextEdit[] {
  const line = lineRange(text, offset);
  const blanks = text.slice(line.start, line.end);
  if (blanks.trim() !== '') return [];
  const above = text
    .slice(0, line.start)
    .split(/\r?\n/)
    .findLast((one) => one.trim() !== '');
  // Tabs have a problem and a fix of their own.
  if (above === undefined || /^ *\t/.test(above)) return [];
  const wanted = ' '.repeat(depthBelow(above, width));
  return wanted === blanks ? [] : [{ range: line, newText: wanted }];
}

function depthBelow(above: string, width: number): number {
  const item = /^ *- +/.exec(above)?.[0].length;
  const own = /^ */.exec(above)?.[0].length ?? 0;
  return item ?? (opener.test(above) ? own + width : own);
}
