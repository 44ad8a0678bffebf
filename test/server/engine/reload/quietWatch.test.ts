import { expect, test } from 'vitest';
import { createQuietWatch } from '../../../../server/src/engine/reload/quietWatch.ts';

test('a change counts once it has been quiet, and each further change begins the wait again', () => {
  const watch = createQuietWatch('a', 1_000);
  expect(watch.look('a', 0)).toBe(false);
  expect(watch.look('b', 500)).toBe(false);
  expect(watch.look('b', 1_400)).toBe(false);
  expect(watch.look('c', 1_499)).toBe(false);
  expect(watch.look('c', 2_400)).toBe(false);
  expect(watch.look('c', 2_499)).toBe(true);
});

test('what was handled counts no more, until something else is there', () => {
  const watch = createQuietWatch('a', 10);
  watch.look('b', 0);
  expect(watch.look('b', 10)).toBe(true);
  watch.handled('b');
  expect(watch.look('b', 100)).toBe(false);
  watch.look('a', 200);
  expect(watch.look('a', 210)).toBe(true);
});

test('what changes and changes back before it is quiet counts as nothing', () => {
  const watch = createQuietWatch('a', 10);
  watch.look('b', 0);
  expect(watch.look('a', 5)).toBe(false);
  expect(watch.look('a', 50)).toBe(false);
});

test('what was handled counts again when it is to, after it has been quiet from then on', () => {
  const watch = createQuietWatch('a', 10);
  watch.look('b', 0);
  watch.handled('b');
  watch.again(100);
  expect(watch.look('b', 105)).toBe(false);
  expect(watch.look('b', 110)).toBe(true);
  watch.handled('b');
  expect(watch.look('b', 200)).toBe(false);
});
