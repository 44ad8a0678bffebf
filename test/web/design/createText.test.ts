import { expect, test } from 'vitest';
import { createText } from '../../../web/design/createText.ts';

const chinese = { 'From {0} to {1}': '从{0}到{1}', Plain: '简单' };

test('a text is in the language of the page, with its places filled in', () => {
  expect(createText(chinese, 'en')('From {0} to {1}', 1, 'b')).toBe('From 1 to b');
  expect(createText(chinese, 'zh-cn')('From {0} to {1}', 1, 'b')).toBe('从1到b');
  expect(createText(chinese, 'de')('Plain')).toBe('Plain');
});

test('what is filled in may look like a place', () => {
  expect(createText(chinese, 'en')('From {0} to {1}', '{1}', '$&')).toBe('From {1} to $&');
});
