import { readFileSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';

const root = join(import.meta.dirname, '..', '..');
const page = readFileSync(join(root, 'docs', 'security.md'), 'utf8');
const answered = page.slice(
  page.indexOf('## What Cluster Serving guarantees'),
  page.indexOf('## Dependencies'),
);
const titles = [...answered.matchAll(/\| `([^`]+)` +\|$/gm)].map(([, title]) => title ?? '');

function testTexts(folder: string): string {
  return readdirSync(folder, { recursive: true, encoding: 'utf8' })
    .filter((name) => name.endsWith('.test.ts') && name !== join('contract', 'security.test.ts'))
    .map((name) => readFileSync(join(folder, name), 'utf8'))
    .join('\n');
}

test('each line of the page on security names a test that there is', () => {
  const texts = testTexts(join(root, 'test'));
  expect(titles.length).toBeGreaterThan(15);
  expect(titles.filter((title) => !texts.includes(title))).toEqual([]);
});

test('each guarantee has one', () => {
  const lines = answered.split('\n').filter((line) => /^\| [A-Z`]/.test(line));
  expect(lines).toHaveLength(titles.length);
});

test('the page that hosts look for leads there', () => {
  expect(readFileSync(join(root, 'SECURITY.md'), 'utf8')).toContain('docs/security.md');
});
