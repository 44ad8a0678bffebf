import { formatGithub } from './github.ts';
import { formatJson } from './json.ts';
import type { FileReport } from './report.ts';
import { formatSarif } from './sarif.ts';
import { formatText } from './text.ts';

export const formats = {
  text: formatText,
  json: formatJson,
  sarif: formatSarif,
  github: formatGithub,
} as const satisfies Record<string, (reports: readonly FileReport[], version: string) => string>;

export type Format = keyof typeof formats;
