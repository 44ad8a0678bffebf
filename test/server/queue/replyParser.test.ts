import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { ReplyError, ReplyParser, type Reply } from '../../../server/src/queue/redis/replyParser.ts';
import { typedFormMark } from '../../../schemas/redis/redisKeys.ts';
import { runs } from '../../support/runs.ts';

function encode(reply: Reply): Buffer {
  if (reply === null) return Buffer.from('$-1\r\n');
  if (typeof reply === 'number') return Buffer.from(`:${reply}\r\n`);
  if (reply instanceof Error) return Buffer.from(`-${reply.message}\r\n`);
  if (Array.isArray(reply)) return Buffer.concat([Buffer.from(`*${reply.length}\r\n`), ...reply.map(encode)]);
  const bytes = Buffer.from(reply);
  return Buffer.concat([Buffer.from(`$${bytes.length}\r\n`), bytes, Buffer.from('\r\n')]);
}

/** Bytes of the typed form: any bytes behind its mark. */
const typed = (...bytes: number[]): Buffer => Buffer.from([typedFormMark, ...bytes]);

/** Feeds the bytes in chunks of the given sizes, again and again. */
function parse(bytes: Buffer, sizes: readonly number[], words?: readonly string[]): Reply {
  const parser = new ReplyParser(words);
  let done = false;
  let at = 0;
  for (let i = 0; at < bytes.length; i++) {
    expect(done).toBe(false);
    const end = at + (sizes[i % sizes.length] ?? bytes.length);
    // A copy of its own, which is spoiled at once: only values of the typed form are views of a chunk.
    const chunk = Buffer.from(bytes.subarray(at, end));
    done = parser.push(chunk);
    if (!chunk.includes(typedFormMark)) chunk.fill(0);
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
    fc.uint8Array({ maxLength: 200 }).map((bytes) => typed(...bytes)),
    fc.array(tie('reply')),
  ),
}));

describe('reading replies', () => {
  test('any reply comes out as it went in, wherever the chunks are cut', () => {
    fc.assert(
      fc.property(anyReply, fc.array(fc.integer({ min: 1, max: 40 }), { minLength: 1 }), (reply, sizes) => {
        const bytes = encode(reply);
        expect(parse(bytes, sizes, ['uri', 'data'])).toEqual(reply);
        expect(parse(bytes, [bytes.length])).toEqual(reply);
      }),
      runs(),
    );
  });

  test('values of the typed form come as their very bytes, cut at every position', () => {
    const reply = [typed(10, 13, 36, 42, 255, 0, 13, 10), 'data', typed(), [typed(13), null]];
    const bytes = encode(reply);
    for (let cut = 1; cut < bytes.length; cut++) expect(parse(bytes, [cut, bytes.length])).toEqual(reply);
    expect(parse(bytes, [1])).toEqual(reply);
  });

  test('a large value of the typed form that comes in pieces lies at a multiple of eight', () => {
    for (const size of [9_999, 10_000, 99_999, 100_001]) {
      const value = typed(...new Uint8Array(size).fill(7));
      const bytes = encode(['x', value, 'y']);
      for (const cut of [30, 31, 32, 33, 4_096]) {
        const parser = new ReplyParser();
        for (let at = 0; at < bytes.length; at += cut) parser.push(Buffer.from(bytes.subarray(at, at + cut)));
        const [, read] = parser.reply as Buffer[];
        expect(read?.equals(value)).toBe(true);
        expect((read?.byteOffset ?? 1) % 8).toBe(0);
      }
    }
  });

  test('a null array is null', () => {
    expect(parse(Buffer.from('*-1\r\n'), [1])).toBeNull();
  });

  test('an error reply is recognised by its name', () => {
    expect(parse(Buffer.from('-NOGROUP none\r\n'), [3])).toMatchObject({
      name: 'ReplyError',
      message: 'NOGROUP none',
    });
  });

  test('a large value is put together in time that grows with its size only', () => {
    const text = 'x'.repeat(32 * 1024 * 1024);
    const bytes = encode([text, 'end']);
    const parser = new ReplyParser();
    // Copied together for each chunk this would be 130 GB, and no test has time for that.
    for (let at = 0; at < bytes.length; at += 4_096) parser.push(bytes.subarray(at, at + 4_096));
    expect(parser.reply).toEqual([text, 'end']);
  });

  test.each(['HTTP/1.1 400 Bad Request\r\n', '$x\r\n', ':1\r\n:2\r\n'])('%j is refused', (text) => {
    expect(() => new ReplyParser().push(Buffer.from(text))).toThrow();
  });
});
