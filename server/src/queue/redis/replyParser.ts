import { isAscii } from 'node:buffer';
import { typedFormMark } from '../../../../schemas/redis/redisKeys.ts';

/** What Redis answers to one command (RESP2); error replies inside of an array stay in their place. */
export type Reply = string | Buffer | number | null | ReplyError | Reply[];

/** Named as the client library names its own, so that `isReplyError` knows both. */
export class ReplyError extends Error {
  override name = 'ReplyError';
}

/** An array whose items are still to come. */
interface Open {
  readonly items: Reply[];
  readonly size: number;
}

/** A value that the last chunk cut off: `bytes` has room for all of it where its length is known already. */
interface Cut {
  bytes: Buffer;
  filled: number;
}

/** Numbers of typed payloads are used where they lie, so a payload that gets memory of its own starts at a multiple of this. */
const alignment = 8;

const lineFeed = 10;
const dash = 45;

/** Reads one reply from chunks as they come, each byte once: a value that a chunk cuts off is put together by itself,
 *  and a large one in memory of its whole size.
 *  The client library's own parser is made for any reply of any size; with thousands of records a read most of our
 *  processor time went there.
 *  @param words  short strings that come again and again; they are recognised instead of being decoded each time */
export class ReplyParser {
  readonly #words: readonly string[];
  readonly #open: Open[] = [];
  #cut: Cut | undefined;
  /** Length of the value at which `#read` stopped, 0 while not even its first line is whole. */
  #needed = 0;
  /** Length of its first line. */
  #line = 0;
  #done = false;
  #reply: Reply = null;

  constructor(words: readonly string[] = []) {
    this.#words = words;
  }

  get reply(): Reply {
    return this.#reply;
  }

  /** Takes the next bytes. @returns true when the reply is complete
   *  @throws Error for bytes that are not RESP2, or that come after the reply */
  push(chunk: Buffer): boolean {
    let at = 0;
    while (this.#cut && at < chunk.length) at = this.#continue(this.#cut, chunk, at);
    at = this.#read(chunk, at, chunk.length);
    if (this.#done && at < chunk.length) throw new Error('Redis answered more than it was asked');
    if (at < chunk.length) this.#keep(chunk, at);
    return this.#done;
  }

  /** For a value after its first line. */
  #memoryFor(size: number): Buffer {
    if (this.#needed === 0) return Buffer.allocUnsafe(size);
    const pad = (alignment - (this.#line % alignment)) % alignment;
    return Buffer.allocUnsafeSlow(pad + size).subarray(pad);
  }

  #keep(chunk: Buffer, at: number): void {
    const filled = chunk.length - at;
    const bytes = this.#memoryFor(Math.max(this.#needed, filled));
    chunk.copy(bytes, 0, at);
    this.#cut = { bytes, filled };
  }

  /** Adds to the value that was cut off what it lacks, and reads it once it is whole. */
  #continue(cut: Cut, chunk: Buffer, at: number): number {
    let end = at + cut.bytes.length - cut.filled;
    if (end === at) {
      end = chunk.indexOf(lineFeed, at) + 1 || chunk.length;
      cut.bytes = Buffer.concat([cut.bytes, chunk.subarray(at, end)]);
      cut.filled = cut.bytes.length;
    } else cut.filled += chunk.copy(cut.bytes, cut.filled, at, end);
    if (cut.filled === cut.bytes.length) {
      this.#cut = undefined;
      if (this.#read(cut.bytes, 0, cut.filled) === 0) this.#keep(cut.bytes, 0);
    }
    return Math.min(end, chunk.length);
  }

  /** Reads all values that are whole. @returns where the first one starts that is not */
  #read(bytes: Buffer, start: number, end: number): number {
    const ascii = isAscii(bytes);
    let at = start;
    while (at < end && !this.#done) {
      this.#needed = 0;
      const line = bytes.indexOf(lineFeed, at) + 1;
      if (line === 0) break;
      const kind = bytes[at];
      if (kind === 0x24 || kind === 0x2a || kind === 0x3a) {
        const number = integerAt(bytes, at + 1, line - 2);
        if (kind === 0x3a) this.#add(number);
        else if (number < 0) this.#add(null);
        else if (kind === 0x2a) this.#begin(number);
        else {
          const next = line + number + 2;
          this.#needed = next - at;
          this.#line = line - at;
          if (next > end) break;
          this.#add(this.#text(bytes, line, next - 2, ascii));
          at = next;
          continue;
        }
      } else if (kind === 0x2b) this.#add(bytes.toString('utf8', at + 1, line - 2));
      else if (kind === dash) this.#add(new ReplyError(bytes.toString('utf8', at + 1, line - 2)));
      else throw new Error('what came is not an answer of Redis');
      at = line;
    }
    return at;
  }

  /** Values of the typed form stay bytes. */
  #text(bytes: Buffer, start: number, end: number, ascii: boolean): string | Buffer {
    if (bytes[start] === typedFormMark && end > start) return bytes.subarray(start, end);
    for (const word of this.#words) if (word.length === end - start && isAt(word, bytes, start)) return word;
    return bytes.toString(ascii ? 'latin1' : 'utf8', start, end);
  }

  #begin(size: number): void {
    if (size === 0) this.#add([]);
    else this.#open.push({ items: [], size });
  }

  #add(value: Reply): void {
    let whole = value;
    for (;;) {
      const open = this.#open.at(-1);
      if (!open) break;
      open.items.push(whole);
      if (open.items.length < open.size) return;
      this.#open.pop();
      whole = open.items;
    }
    this.#reply = whole;
    this.#done = true;
  }
}

function integerAt(bytes: Buffer, start: number, end: number): number {
  const negative = bytes[start] === dash;
  let value = 0;
  for (let at = negative ? start + 1 : start; at < end; at++) {
    const digit = (bytes[at] ?? 0) - 48;
    if (digit < 0 || digit > 9) throw new Error('what came is not an answer of Redis');
    value = value * 10 + digit;
  }
  return negative ? -value : value;
}

function isAt(word: string, bytes: Buffer, start: number): boolean {
  for (let i = 0; i < word.length; i++) if (word.charCodeAt(i) !== bytes[start + i]) return false;
  return true;
}
