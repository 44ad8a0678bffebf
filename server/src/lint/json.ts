import { printableJson } from '../../../schemas/printable.ts';
import { regionOf, type FileReport } from './report.ts';

/** One object: each file with its problems. */
export function formatJson(reports: readonly FileReport[]): string {
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
  return `${printableJson(JSON.stringify({ files }, null, 2))}\n`;
}
