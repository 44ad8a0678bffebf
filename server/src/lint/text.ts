import { formatProblem } from '../config/readConfig.ts';
import type { Report } from './report.ts';

/** `file:line:col: severity CODE: message`, and how many there are. What could not be read is counted, too; what it is, is
 *  said elsewhere in every format. */
export function formatText({ files: reports, unread }: Report): string {
  const lines = reports.flatMap(({ path, text, problems }) =>
    problems.map((problem) => formatProblem(path, text, problem)),
  );
  const files = counted(reports.length, 'config');
  const problems = lines.length === 0 ? 'no problems' : counted(lines.length, 'problem');
  const rest = unread.length === 0 ? '' : `, ${unread.length} not read`;
  return [...lines, `${files}, ${problems}${rest}.`, ''].join('\n');
}

function counted(n: number, what: string): string {
  return `${n} ${what}${n === 1 ? '' : 's'}`;
}
