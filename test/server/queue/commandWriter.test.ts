import fc from 'fast-check';
import { expect, test } from 'vitest';
import { CommandWriter } from '../../../server/src/queue/redis/rawCommand.ts';
import { ReplyParser } from '../../../server/src/queue/redis/replyParser.ts';
import { typedFormMark } from '../../../schemas/redisKeys.ts';
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
