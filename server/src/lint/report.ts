import type { Problem } from '../../../schemas/config/problems.ts';
import { lineColumn } from '../config/readConfig.ts';

/** What was found in one file. */
export interface FileReport {
  /** As it was named, or found below what was named; with slashes. */
  readonly path: string;
  /** The text that the problems were found in. */
  readonly text: string;
  readonly problems: readonly Problem[];
}

/** Where a problem is; all counted from 1, columns in UTF-16 units, the end exclusive. */
export interface Region {
  readonly startLine: number;
  readonly startColumn: number;
  readonly endLine: number;
  readonly endColumn: number;
}

export function regionOf(text: string, { range }: Problem): Region {
  const start = lineColumn(text, range.start);
  const end = lineColumn(text, range.end);
  return { startLine: start.line, startColumn: start.column, endLine: end.line, endColumn: end.column };
}

/** What could not be read or written. */
export interface Unread {
  /** As `FileReport.path`. */
  readonly path: string;
  /** What goes on after the path: "cannot be read (EACCES)". */
  readonly trouble: string;
}

/** All that was found. */
export interface Report {
  readonly files: readonly FileReport[];
  readonly unread: readonly Unread[];
}
