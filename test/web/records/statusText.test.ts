import { expect, test } from 'vitest';
import { createText } from '../../../web/design/createText.ts';
import { statusText, type ListStanding } from '../../../web/records/statusText.ts';
import { chinese } from '../../../web/records/texts.ts';

const t = createText(chinese, 'en');
const standing: ListStanding = {
  rows: 1_000,
  looked: 1_000,
  total: 100_000,
  uri: '',
  hasMore: true,
  isLoading: false,
  isSorted: false,
};
const say = (changes: Partial<ListStanding>) => statusText({ ...standing, ...changes }, t, 'en');

test('a part of a queue never passes for the whole', () => {
  expect(say({})).toBe('1,000 of 100,000 are loaded');
  expect(say({ hasMore: false })).toBe('all 1,000 are loaded');
  expect(say({ rows: 3, uri: 'x', looked: 20_000 })).toBe('3 found, 20,000 of 100,000 looked at');
  expect(say({ rows: 3, uri: 'x', looked: 100_000, hasMore: false })).toBe('3 found among all 100,000');
});

test('an order that holds for a part only says so', () => {
  expect(say({ isSorted: true })).toContain('sorted among these');
  expect(say({ isSorted: true, hasMore: false })).not.toContain('sorted among these');
});

test('a queue that has become shorter meanwhile has at least what was loaded', () => {
  expect(say({ total: 10 })).toBe('1,000 of 1,000 are loaded');
});

test('what is being loaded is said', () => {
  expect(say({ isLoading: true })).toMatch(/loading…$/);
});
