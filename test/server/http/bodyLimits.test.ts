import { deflateSync, gzipSync } from 'node:zlib';
import { expect, test } from 'vitest';
import { checkJsonLimits } from '../../../server/src/http/body/jsonLimits.ts';
import { unpack } from '../../../server/src/http/body/unpack.ts';

const limits = { maxBytes: 32 * 1024 * 1024, maxRatio: 200 };
const tooLarge = expect.objectContaining({ code: 'body-too-large' }) as Error;

test.each([
  ['gzip', gzipSync('text')],
  ['X-GZIP', gzipSync('text')],
  ['deflate', deflateSync('text')],
  ['identity', Buffer.from('text')],
  [undefined, Buffer.from('text')],
  ['gzip', Buffer.concat([gzipSync('te'), gzipSync('xt')])],
])('a body of the encoding %s is unpacked', async (encoding, body) => {
  expect((await unpack(encoding, body, limits)).toString()).toBe('text');
});

test.each([
  ['br', Buffer.from('text')],
  ['gzip', Buffer.from('text')],
  ['gzip', gzipSync('text').subarray(0, 10)],
  ['deflate', Buffer.alloc(0)],
])('what is not %s is malformed', async (encoding, body) => {
  await expect(unpack(encoding, body, limits)).rejects.toMatchObject({ code: 'body-malformed' });
});

/** Its end is broken: unpacking all of it would find that, and not that it is too large. */
function bomb(content: Buffer): Buffer {
  const packed = gzipSync(content);
  packed.fill(0xff, packed.length - 8);
  return packed;
}

test('a body that unpacks to too much is refused before it is all unpacked', async () => {
  const noise = Buffer.from(Array.from({ length: 512 * 1024 }, (_, i) => (i * i) >> 3));
  const dull = bomb(Buffer.alloc(256 * 1024 * 1024));
  await expect(unpack('gzip', dull, limits)).rejects.toThrow(tooLarge);
  await expect(unpack('gzip', dull, { ...limits, maxRatio: 1e9 })).rejects.toThrow(tooLarge);
  await expect(unpack('gzip', bomb(noise), { ...limits, maxBytes: 64 * 1024 })).rejects.toThrow(tooLarge);
});

test('a small body may pack as well as it likes, and a large one up to the ratio', async () => {
  const zeros = (bytes: number) => gzipSync(Buffer.alloc(bytes));
  expect(await unpack('gzip', zeros(1_000_000), limits)).toHaveLength(1_000_000);
  expect(await unpack('gzip', zeros(3_000_000), { ...limits, maxRatio: 2_000 })).toHaveLength(3_000_000);
  await expect(unpack('gzip', zeros(3_000_000), limits)).rejects.toThrow(tooLarge);
});

const long = 100_000;

test.each<[string, string]>([
  ['instances', `{"instances":[${'{"x":[1]},'.repeat(long)}{"x":[1]}]}`],
  ['empty instances', `{"instances":[${'{},'.repeat(long)}{}]}`],
  [
    'instances behind a blank and a text of brackets',
    ` \n{"a":"[[]\\"","instances":[${'{},'.repeat(long)}{}]}`,
  ],
  ['lists within lists', `{"instances":[{"x":${'['.repeat(long)}`],
  ['objects within objects', '{"a":'.repeat(long)],
  ['empty lists', `{"instances":[{"x":[${'[],'.repeat(2_000_001)}[]]}]}`],
  ['names', `{"instances":[{${'"a":1,'.repeat(200_001)}"b":1}]}`],
])('a body of too many %s is refused before it is parsed', async (_what, json) => {
  await expect(checkJsonLimits(Buffer.from(json), 1_000)).rejects.toThrow(tooLarge);
  // It would not be the end of the text that was missed.
  await expect(checkJsonLimits(Buffer.from(`${json}"`), 1_000)).rejects.toThrow(tooLarge);
});

test.each<[string, string]>([
  ['many instances, as many as may be', `{"instances":[${'{"x":[1]},'.repeat(9_999)}{"x":[1]}]}`],
  [
    'an image as nested lists',
    JSON.stringify({ instances: [{ x: Array(224).fill(Array(224).fill([1, 2, 3])) }] }),
  ],
  ['many numbers', `{"instances":[{"x":[${'0,'.repeat(1_000_000)}0]}]}`],
  ['brackets and colons in texts', `{"instances":[{"x":"${'[{:\\"\\\\'.repeat(500_000)}"}]}`],
  ['something that is no JSON', `--boundary${'[{'.repeat(long)}`],
])('%s pass', async (_what, text) => {
  await expect(checkJsonLimits(Buffer.from(text), 10_000)).resolves.toBeUndefined();
});

test('others get their turn while a long body is looked at', async () => {
  let turns = 0;
  let isOver = false;
  const count = () => {
    turns += 1;
    if (!isOver) setImmediate(count);
  };
  setImmediate(count);
  await checkJsonLimits(Buffer.from(`{"instances":[{"x":"${'a'.repeat(8 * 1024 * 1024)}"}]}`), 1);
  isOver = true;
  expect(turns).toBeGreaterThanOrEqual(16);
});
