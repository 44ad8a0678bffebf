/** A message in the text form of Protocol Buffers: the values of each field in their order. */
export interface TextMessage {
  readonly fields: ReadonlyMap<string, readonly TextValue[]>;
  /** Of its beginning, counted from 1. */
  readonly line: number;
}

/** Numbers and names of enumerations stand as they are written. */
export type TextValue = string | TextMessage;

/** A text that is no message: what is wrong, and in which line. */
export class TextError extends Error {
  override readonly name = 'TextError';
}

/** Messages within messages; no network has more. */
const maxDepth = 32;

interface Token {
  readonly kind: 'word' | 'string' | 'sign' | 'end';
  readonly text: string;
  readonly line: number;
}

const tokenForm =
  /\s+|#[^\n]*|(?<string>"(?:[^"\\\n]|\\.)*"|'(?:[^'\\\n]|\\.)*')|(?<word>[-+\w.]+)|(?<sign>[{}<>[\]:;,])/gy;

/** Reads the text form of Protocol Buffers, as `.prototxt` files have it. Fields are not compared with any schema.
 *  @throws TextError */
export function parsePrototxt(text: string): TextMessage {
  const next = tokensOf(text.replace(/^\uFEFF/, ''));
  return messageOf(next, undefined, 1, 0);
}

function tokensOf(text: string): () => Token {
  let line = 1;
  const matches = matchesOf(text, () => line);
  return () => {
    for (;;) {
      const match = matches.next();
      if (match.done) return { kind: 'end', text: 'the end of the file', line };
      const [all, groups] = match.value;
      const token = tokenOf(groups, line);
      line += all.split('\n').length - 1;
      if (token) return token;
    }
  };
}

function* matchesOf(text: string, line: () => number): Generator<[string, Partial<Record<string, string>>]> {
  tokenForm.lastIndex = 0;
  for (let at = 0; at < text.length;) {
    tokenForm.lastIndex = at;
    const match = tokenForm.exec(text);
    if (!match)
      throw new TextError(`line ${line()}: ${JSON.stringify(text.slice(at, at + 12))} is not understood`);
    at += match[0].length;
    yield [match[0], match.groups ?? {}];
  }
}

function tokenOf({ string, word, sign }: Partial<Record<string, string>>, line: number): Token | undefined {
  if (string !== undefined) return { kind: 'string', text: unescaped(string.slice(1, -1)), line };
  if (word !== undefined) return { kind: 'word', text: word, line };
  return sign === undefined ? undefined : { kind: 'sign', text: sign, line };
}

function unescaped(text: string): string {
  const letters: Readonly<Record<string, string>> = { n: '\n', t: '\t', r: '\r' };
  return text.replace(/\\(.)/g, (_, letter: string) => letters[letter] ?? letter);
}

/** @param closing  what ends it; the end of the file without it */
function messageOf(next: () => Token, closing: string | undefined, line: number, depth: number): TextMessage {
  if (depth > maxDepth) throw new TextError(`line ${line}: messages stand too deep in each other`);
  const fields = new Map<string, TextValue[]>();
  for (;;) {
    const token = next();
    const isEnd =
      closing === undefined ? token.kind === 'end' : token.kind === 'sign' && token.text === closing;
    if (isEnd) return { fields, line };
    if (token.kind === 'sign' && /[;,]/.test(token.text)) continue;
    if (token.kind !== 'word') throw unexpected(token, 'the name of a field');
    const values = valuesOf(next, token.text, depth);
    fields.set(token.text, [...(fields.get(token.text) ?? []), ...values]);
  }
}

function valuesOf(next: () => Token, name: string, depth: number): TextValue[] {
  let token = next();
  const hasColon = token.text === ':' && token.kind === 'sign';
  if (hasColon) token = next();
  if (token.kind === 'sign' && token.text === '[') return listOf(next, name, depth);
  const isMessage = token.kind === 'sign' && /[{<]/.test(token.text);
  if (!isMessage && !hasColon) throw unexpected(token, `":" behind ${name}`);
  return [valueOf(next, token, name, depth)];
}

function listOf(next: () => Token, name: string, depth: number): TextValue[] {
  const values: TextValue[] = [];
  for (let token = next(); !(token.kind === 'sign' && token.text === ']'); token = next()) {
    if (token.kind === 'sign' && token.text === ',') continue;
    values.push(valueOf(next, token, name, depth));
  }
  return values;
}

function valueOf(next: () => Token, token: Token, name: string, depth: number): TextValue {
  if (token.kind === 'word' || token.kind === 'string') return token.text;
  if (token.kind === 'sign' && /[{<]/.test(token.text))
    return messageOf(next, token.text === '{' ? '}' : '>', token.line, depth + 1);
  throw unexpected(token, `a value of ${name}`);
}

function unexpected({ text, line }: Token, wanted: string): TextError {
  return new TextError(`line ${line}: ${wanted} is expected, and there is ${text}`);
}
