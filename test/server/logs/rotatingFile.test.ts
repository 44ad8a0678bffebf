import { existsSync, mkdirSync, mkdtempSync, readFileSync, readdirSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { olderFile, openRotatingFile } from '../../../server/src/logs/rotatingFile.ts';

let folder: string;
let file: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'rotating-'));
  file = join(folder, 'a.log');
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

test('every line is in one of the files, whole and in order, and none is larger than it may be', () => {
  const log = openRotatingFile(file, { maxBytes: 1_000, files: 100 });
  const lines = Array.from({ length: 500 }, (_, i) => `line ${i} ${'é'.repeat(i % 40)}`);
  for (const line of lines) log.write(`${line}\n`);
  log.close();
  const ages = readdirSync(folder).length - 1;
  const read = Array.from({ length: ages }, (_, i) => readFileSync(olderFile(file, ages - i), 'utf8'));
  expect([...read, readFileSync(file, 'utf8')].join('').trimEnd().split('\n')).toEqual(lines);
  for (const name of readdirSync(folder))
    expect(statSync(join(folder, name)).size).toBeLessThanOrEqual(1_000);
});

test('there are never more files than asked for, and the newest lines stay', () => {
  const log = openRotatingFile(file, { maxBytes: 100, files: 3 });
  for (let i = 0; i < 1_000; i++) log.write(`line ${i}\n`);
  log.close();
  expect(readdirSync(folder).sort()).toEqual(['a.log', 'a.log.1', 'a.log.2']);
  expect(readFileSync(file, 'utf8')).toContain('line 999\n');
});

test('a line that is longer than a file is written whole, in one of its own', () => {
  const log = openRotatingFile(file, { maxBytes: 100, files: 3 });
  log.write('short\n');
  log.write(`${'x'.repeat(500)}\n`);
  log.write('after\n');
  log.close();
  expect(readFileSync(olderFile(file, 1), 'utf8')).toBe(`${'x'.repeat(500)}\n`);
  expect(readFileSync(file, 'utf8')).toBe('after\n');
});

test('what an earlier process has written counts', () => {
  for (let i = 0; i < 4; i++) {
    const log = openRotatingFile(file, { maxBytes: 100, files: 9 });
    log.write(`${'x'.repeat(59)}\n`);
    log.close();
  }
  expect(readdirSync(folder)).toHaveLength(4);
});

test('where the file cannot be moved aside, lines go on into it', () => {
  // A folder in its place cannot be replaced by a file.
  mkdirSync(join(olderFile(file, 1), 'inside'), { recursive: true });
  const log = openRotatingFile(file, { maxBytes: 10, files: 2 });
  for (let i = 0; i < 5; i++) log.write(`line ${i}\n`);
  log.close();
  expect(readFileSync(file, 'utf8')).toBe('line 0\nline 1\nline 2\nline 3\nline 4\n');
});

test('a place that cannot be written is an error with a code', () => {
  expect(() => openRotatingFile(join(folder, 'none', 'a.log'), { maxBytes: 10, files: 2 })).toThrow(
    expect.objectContaining({ code: 'state-unwritable' }) as Error,
  );
  expect(existsSync(join(folder, 'none'))).toBe(false);
});
