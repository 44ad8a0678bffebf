import { PassThrough } from 'node:stream';
import { expect, test } from 'vitest';
import { createMessageReader, writeMessage } from '../../../../server/src/queue/pipe/messages.ts';

function bytesOf(...messages: readonly (readonly (string | number | Uint8Array)[])[]): Buffer {
  const stream = new PassThrough();
  for (const message of messages) writeMessage(stream, message);
  return stream.read() as Buffer;
}

test('messages come out as they were written, wherever the stream is cut', () => {
  const written = [
    ['ok', 7, ''],
    ['records', 'größer', 'x'.repeat(5_000)],
    ['typed', Buffer.from([1, 0, 255, 13, 10])],
    ['end'],
  ];
  const bytes = bytesOf(...written);
  const expected = written.map((items) =>
    items.map((item) => (typeof item === 'number' ? String(item) : item)),
  );
  for (const size of [1, 2, 3, 5, 7, 64, 1_000, bytes.length]) {
    const read: unknown[] = [];
    const take = createMessageReader(['records'], (message) => read.push(message));
    for (let at = 0; at < bytes.length; at += size) take(bytes.subarray(at, at + size));
    expect(read).toEqual(expected);
  }
});

test('bytes that are no message are refused', () => {
  const wrong = Buffer.from([0, 0, 0, 4, 110, 111, 112, 10]);
  expect(() => createMessageReader([], () => undefined)(wrong)).toThrow();
});
