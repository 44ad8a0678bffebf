import { readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';

interface Finding {
  readonly line: number;
  readonly word: string;
}
interface Prose {
  readonly wordsToAvoid: (guide: string) => readonly { readonly word: string; readonly instead: string }[];
  readonly findWords: (text: string, words: ReturnType<Prose['wordsToAvoid']>) => readonly Finding[];
  readonly proseOfPage: (text: string) => string;
  readonly proseOfSource: (
    text: string,
    options?: { readonly isTest: boolean },
  ) => readonly { readonly line: number; readonly text: string }[];
  readonly checkProse: () => readonly string[];
}

const root = new URL('../../', import.meta.url);
const prose = (await import(new URL('scripts/prose.mjs', root).href)) as Prose;
const words = prose.wordsToAvoid(readFileSync(new URL('CONTRIBUTING.md', root), 'utf8'));
const found = (text: string) => prose.findWords(text, words).map(({ word, line }) => `${line} ${word}`);

test('pages, messages, comments and test titles have no word that CONTRIBUTING says to avoid', () => {
  expect(prose.checkProse()).toEqual([]);
});

describe('a word to avoid', () => {
  test('is found whatever its case, and not within another word', () => {
    expect(found('Nobody tells.\nA foretold story, a picture-book, servings.flink')).toEqual([
      '0 tells',
      '0 nobody',
    ]);
  });

  test('is found when its phrase is broken over the lines of a comment', () => {
    expect(found('/** There are so\n *  many of them, in\n// hand. */')).toEqual(['0 so many', '1 in hand']);
  });

  test('is not found in the code of a page', () => {
    const page = 'Text `told` here\n\n```sh\necho nobody\n```\n\nnobody\n';
    expect(found(prose.proseOfPage(page))).toEqual(['6 nobody']);
  });

  test('is found in comments and messages of a source, and not in its names and data', () => {
    const source = "const told = 'nobody'; // anew\nthrow new Error(`It is ${told} so long`);\n";
    const parts = prose.proseOfSource(source).map(({ line, text }) => `${line} ${text}`);
    expect(parts).toEqual(['0 // anew', '1 `It is ${told} so long`']);
  });

  test('is found in the titles and comments of a test, and not in what it tries', () => {
    const source = "// anew\ntest('nobody answers', () => { put('told or not'); });\n";
    const parts = prose.proseOfSource(source, { isTest: true }).map(({ text }) => text);
    expect(parts.sort()).toEqual(["'nobody answers'", '// anew']);
  });
});
