import type { Redis } from 'ioredis';
import { messageOf } from '../../../../schemas/errors.ts';
import { ReplyError, ReplyParser, type Reply } from './replyParser.ts';

/** Sends one command past the client library and reads its reply with a parser of our own, over the connection that the
 *  library has made. For commands with thousands of values: the library spends most of its time on each single one.
 *  Nothing else may use the connection until the reply is there.
 *  @param command  whole, or in pieces that are sent one after the other
 *  @param words  see `ReplyParser`
 *  @throws ReplyError for an error reply; Error when the connection is lost, or what comes is no answer of Redis */
export function exchange(
  redis: Redis,
  command: Buffer | readonly Uint8Array[],
  words?: readonly string[],
): Promise<Reply> {
  const socket = redis.stream;
  const parser = new ReplyParser(words);
  const listeners = socket.listeners('data') as ((chunk: Buffer) => void)[];
  return new Promise((resolve, reject) => {
    const onData = (chunk: Buffer) => {
      try {
        if (!parser.push(chunk)) return;
      } catch (error) {
        giveBack();
        reject(new Error(`Redis: ${messageOf(error)}`, { cause: error }));
        return;
      }
      giveBack();
      const { reply } = parser;
      if (reply instanceof ReplyError) reject(reply);
      else resolve(reply);
    };
    const onClose = () => {
      giveBack();
      reject(new Error('Connection is closed.'));
    };
    const giveBack = () => {
      socket.off('data', onData);
      socket.off('close', onClose);
      for (const listener of listeners) socket.on('data', listener);
    };
    if (!socket.writable) throw new Error('Connection is closed.');
    for (const listener of listeners) socket.off('data', listener);
    socket.on('data', onData);
    socket.on('close', onClose);
    send(socket, command);
  });
}

function send(socket: Redis['stream'], command: Buffer | readonly Uint8Array[]): void {
  if (Buffer.isBuffer(command)) {
    socket.write(command);
    return;
  }
  socket.cork();
  for (const piece of command) socket.write(piece);
  socket.uncork();
}

/** A command in pieces: what is an array is one value, whose pieces stay where they lie. */
export function commandPieces(
  values: readonly (string | number | readonly Uint8Array[])[],
): readonly Uint8Array[] {
  const pieces: Uint8Array[] = [];
  let text = `*${values.length}\r\n`;
  for (const value of values) {
    if (typeof value !== 'object') {
      const word = String(value);
      text += `$${Buffer.byteLength(word)}\r\n${word}\r\n`;
      continue;
    }
    const length = value.reduce((sum, { byteLength }) => sum + byteLength, 0);
    pieces.push(Buffer.from(`${text}$${length}\r\n`), ...value);
    text = '\r\n';
  }
  pieces.push(Buffer.from(text));
  return pieces;
}

/** A command of any number of values, written into memory that is used again for the next one.
 *  `begin`, then `add` exactly as many values as announced, then `bytes`. */
export class CommandWriter {
  #buffer = Buffer.allocUnsafeSlow(4_096);
  #at = 0;

  /** The command; valid until the next `begin`. */
  get bytes(): Buffer {
    return this.#buffer.subarray(0, this.#at);
  }

  begin(values: number): void {
    this.#at = 0;
    this.#line(0x2a, values);
  }

  add(...values: readonly (string | number | Uint8Array)[]): void {
    for (const value of values) this.#add(value);
  }

  #add(value: string | number | Uint8Array): void {
    if (typeof value === 'object') {
      this.#addBytes(value);
      return;
    }
    const text = typeof value === 'string' ? value : String(value);
    const size = Buffer.byteLength(text);
    this.#reserve(size + 32);
    this.#line(0x24, size);
    this.#at += this.#buffer.write(text, this.#at, size, size === text.length ? 'latin1' : 'utf8');
    this.#end();
  }

  #addBytes(bytes: Uint8Array): void {
    this.#reserve(bytes.length + 32);
    this.#line(0x24, bytes.length);
    this.#buffer.set(bytes, this.#at);
    this.#at += bytes.length;
    this.#end();
  }

  #line(kind: number, value: number): void {
    this.#buffer[this.#at++] = kind;
    let power = 1;
    while (power * 10 <= value) power *= 10;
    for (; power >= 1; power /= 10) this.#buffer[this.#at++] = 48 + (Math.floor(value / power) % 10);
    this.#end();
  }

  #end(): void {
    this.#buffer[this.#at++] = 13;
    this.#buffer[this.#at++] = 10;
  }

  #reserve(size: number): void {
    if (this.#at + size <= this.#buffer.length) return;
    const larger = Buffer.allocUnsafeSlow(Math.max(this.#buffer.length * 2, this.#at + size));
    this.#buffer.copy(larger, 0, 0, this.#at);
    this.#buffer = larger;
  }
}
