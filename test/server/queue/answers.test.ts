import { expect, test } from 'vitest';
import { encodeTypedResult } from '../../../server/src/codec/typedForm.ts';
import { readMessage } from '../../../server/src/queue/answers.ts';

const typed = encodeTypedResult(
  [{ type: 'uint8', shape: [8], data: Uint8Array.of(10, 10, 13, 10, 0, 255, 10, 1) }],
  ['y\n'],
);
const message = Buffer.concat([
  Buffer.from(`http-1\n${typed.length}\n`),
  typed,
  Buffer.from('http-ü\n3\nNaNhttp-3\n0\n'),
  Buffer.from(`http-4\n${typed.length}\n`),
  typed,
]);
const whole = [
  { uri: 'http-1', value: typed },
  { uri: 'http-ü', value: 'NaN' },
  { uri: 'http-3', value: undefined },
  { uri: 'http-4', value: typed },
];

test('values of any bytes are separated by their lengths', () => {
  expect(readMessage(message)).toEqual(whole);
});

test('of a message that is cut what is whole is read, and nothing else', () => {
  for (let end = 0; end < message.length; end++) {
    const read = readMessage(message.subarray(0, end));
    expect(read.length).toBeLessThan(4);
    expect(read).toEqual(whole.slice(0, read.length));
  }
});

test.each(['x', 'x\n', 'x\nNaN\nabc', 'x\n-1\nabc', 'x\n1e9\nabc', 'x\n0.5\nabc'])(
  '%j holds nothing',
  (text) => {
    expect(readMessage(Buffer.from(text))).toEqual([]);
  },
);
