import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { ReplyError, ReplyParser, type Reply } from '../../../server/src/queue/replyParser.ts';

function encode(reply: Reply): string {
  if (reply === null) return '$-1\r\n';
  if (typeof reply === 'number') return `:${reply}\r\n`;
  if (typeof reply === 'string') return `$${Buffer.byteLength(reply)}\r\n${reply}\r\n`;
  if (reply instanceof Error) return `-${reply.message}\r\n`;
  return `*${reply.length}\r\n${reply.map(encode).join('')}`;
}

/** Feeds the bytes in chunks of the given sizes, again and again. */
function parse(bytes: Buffer, sizes: readonly number[], words?: readonly string[]): Reply {
  const parser = new ReplyParser(words);
  let done = false;
  let at = 0;
  for (let i = 0; at < bytes.length; i++) {
    expect(done).toBe(false);
    const end = at + (sizes[i % sizes.length] ?? bytes.length);
    // A copy of its own, which is spoiled at once: nothing may be kept of a chunk but its values.
    const chunk = Buffer.from(bytes.subarray(at, end));
    done = parser.push(chunk);
    chunk.fill(0);
    at = end;
  }
  expect(done).toBe(true);
  return parser.reply;
}

const { reply: anyReply } = fc.letrec<{ reply: Reply }>((tie) => ({
  reply: fc.oneof(
    { depthSize: 'small' },
    fc.constantFrom(null, 'uri', 'data', '', 'dat', new ReplyError('ERR no')),
    fc.maxSafeInteger(),
    fc.string({ unit: 'grapheme', size: 'large' }),
    fc.array(tie('reply')),
  ),
}));

describe('reading replies', () => {
  test('any reply comes out as it went in, wherever the chunks are cut', () => {
    fc.assert(
      fc.property(anyReply, fc.array(fc.integer({ min: 1, max: 40 }), { minLength: 1 }), (reply, sizes) => {
        const bytes = Buffer.from(encode(reply));
        expect(parse(bytes, sizes, ['uri', 'data'])).toEqual(reply);
        expect(parse(bytes, [bytes.length])).toEqual(reply);
      }),
    );
  });

  test('a null array is null', () => {
    expect(parse(Buffer.from('*-1\r\n'), [1])).toBeNull();
  });

  test('an error reply is one that its name tells', () => {
    expect(parse(Buffer.from('-NOGROUP none\r\n'), [3])).toMatchObject({
      name: 'ReplyError',
      message: 'NOGROUP none',
    });
  });

  test('a large value is put together in time that grows with its size only', () => {
    const text = 'x'.repeat(32 * 1024 * 1024);
    const bytes = Buffer.from(encode([text, 'end']));
    const parser = new ReplyParser();
    // Copied together anew for each chunk this would be 130 GB, and no test has time for that.
    for (let at = 0; at < bytes.length; at += 4_096) parser.push(bytes.subarray(at, at + 4_096));
    expect(parser.reply).toEqual([text, 'end']);
  });

  test.each(['HTTP/1.1 400 Bad Request\r\n', '$x\r\n', ':1\r\n:2\r\n'])('%j is refused', (text) => {
    expect(() => new ReplyParser().push(Buffer.from(text))).toThrow();
  });
});
