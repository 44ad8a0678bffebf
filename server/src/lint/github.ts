import { printable } from '../../../schemas/printable.ts';
import type { Severity } from '../../../schemas/config/problems.ts';
import { regionOf, type Report } from './report.ts';

const levels: Readonly<Record<Severity, string>> = {
  error: 'error',
  warning: 'warning',
  information: 'notice',
  hint: 'notice',
};

/** Workflow commands, which GitHub shows beside the lines of a pull request. */
export function formatGithub({ files: reports, unread }: Report): string {
  const found = reports.flatMap(({ path, text, problems }) =>
    problems.map((problem) => {
      const { startLine, startColumn, endLine, endColumn } = regionOf(text, problem);
      // Columns are only taken where they are on one line.
      const columns = startLine === endLine ? [`col=${startColumn}`, `endColumn=${endColumn}`] : [];
      const place = [`file=${property(path)}`, `line=${startLine}`, `endLine=${endLine}`, ...columns];
      return `::${levels[problem.severity]} ${[...place, `title=${problem.code}`].join(',')}::${message(problem.message)}\n`;
    }),
  );
  const rest = unread.map(
    ({ path, trouble }) => `::error file=${property(path)},title=unread::${message(`${path} ${trouble}.`)}\n`,
  );
  return [...found, ...rest].join('');
}

function message(text: string): string {
  return printable(text.replaceAll('%', '%25').replaceAll('\r', '%0D').replaceAll('\n', '%0A'));
}

function property(text: string): string {
  return message(text).replaceAll(':', '%3A').replaceAll(',', '%2C');
}
