import { expect, test } from 'vitest';
import { pageLanguage } from '../../../server/src/http/routes/pageLanguage.ts';

test.each([
  [undefined, 'en'],
  ['', 'en'],
  ['de-DE,de;q=0.9', 'en'],
  ['zh-CN,zh;q=0.9,en;q=0.8', 'zh-CN'],
  ['zh', 'zh-CN'],
  ['en-US,en;q=0.9,zh;q=0.8', 'en'],
  ['en;q=0.5, ZH-hans;q=0.6', 'zh-CN'],
  ['zh;q=0, en;q=0.1', 'en'],
  [';;q=x,,zh;q=', 'en'],
])('who accepts %j reads %s', (header, language) => {
  expect(pageLanguage(header)).toBe(language);
});
