import {
  configProblems,
  type Problem,
  type ProblemCode,
  type ProblemData,
  type Range,
} from '../../../schemas/config/problems.ts';
import { printable } from '../../../schemas/printable.ts';
import { lineColumn } from './lines.ts';

/** Makes a problem with the severity that its code has in the table. */
export function problem(code: ProblemCode, range: Range, message: string, data?: ProblemData): Problem {
  const made = { code, severity: configProblems[code].severity, message, range };
  return data ? { ...made, data } : made;
}

/** `file:line:col: error CODE: message`, on one line. */
export function formatProblem(
  file: string,
  text: string,
  { code, severity, message, range }: Problem,
): string {
  const { line, column } = lineColumn(text, range.start);
  return printable(`${file}:${line}:${column}: ${severity} ${code}: ${message}`);
}
