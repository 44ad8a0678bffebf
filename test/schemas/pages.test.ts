import { expect, test } from 'vitest';
import { pageLanguageOf, typicalOf } from '../../schemas/pages.ts';

const stage = (p50: number) => ({ p50, p95: 10 * p50, p99: 20 * p50 });
const beat = (processed: number, inference: number) => ({
  processed,
  latencyMs: { queueWait: stage(1), decode: stage(2), inference: stage(inference), write: stage(0.5) },
});

test.each([
  ['zh', 'zh-CN'],
  ['zh-cn', 'zh-CN'],
  ['ZH-TW', 'zh-CN'],
  ['en', 'en'],
  ['zhuang', 'en'],
  ['', 'en'],
])('a page for %j is in %s', (language, shown) => {
  expect(pageLanguageOf(language)).toBe(shown);
});

test('what is typical is the medians of the slowest worker that has answered anything', () => {
  expect(typicalOf([beat(3, 4), beat(2, 9), beat(0, 100)])).toEqual({
    queueWait: 1,
    decode: 2,
    inference: 9,
    write: 0.5,
  });
});

test('nothing is typical while no record was answered', () => {
  expect(typicalOf([])).toBeUndefined();
  expect(typicalOf([beat(0, 3)])).toBeUndefined();
});
