import { expect, test } from 'vitest';
import { freeName } from '../../../client/src/jobs/freeName.ts';

test('a new serving gets the first name that is free', () => {
  expect(freeName(new Set(['serving2', 'serving3']))).toBe('serving4');
  expect(freeName(new Set())).toBe('serving2');
});
