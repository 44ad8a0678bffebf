import fc from 'fast-check';
import { expect, test } from 'vitest';
import { CommandWriter, commandPieces } from '../../../server/src/queue/redis/rawCommand.ts';
import { ReplyParser } from '../../../server/src/queue/redis/replyParser.ts';
import { typedFormMark } from '../../../schemas/redis/redisKeys.ts';
import { runs } from '../../support/runs.ts';

test('what is written reads back, command after command in the same memory', () => {
  const writer = new CommandWriter();
  const value = fc.oneof(
    fc.string({ unit: 'grapheme', size: 'large' }),
    fc.nat(),
    fc.constant('a'.repeat(5_000)),
    fc.uint8Array({ maxLength: 6_000 }).map((bytes) => Buffer.from([typedFormMark, ...bytes])),
  );
  fc.assert(
    fc.property(fc.array(value, { minLength: 1 }), (values) => {
      writer.begin(values.length);
      writer.add(...values);
      const parser = new ReplyParser();
      expect(parser.push(writer.bytes)).toBe(true);
      expect(parser.reply).toEqual(values.map((one) => (Buffer.isBuffer(one) ? one : String(one))));
    }),
    runs(),
  );
});

test('a command in pieces reads as if it were whole, and its pieces are not copied', () => {
  const piece = fc.uint8Array({ maxLength: 300 });
  const value = fc.oneof(fc.string({ unit: 'grapheme' }), fc.nat(), fc.array(piece, { maxLength: 4 }));
  fc.assert(
    fc.property(fc.array(value, { minLength: 1 }), (values) => {
      const pieces = commandPieces(values);
      for (const one of values.flat()) if (one instanceof Uint8Array) expect(pieces).toContain(one);
      const writer = new CommandWriter();
      writer.begin(values.length);
      for (const one of values) writer.add(Array.isArray(one) ? Buffer.concat(one) : one);
      expect(Buffer.concat(pieces).equals(writer.bytes)).toBe(true);
    }),
    runs(),
  );
});
