import type { Writable } from 'node:stream';
import { CommandWriter } from '../redis/rawCommand.ts';
import { ReplyParser, type Reply } from '../redis/replyParser.ts';

/* Messages between a task on Flink and its worker process (Pipe.java): the length of each in four bytes, then an array as
   Redis's protocol writes it, whose first item names the message. */

const lengthBytes = 4;

/** Makes a function that takes the bytes as they come and calls back with each message.
 *  It throws Error for bytes that are no messages. @param words  see `ReplyParser` */
export function createMessageReader(
  words: readonly string[],
  onMessage: (message: readonly Reply[]) => void,
): (chunk: Buffer) => void {
  const head = Buffer.alloc(lengthBytes);
  let headFilled = 0;
  let left = 0;
  let parser: ReplyParser | undefined;
  return (chunk) => {
    for (let at = 0; at < chunk.length;) {
      if (!parser) {
        const copied = chunk.copy(head, headFilled, at, at + lengthBytes - headFilled);
        headFilled += copied;
        at += copied;
        if (headFilled < lengthBytes) return;
        headFilled = 0;
        left = head.readUInt32BE();
        parser = new ReplyParser(words);
      }
      const end = Math.min(chunk.length, at + left);
      left -= end - at;
      const isWhole = parser.push(chunk.subarray(at, end));
      at = end;
      if (left > 0) continue;
      const { reply } = parser;
      parser = undefined;
      if (!isWhole || !Array.isArray(reply)) throw new Error('what came is no message');
      onMessage(reply);
    }
  };
}

export type Item = string | number | Uint8Array;

/** Writes one message. Its memory is its own: the stream may still send it when the next one is written. */
export function writeMessage(output: Writable, items: readonly Item[]): void {
  const message = new CommandWriter();
  message.begin(items.length);
  message.add(...items);
  const { bytes } = message;
  const length = Buffer.allocUnsafe(lengthBytes);
  length.writeUInt32BE(bytes.length);
  output.cork();
  output.write(length);
  output.write(bytes);
  output.uncork();
}
