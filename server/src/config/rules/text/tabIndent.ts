import type { Problem, Range } from '../../../../../schemas/config/problems.ts';
import { lineRange } from '../../lines.ts';
import { problem } from '../../problem.ts';

/** What one tab stands for where no other line shows it. */
const usual = '  ';

/** The problem of a line that is indented with tabs; undefined when its tab is somewhere else. */
export function findTab(text: string, line: Range): Problem | undefined {
  const [, mark = '', indent = ''] = /^(\uFEFF?)([ \t]*)/.exec(text.slice(line.start, line.end)) ?? [];
  if (!indent.includes('\t')) return undefined;
  const start = line.start + mark.length;
  const range = { start, end: start + indent.length };
  const replacement = indentAfter(text, line.start);
  return problem('tab-indent', range, 'The line is indented with a tab; YAML wants blanks.', { replacement });
}

/** The blanks that a line needs to stand beside the line before it, or below it if that one opens a section. */
function indentAfter(text: string, start: number): string {
  for (let at = start; at > 0;) {
    const before = lineRange(text, at - 1);
    const line = text.slice(before.start, before.end);
    at = before.start;
    const content = line.replace(/(?:^|\s)#.*$/, '').trimEnd();
    if (content.trim() === '' || content === '---') continue;
    const indent = (/^[ \t\uFEFF]*/.exec(line)?.[0] ?? '').replaceAll('\t', usual).replace('\uFEFF', '');
    return content.endsWith(':') ? indent + usual : indent;
  }
  return '';
}
