import { printableJson } from '../../../schemas/printable.ts';
import { regionOf, type Report } from './report.ts';

/** One object: each file with its problems, and what could not be read. */
export function formatJson({ files: reports, unread }: Report): string {
  const files = reports.map(({ path, text, problems }) => ({
    path,
    problems: problems.map((problem) => ({
      code: problem.code,
      severity: problem.severity,
      message: problem.message,
      ...regionOf(text, problem),
      ...(problem.data ? { data: problem.data } : {}),
    })),
  }));
  return `${printableJson(JSON.stringify({ files, unread }, null, 2))}\n`;
}
