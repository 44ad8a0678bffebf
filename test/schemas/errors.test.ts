import { mkdtempSync, readFileSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect, test } from 'vitest';
import { whyUnreadable } from '../../schemas/errors.ts';

const folder = mkdtempSync(join(tmpdir(), 'unreadable-'));
afterAll(() => rmSync(folder, { recursive: true }));

test.each([
  ['a file that is missing', () => readFileSync(join(folder, 'none'))],
  ['a folder that is missing', () => readdirSync(join(folder, 'none'))],
  ['a folder where a file is wanted', () => readFileSync(folder)],
  ['a file where a folder is wanted', () => readdirSync(import.meta.filename)],
])('the reason for %s names no call of the system', (_, read) => {
  let reason = '';
  try {
    read();
  } catch (error) {
    reason = whyUnreadable(error);
  }
  expect(reason).toMatch(/^it (does not exist|is a folder|is not a folder)$/);
});
