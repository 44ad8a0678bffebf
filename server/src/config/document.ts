import {
  Composer,
  Lexer,
  Parser,
  isAlias,
  isMap,
  isScalar,
  type CST,
  type Document,
  type Node,
  type YAMLMap,
} from 'yaml';
import type { Problem, Range } from '../../../schemas/config/problems.ts';
import { findConflicts } from './rules/text/mergeConflict.ts';
import { lineRange } from './lines.ts';
import { problem } from './problem.ts';
import { findLoneReturn, syntaxProblems } from './rules/text/syntax.ts';
import type { ConfigDocument, Value, WrittenKey } from './entries.ts';

/** A config has some thirty lines; what is larger is some other file and not worth the time. In UTF-16 units. */
const maxLength = 256 * 1024;
/** A config nests twice. Deeper input would overflow the stack of the YAML library, in a way that ends the process. */
const maxDepth = 50;

/** Reads the keys and values of a text; values are not typed yet: `text` is what stands there, without quotes. */
export function readDocument(text: string): ConfigDocument {
  const large = tooLarge(text);
  if (large) return unread(large);
  const lone = findLoneReturn(text);
  if (lone) return unread(lone);
  const conflicts = findConflicts(text);
  if (conflicts.length > 0) return unread(...conflicts);
  const tokens = parseTokens(text, 'config');
  return 'code' in tokens ? unread(tokens) : readTokens(text, tokens);
}

/** The problem of a text that is not read at all, because no config has that size. */
export function tooLarge(text: string): Problem | undefined {
  if (text.length <= maxLength) return undefined;
  const message = `This is not a config of Cluster Serving: it has ${text.length} characters, and at most ${maxLength} are read.`;
  return problem('too-large', { start: 0, end: 0 }, message);
}

/** Text, blanks, marks and line ends, of which a config has a few hundred. Each may cost a problem of its own, and some
 *  pieces cost the YAML library more the more of them stand together, such as anchors. */
const maxPieces = 10_000;

/** Cuts a text into its parts, or says why not: what the YAML library takes far too long for, or ends the process by, is
 *  found before it does.
 *  @param what  the kind of file, for the message */
export function parseTokens(text: string, what: string): readonly CST.Token[] | Problem {
  const refuse = (message: string) => problem('syntax', { start: 0, end: 0 }, message);
  const deeper = `The lines are nested far deeper than in any ${what}.`;
  const parser = new Parser();
  const tokens: CST.Token[] = [];
  let pieces = 0;
  let deepest = 0;
  for (const piece of new Lexer().lex(text)) {
    for (const token of parser.next(piece)) tokens.push(token);
    pieces += 1;
    if (pieces > maxPieces)
      return refuse(`The text has far more pieces than any ${what}; ${maxPieces} are read.`);
    // Each level is a mapping and its value, or less. What is open is closed by a recursion.
    deepest = Math.max(deepest, parser.stack.length);
    if (deepest > 4 * maxDepth) return refuse(deeper);
  }
  for (const token of parser.end()) tokens.push(token);
  return deepest > maxDepth && isDeeper(tokens, maxDepth) ? refuse(deeper) : tokens;
}

function unread(...problems: Problem[]): ConfigDocument {
  return { keys: [], problems, complete: false };
}

/** Goes level by level, because going into the depth is what must be avoided. */
function isDeeper(tokens: readonly CST.Token[], limit: number): boolean {
  let level: readonly CST.Token[] = tokens;
  for (let depth = 0; level.length > 0; depth++) {
    if (depth > limit) return true;
    level = level.flatMap((token) => {
      if ('items' in token)
        return token.items.flatMap(({ key, value }) => [key, value].filter((part) => !!part));
      return token.type === 'document' && token.value ? [token.value] : [];
    });
  }
  return false;
}

function readTokens(text: string, tokens: readonly CST.Token[]): ConfigDocument {
  // With this schema every scalar stays the text that it is; the types of YAML 1.1, which the original has, are given later.
  const composer = new Composer({ schema: 'failsafe', uniqueKeys: false, logLevel: 'silent' });
  const first = composer.compose(tokens, true, text.length).next().value as Document.Parsed;
  const problems = syntaxProblems(text, first.errors);
  const second = tokens.filter(({ type }) => type === 'document')[1];
  if (second) {
    const message = 'A second document begins here; only the first is read.';
    problems.push(problem('several-documents', { start: second.offset, end: second.offset + 3 }, message));
  }
  const { contents } = first;
  const complete = first.errors.length === 0;
  if (isMap(contents)) {
    const read = { keys: keysOf(text, contents), problems, complete };
    return contents.flow ? { ...read, braces: rangeOf(contents) } : read;
  }
  if (contents !== null && complete && !(isScalar(contents) && contents.source === '')) {
    const { start, end } = rangeOf(contents);
    const range = { start, end: Math.min(end, lineRange(text, start).end) };
    problems.push(problem('not-a-mapping', range, 'This is no key: value.'));
    return { keys: [], problems, complete: false };
  }
  return { keys: [], problems, complete };
}

type Children = readonly WrittenKey[];

function keysOf(text: string, map: YAMLMap): WrittenKey[] {
  const anchors = new Map<string, { readonly value: Value; readonly children: Children }>();
  const read = (of: YAMLMap, depth: number): WrittenKey[] =>
    of.items.map((pair) => {
      const key = pair.key as Node;
      const keyRange = rangeOf(key);
      const name =
        isScalar(key) && key.source !== undefined ? key.source : text.slice(keyRange.start, keyRange.end);
      const node = pair.value as Node | null;
      const target = isAlias(node) ? anchors.get(node.source) : undefined;
      // An alias has the value of its anchor, and the keys in it.
      const value = target && node ? { ...target.value, range: rangeOf(node) } : valueOf(node, keyRange);
      const isSection = depth < 1;
      const own = isSection && isMap(node) ? read(node, depth + 1) : [];
      const children = isSection && target ? target.children : own;
      if (node && 'anchor' in node && node.anchor) anchors.set(node.anchor, { value, children });
      return { name, keyRange, value, children };
    });
  return read(map, 0);
}

function valueOf(node: Node | null, keyRange: Range): Value {
  if (!node) return { kind: 'nothing', range: { start: keyRange.end, end: keyRange.end } };
  const range = rangeOf(node);
  if (isAlias(node)) return { kind: 'other', range };
  if (!isScalar(node)) return { kind: isMap(node) ? 'mapping' : 'list', range };
  const text = node.source ?? '';
  const quoted = node.type !== 'PLAIN';
  if (!quoted && /^(?:|~|null|Null|NULL)$/.test(text)) return { kind: 'nothing', range };
  return { kind: 'scalar', text, quoted, range };
}

function rangeOf(node: Node): Range {
  const [start, end] = node.range ?? [0, 0];
  return { start, end };
}
