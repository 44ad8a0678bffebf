/** What an offset is in: a key, and its value if it has a colon already. */
export interface Item {
  /** Where its text begins, blanks included. */
  readonly start: number;
  /** Without quotes; undefined while the key is being written. */
  readonly name: string | undefined;
  /** Behind the colon. */
  readonly valueStart: number;
  readonly isFlow: boolean;
  /** The keys before each open brace, from the outermost; undefined for a brace without one. */
  readonly braces: readonly (string | undefined)[];
  /** Of its line. */
  readonly indent: number;
  /** The key above it that has nothing but deeper lines, if it stands deeper than that. */
  readonly parent: string | undefined;
  /** The indentation of what stands between that key and here. */
  readonly siblings: number | undefined;
}

interface Frame {
  readonly open: '{' | '[';
  readonly name: string | undefined;
}

interface Open {
  start: number;
  name: string | undefined;
  valueStart: number;
}

interface Parent {
  readonly name: string;
  readonly indent: number;
  siblings?: number;
}

/** Reads what stands before an offset line by line, as half-written text allows: a quote ends with its line.
 *  @returns undefined in a comment, a list, a block of text, or behind the first document */
export function scan(text: string, offset: number): Item | undefined {
  const frames: Frame[] = [];
  let parent: Parent | undefined;
  /** Lines that are indented deeper are a block of text. */
  let block: number | undefined;
  let item: Open = { start: 0, name: undefined, valueStart: 0 };
  let hasContent = false;
  for (let at = text.startsWith('\uFEFF') ? 1 : 0; at <= offset;) {
    const newline = text.indexOf('\n', at);
    const next = newline < 0 ? text.length + 1 : newline + 1;
    const isLast = offset < next;
    const line = text.slice(at, isLast ? offset : next - 1).replace(/\r$/, '');
    const indent = /^[ \t]*/.exec(line)?.[0].length ?? 0;
    const isBlank = indent === line.length;
    if (frames.length === 0) {
      if (block !== undefined && (isBlank || indent > block) && !(isLast && isBlank && indent <= block)) {
        if (isLast) return undefined;
        at = next;
        continue;
      }
      block = undefined;
      if (/^(?:---|\.\.\.)(?:\s|$)/.test(line)) {
        if (hasContent || isLast) return undefined;
        at = next;
        continue;
      }
      item = { start: at, name: undefined, valueStart: 0 };
      // A line that is empty still may become one of the section above it.
      if (parent && indent <= parent.indent && !(isBlank && !isLast)) parent = undefined;
    }
    const found = scanLine(text, at, at + line.length, frames, item);
    if (found.comment) {
      if (isLast) return undefined;
    } else if (!isBlank) hasContent = true;
    item = found.item;
    if (isLast) return ended(frames, item, indent, parent, found);
    if (frames.length === 0 && !isBlank && !found.isOnlyComment) {
      if (parent) parent.siblings ??= indent;
      const isOpener = item.name !== undefined && found.isBare;
      if (isOpener && !parent) parent = { name: item.name ?? '', indent };
      if (found.isBlock) block = indent;
    }
    at = next;
  }
  return undefined;
}

function ended(
  frames: readonly Frame[],
  item: Open,
  indent: number,
  parent: Parent | undefined,
  { isBlock, isList }: ScannedLine,
): Item | undefined {
  if (frames.at(-1)?.open === '[' || isBlock || isList) return undefined;
  return {
    ...item,
    isFlow: frames.length > 0,
    braces: frames.map(({ name }) => name),
    indent,
    parent: parent?.name,
    siblings: parent?.siblings,
  };
}

interface ScannedLine {
  readonly item: Open;
  /** Whether it ends in a comment. */
  readonly comment: boolean;
  readonly isOnlyComment: boolean;
  /** Whether nothing but a comment follows the colon. */
  readonly isBare: boolean;
  /** Whether a block of text begins behind it. */
  readonly isBlock: boolean;
  readonly isList: boolean;
}

/** Goes through one line. @param frames  the open braces, which are changed */
function scanLine(text: string, start: number, end: number, frames: Frame[], before: Open): ScannedLine {
  let item = before;
  let quote = '';
  /** At the beginning of a key or a value. */
  let isFresh = true;
  let [comment, isBlock, isList, isEmpty, isBare] = [false, false, false, true, false];
  for (let i = start; i < end; i++) {
    const c = text[i] ?? '';
    const isBlankAfter = i + 1 >= end || /\s/.test(text[i + 1] ?? '');
    if (quote !== '') {
      if (c === '\\' && quote === '"') i++;
      else if (c === quote) quote = '';
      continue;
    }
    if (c === ' ' || c === '\t') continue;
    if (c === '#' && (i === start || /\s/.test(text[i - 1] ?? ''))) {
      comment = true;
      // Between braces a comment may stand before a key.
      if (item.name === undefined && text.slice(item.start, i).trim() === '') item = { ...item, start: end };
      break;
    }
    isEmpty = false;
    const isFlow = frames.length > 0;
    if (isFresh && (c === '"' || c === "'")) {
      quote = c;
      isFresh = false;
      isBare = false;
    } else if ((isFresh || isFlow) && (c === '{' || c === '[')) {
      frames.push({ open: c, name: item.name });
      item = { start: i + 1, name: undefined, valueStart: 0 };
      isFresh = true;
      isBare = false;
    } else if (isFlow && (c === '}' || c === ']')) {
      const closed = frames.pop();
      item = { start: i + 1, name: closed?.name ?? '', valueStart: end };
      isFresh = false;
    } else if (isFlow && c === ',') {
      item = { start: i + 1, name: undefined, valueStart: 0 };
      isFresh = true;
    } else if (
      c === ':' &&
      item.name === undefined &&
      (isBlankAfter || (isFlow && /[,}\]"'\d]/.test(text[i + 1] ?? '')))
    ) {
      item = { ...item, name: unquoted(text.slice(item.start, i)), valueStart: i + 1 };
      isFresh = true;
      isBare = true;
    } else if (isFresh && !isFlow && c === '-' && isBlankAfter && item.name === undefined) {
      isList = true;
    } else if (isFresh && (c === '&' || c === '!') && item.name !== undefined) {
      while (i + 1 < end && !/\s/.test(text[i + 1] ?? '')) i++;
    } else {
      if (isFresh && !isFlow && (c === '|' || c === '>') && item.name !== undefined) isBlock = true;
      isFresh = false;
      isBare = false;
    }
  }
  return { item, comment, isOnlyComment: isEmpty && comment, isBare, isBlock, isList };
}

function unquoted(text: string): string {
  return text
    .replace('\uFEFF', '')
    .trim()
    .replace(/^["']|["']$/g, '');
}
