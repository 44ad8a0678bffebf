import { mkdtempSync, readFileSync, rmSync, existsSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { openLog } from '../../../server/src/engine/log.ts';

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'log-'));
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

test('lines carry the time and the level', () => {
  const file = join(folder, 'a.log');
  const log = openLog(file);
  log.info('hello');
  log.error('trouble', new Error('cause'));
  log.close();
  expect(readFileSync(file, 'utf8')).toMatch(/^\d{4}-\S+Z INFO {2}hello\n\S+ ERROR trouble\nError: cause/);
});

test('a log that is printed goes to the standard error line by line, and to its file', () => {
  const file = join(folder, 'a.log');
  const printed: unknown[] = [];
  const stderr = vi.spyOn(process.stderr, 'write').mockImplementation((line) => printed.push(line) > 0);
  const log = openLog(file, true);
  log.info('hello');
  log.warn('careful');
  stderr.mockRestore();
  log.close();
  expect(printed).toHaveLength(2);
  expect(printed.join('')).toBe(readFileSync(file, 'utf8'));
});

test('a file that is full is moved aside', () => {
  const file = join(folder, 'a.log');
  writeFileSync(file, 'x'.repeat(11 * 1024 * 1024));
  const log = openLog(file);
  log.info('fresh');
  log.close();
  expect(readFileSync(file, 'utf8')).toContain('fresh');
  expect(existsSync(`${file}.1`)).toBe(true);
});

test('a disk that takes nothing loses lines and nothing else', () => {
  // The device that is always full.
  const log = openLog('/dev/full');
  log.info('lost');
  expect(log.lost).toBe(1);
  log.close();
});

test('a flood of equal lines is cut', () => {
  const file = join(folder, 'a.log');
  const log = openLog(file);
  for (let i = 0; i < 5_000; i++) log.warn('again');
  log.close();
  expect(readFileSync(file, 'utf8').split('\n').length).toBeLessThan(1_500);
});

test('a folder that is not there is an error with a code', () => {
  expect(() => openLog(join(folder, 'none', 'a.log'))).toThrow(
    expect.objectContaining({ code: 'state-unwritable' }) as Error,
  );
});

test('a name of a record forges no line, whatever is in it', () => {
  const file = join(folder, 'a.log');
  const log = openLog(file);
  const name = 'x\n2026-01-01T00:00:00.000Z ERROR forged\r\u001b[2J\u009b\u202e';
  log.info(name);
  log.warn(`${name}${'y'.repeat(1_000_000)}`);
  log.error(name, new Error(name));
  log.error(name, name);
  log.close();
  const text = readFileSync(file, 'utf8');
  expect(text.match(/^\d{4}-\S+Z (?:INFO|WARN|ERROR)/gm)).toHaveLength(4);
  expect(text.match(/^2026-01-01T00:00:00.000Z/gm)).toBeNull();
  expect(text.replaceAll('\n', '')).not.toMatch(/[\p{Cc}\p{Bidi_Control}]/u);
  expect(text.length).toBeLessThan(50_000);
});
