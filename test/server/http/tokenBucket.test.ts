import { expect, test } from 'vitest';
import { createTokenBucket } from '../../../server/src/http/tokenBucket.ts';

test('a burst of one second is let through, and the next is refused at once', async () => {
  let now = 0;
  const bucket = createTokenBucket({ tokensPerSecond: 3, acquireTimeoutMs: 0, now: () => now });
  const first = await Promise.all([1, 2, 3, 4].map(() => bucket.acquire()));
  expect(first).toEqual([true, true, true, false]);
  now += 334;
  expect(await bucket.acquire()).toBe(true);
  expect(await bucket.acquire()).toBe(false);
});

test('a long quiet time does not save up more than a second', async () => {
  let now = 0;
  const bucket = createTokenBucket({ tokensPerSecond: 2, acquireTimeoutMs: 0, now: () => now });
  now += 60_000;
  expect(await Promise.all([1, 2, 3].map(() => bucket.acquire()))).toEqual([true, true, false]);
});

test('who may wait gets the next token', async () => {
  const bucket = createTokenBucket({ tokensPerSecond: 100, acquireTimeoutMs: 50 });
  const all = await Promise.all(Array.from({ length: 110 }, () => bucket.acquire()));
  expect(all.filter((got) => got).length).toBeGreaterThanOrEqual(104);
  expect(all.at(-1)).toBe(false);
});

test('the first request after a quiet time is let through whatever the clock says', async () => {
  for (let i = 0; i < 1_000; i++) {
    const at = i * 1.1 + 0.7 / (i + 1);
    const bucket = createTokenBucket({ tokensPerSecond: 1, acquireTimeoutMs: 0, now: () => at });
    expect(await bucket.acquire()).toBe(true);
    expect(await bucket.acquire()).toBe(false);
  }
});
