import { lineAt, lineStarts } from '../../config/lines.ts';
import { entryRange } from '../../config/context.ts';
import type { ConfigText } from '../configText.ts';

export interface Fold {
  /** Lines from 0, both inclusive. */
  readonly startLine: number;
  readonly endLine: number;
  readonly kind: 'section' | 'comment';
}

/** Values of several lines, and comments of two lines and more. */
export function folds({ text, read }: ConfigText): Fold[] {
  const starts = lineStarts(text);
  const sections = read.entries.flatMap((entry): Fold[] => {
    const { start, end } = entryRange(entry);
    const [startLine, endLine] = [lineAt(starts, start), lineAt(starts, Math.max(start, end - 1))];
    return endLine > startLine ? [{ startLine, endLine, kind: 'section' }] : [];
  });
  return [...sections, ...commentFolds(text)].sort((a, b) => a.startLine - b.startLine);
}

function commentFolds(text: string): Fold[] {
  const found: Fold[] = [];
  let startLine = -1;
  const lines = [...text.split('\n'), ''];
  for (const [line, content] of lines.entries()) {
    const isComment = /^[\uFEFF \t]*#/.test(content);
    if (isComment && startLine < 0) startLine = line;
    if (isComment || startLine < 0) continue;
    if (line - startLine > 1) found.push({ startLine, endLine: line - 1, kind: 'comment' });
    startLine = -1;
  }
  return found;
}
