import { readFileSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { root } from './serving.ts';

/** A block of code on a page. */
export interface Snippet {
  /** The page, from the root of the repository. */
  readonly page: string;
  /** Of its first line, from 1. */
  readonly line: number;
  /** What stands after the three backticks; '' for drawings. */
  readonly language: string;
  readonly code: string;
  /** Why no test runs it: the comment `<!-- not run: … -->` before it. */
  readonly notRun?: string;
}

/** The pages that people read: those of docs/ and those beside README.md. */
export const pages: readonly string[] = [
  ...['README.md', 'ARCHITECTURE.md', 'CONTRIBUTING.md', 'CHANGELOG.md', 'SECURITY.md'],
  ...readdirSync(join(root, 'docs'))
    .filter((name) => name.endsWith('.md'))
    .map((name) => `docs/${name}`),
];

export function readPage(page: string): string {
  return readFileSync(join(root, page), 'utf8');
}

/** The blocks of code of a page, in order. */
export function snippetsOf(page: string): readonly Snippet[] {
  const found: Snippet[] = [];
  let notRun: string | undefined;
  let open: { readonly line: number; readonly indent: number; readonly language: string } | undefined;
  let code: string[] = [];
  readPage(page)
    .split('\n')
    .forEach((text, i) => {
      const fence = /^( *)```(\w*)$/.exec(text);
      if (open && fence?.[2] === '') {
        const { line, language } = open;
        found.push({
          page,
          line,
          language,
          code: `${code.join('\n')}\n`,
          ...(notRun === undefined ? {} : { notRun }),
        });
        open = notRun = undefined;
      } else if (open) code.push(text.slice(open.indent));
      else if (fence) {
        open = { line: i + 2, indent: fence[1]?.length ?? 0, language: fence[2] ?? '' };
        code = [];
      } else if (text.trim() !== '') notRun = /^ *<!-- not run: (.+) -->$/.exec(text)?.[1];
    });
  return found;
}

/** What can be run on a page, and is unless the page says why not. */
export function isRunnable({ language }: Snippet): boolean {
  return ['sh', 'python', 'js'].includes(language);
}

/** Pages whose runnable snippets a test runs. */
export const runPages: readonly string[] = [
  ...['docs/http.md', 'docs/first-model.md', 'docs/queues.md', 'docs/editors.md'],
];
