import { expect } from 'vitest';
import type { Problem } from '../../../schemas/config/problems.ts';
import { readConfig } from '../../../server/src/config/readConfig.ts';
import { lineColumn } from '../../../server/src/config/lines.ts';

/** Reads a drawn config and compares the problems. A line of carets points at the line above it and names severity and
 *  code; it begins with a hash, which is a caret of its own when a caret follows at once:
 *  ```
 *  jobname: x
 *  #^^^^^^ hint key-case
 *  ```
 *  `#!` stands for the first column alone. Drawings are not part of the text that is read. That modelPath is missing counts only where it is drawn, so that cases can be short. */
export function check(drawing: string, env?: Record<string, string>): void {
  const lines = drawing.replace(/^\n/, '').split('\n');
  const text = lines.filter((line) => !isDrawing(line)).join('\n');
  const options = env ? { env: (name: string) => env[name] } : {};
  const { config, problems } = readConfig(text, options);
  const counted = drawing.includes('model-path-missing')
    ? problems
    : problems.filter(({ code }) => code !== 'model-path-missing');
  expect(draw(text, counted)).toEqual(expected(lines));
  const failed = problems.some(({ severity }) => severity === 'error');
  expect(config === undefined).toBe(failed);
}

function isDrawing(line: string): boolean {
  return /^#(?:!| *\^)/.test(line);
}

function expected(lines: readonly string[]): string[] {
  let number = 0;
  return lines.flatMap((line) => {
    if (!isDrawing(line)) {
      number++;
      return [];
    }
    const [, blanks = '', marks = '', severity = '', code = ''] =
      /^#( *)(\^+|!) (\w+) ([a-z-]+)$/.exec(line) ?? [];
    const start = blanks === '' ? 0 : 1 + blanks.length;
    const end = marks === '!' ? 1 : 1 + blanks.length + marks.length;
    return [`${number}:${start}-${end} ${severity} ${code}`];
  });
}

function draw(text: string, problems: readonly Problem[]): string[] {
  return problems.map(({ range, severity, code }) => {
    const { line, column } = lineColumn(text, range.start);
    return `${line}:${column - 1}-${column - 1 + range.end - range.start} ${severity} ${code}`;
  });
}
