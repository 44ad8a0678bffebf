/* Finds words that CONTRIBUTING.md says to avoid, in pages, messages, comments and test titles. The table there is the only
   list. Run by itself (npm run prose) it prints what it finds; a contract test runs it with the others. */
import { readFileSync, readdirSync } from 'node:fs';
import { join, relative, sep } from 'node:path';
import ts from 'typescript';

const root = join(import.meta.dirname, '..');

/** Rooms whose texts are checked: messages and comments of sources, titles and comments of tests. */
const sources = ['schemas', 'server/src', 'client/src', 'web', 'scripts', 'bin'];
const tests = ['test'];
const pages = [
  'README.md',
  'ARCHITECTURE.md',
  'CONTRIBUTING.md',
  'CHANGELOG.md',
  'SECURITY.md',
  'docs',
  'media',
];
const strings = ['package.nls.json', 'l10n/bundle.l10n.zh-cn.json'];

/** @param guide  the text of CONTRIBUTING.md
 *  @returns each word to avoid, with what to write in its place */
export function wordsToAvoid(guide) {
  const table = guide.slice(guide.indexOf('<!-- avoid -->'), guide.indexOf('<!-- end -->'));
  return [...table.matchAll(/^\| (.+?) +\| (.+?) +\|$/gm)]
    .filter(([, words]) => words !== 'avoid' && !words.startsWith('-'))
    .flatMap(([, words, instead]) => words.split(', ').map((word) => ({ word: word.trim(), instead })));
}

/** @returns what is wrong in a text, by line from 0 */
export function findWords(text, words) {
  if (!pattern(words.map(({ word }) => word)).test(text)) return [];
  return words.flatMap(({ word, instead }) =>
    [...text.matchAll(pattern([word]))].map(({ index }) => ({
      line: text.slice(0, index).split('\n').length - 1,
      word,
      instead,
    })),
  );
}

/** Words by themselves, in any case; a phrase may be broken over the lines of a comment. */
function pattern(words) {
  const phrases = words.map((word) => word.split(' ').join(String.raw`\s+(?:[*/]+\s+)?`));
  return new RegExp(String.raw`(?<![\w-])(?:${phrases.join('|')})(?![\w-]|\.\w)`, 'gi');
}

/** Markdown as people read it: without code and without the tables that name the words; lines stay where they are. */
export function proseOfPage(text) {
  const blank = (part) => part.replace(/[^\n]/g, ' ');
  return text
    .replace(/^( *)```.*?^\1```$/gms, blank)
    .replace(/<!-- glossary -->.*<!-- end -->/s, blank)
    .replace(/`[^`\n]*`/g, blank);
}

/** The comments of a source and its messages: string literals of more than one word. Of a test the titles only.
 *  @returns parts with the line they begin on */
export function proseOfSource(text, { isTest = false } = {}) {
  const file = ts.createSourceFile('x.ts', text, ts.ScriptTarget.Latest, true);
  const parts = new Map();
  const add = (pos, end) => parts.set(pos, { line: lineOf(pos), text: text.slice(pos, end) });
  const lineOf = (pos) => file.getLineAndCharacterOfPosition(pos).line;
  const visit = (node) => {
    for (const ranges of [
      ts.getLeadingCommentRanges(text, node.pos),
      ts.getTrailingCommentRanges(text, node.end),
    ])
      for (const { pos, end } of ranges ?? []) add(pos, end);
    const isText = ts.isStringLiteralLike(node) || ts.isTemplateExpression(node);
    if (isText && (!isTest || isTitle(node)) && /\S\s+\S/.test(node.getText(file)))
      add(node.getStart(file), node.end);
    node.forEachChild(visit);
  };
  visit(file);
  return [...parts.values()];
}

function isTitle(node) {
  const { parent } = node;
  if (!ts.isCallExpression(parent) || parent.arguments[0] !== node) return false;
  return /^(test|describe|it|suite)\b/.test(parent.expression.getText());
}

/** @returns a line for each word found in the repository */
export function checkProse() {
  const words = wordsToAvoid(readFileSync(join(root, 'CONTRIBUTING.md'), 'utf8'));
  const found = [];
  const check = (path, parts) => {
    for (const { line, text } of parts)
      for (const { line: within, word, instead } of findWords(text, words))
        found.push(
          `${relative(root, path).split(sep).join('/')}:${line + within + 1}: "${word}": write ${instead}`,
        );
  };
  const read = (path) => readFileSync(path, 'utf8');
  for (const path of filesOf(pages, /\.md$/)) check(path, [{ line: 0, text: proseOfPage(read(path)) }]);
  for (const path of filesOf(strings, /\.json$/)) check(path, [{ line: 0, text: read(path) }]);
  const checkSource = (path, options) => {
    const text = read(path);
    // Most have none of the words, not even as names, and need not be parsed.
    if (findWords(text, words).length > 0) check(path, proseOfSource(text, options));
  };
  for (const path of filesOf(sources, /\.(ts|mjs|cjs)$/)) checkSource(path);
  for (const path of filesOf(tests, /\.ts$/)) checkSource(path, { isTest: true });
  return [...new Set(found)];
}

function filesOf(paths, kind) {
  return paths.flatMap((path) => {
    if (kind.test(path)) return [join(root, path)];
    return readdirSync(join(root, path), { recursive: true, withFileTypes: true })
      .filter((entry) => entry.isFile() && kind.test(entry.name))
      .map((entry) => join(entry.parentPath ?? entry.path, entry.name));
  });
}

if (process.argv[1] === import.meta.filename) {
  const found = checkProse();
  for (const line of found) console.error(line);
  if (found.length > 0) process.exitCode = 1;
}
