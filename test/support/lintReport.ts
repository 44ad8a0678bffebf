import type { Region } from '../../server/src/lint/report.ts';

/** What `lint --format json` prints of one problem. */
export interface LintProblem extends Region {
  readonly code: string;
  readonly severity: string;
  readonly message: string;
}

/** What it prints of all files. */
export interface LintReport {
  readonly files: readonly { readonly path: string; readonly problems: readonly LintProblem[] }[];
  readonly unread: readonly { readonly path: string; readonly trouble: string }[];
}
