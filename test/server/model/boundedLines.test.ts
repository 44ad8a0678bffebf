import { PassThrough } from 'node:stream';
import { finished } from 'node:stream/promises';
import { expect, test } from 'vitest';
import { readBoundedLines, type LineLimits } from '../../../server/src/model/python/boundedLines.ts';

const limits: LineLimits = { maxLineLength: 10, maxLinesPerSecond: 3, maxBytesPerSecond: 1_000 };

/** What comes out of a stream that ends. */
async function linesOf(...chunks: readonly string[]): Promise<readonly string[]> {
  const stream = new PassThrough();
  const lines: string[] = [];
  readBoundedLines(stream, (line) => lines.push(line), limits);
  for (const chunk of chunks) stream.write(chunk);
  stream.end();
  await finished(stream);
  await new Promise((resolve) => setImmediate(resolve));
  return lines;
}

test('lines come out one by one, the last one without its end too', async () => {
  expect(await linesOf('a\nb', 'c\n', 'd')).toEqual(['a', 'bc', 'd']);
});

test('a long line is cut', async () => {
  expect(await linesOf('x'.repeat(5), 'x'.repeat(50), '\ny\n')).toEqual([`${'x'.repeat(10)}…`, 'y']);
});

test('more lines in a second are counted', async () => {
  expect(await linesOf('1\n2\n3\n4\n5\n')).toEqual([
    '1',
    '2',
    '3',
    '(2 more lines in that second were left out)',
  ]);
});

test('more bytes are not read in that second', () => {
  const stream = new PassThrough();
  readBoundedLines(stream, () => undefined, limits);
  stream.emit('data', Buffer.alloc(2_000));
  expect(stream.isPaused()).toBe(true);
  stream.destroy();
});
