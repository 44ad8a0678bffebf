import { formatGithub } from './github.ts';
import { formatJson } from './json.ts';
import type { Report } from './report.ts';
import { formatSarif } from './sarif.ts';
import { formatText } from './text.ts';

export const formats = {
  text: formatText,
  json: formatJson,
  sarif: formatSarif,
  github: formatGithub,
} as const satisfies Record<string, (report: Report, version: string) => string>;

export type Format = keyof typeof formats;
