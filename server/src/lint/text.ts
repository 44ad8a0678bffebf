import { formatProblem } from '../config/readConfig.ts';
import type { FileReport } from './report.ts';

/** `file:line:col: severity CODE: message`, and how many there are. */
export function formatText(reports: readonly FileReport[]): string {
  const lines = reports.flatMap(({ path, text, problems }) =>
    problems.map((problem) => formatProblem(path, text, problem)),
  );
  const files = counted(reports.length, 'config');
  const summary =
    lines.length === 0 ? `${files}, no problems.` : `${files}, ${counted(lines.length, 'problem')}.`;
  return [...lines, summary, ''].join('\n');
}

function counted(n: number, what: string): string {
  return `${n} ${what}${n === 1 ? '' : 's'}`;
}
