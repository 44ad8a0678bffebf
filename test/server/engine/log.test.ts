import { mkdtempSync, readFileSync, rmSync, existsSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { ServingError } from '../../../schemas/errors.ts';
import type { LogSettings } from '../../../schemas/logs.ts';
import { messageText, openLog } from '../../../server/src/engine/log.ts';

const settings: LogSettings = { format: 'text', maxBytes: 10_000_000, files: 3, printed: false };

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'log-'));
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

test('lines carry the time and the level', () => {
  const file = join(folder, 'a.log');
  const log = openLog(file, settings);
  log.info('hello');
  log.error('trouble', new Error('cause'));
  log.close();
  expect(readFileSync(file, 'utf8')).toMatch(/^\d{4}-\S+Z INFO {2}hello\n\S+ ERROR trouble\nError: cause/);
});

test('a file that is full is moved aside', () => {
  const file = join(folder, 'a.log');
  writeFileSync(file, 'x'.repeat(11 * 1024 * 1024));
  const log = openLog(file, settings);
  log.info('fresh');
  log.close();
  expect(readFileSync(file, 'utf8')).toContain('fresh');
  expect(existsSync(`${file}.1`)).toBe(true);
});

test('a disk that takes nothing loses lines and nothing else', () => {
  // The device that is always full.
  const log = openLog('/dev/full', settings);
  log.info('lost');
  expect(log.lost).toBe(1);
  log.close();
});

test('a flood of equal lines is cut', () => {
  const file = join(folder, 'a.log');
  const log = openLog(file, settings);
  for (let i = 0; i < 5_000; i++) log.warn('again');
  log.close();
  expect(readFileSync(file, 'utf8').split('\n').length).toBeLessThan(1_500);
});

test('a folder that is not there is an error with a code', () => {
  expect(() => openLog(join(folder, 'none', 'a.log'), settings)).toThrow(
    expect.objectContaining({ code: 'state-unwritable' }) as Error,
  );
});

test('a name of a record forges no line, whatever is in it', () => {
  const file = join(folder, 'a.log');
  const log = openLog(file, settings);
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

test('as JSON each line is one object with what is known, and a name from a record forges nothing', () => {
  const file = join(folder, 'a.log');
  const log = openLog(file, { ...settings, format: 'json' }, { job: 'j"1', worker: 'w' });
  const uri = 'x\n{"level":"error"}\u001b[2J\u009b\u202e';
  log.info('begun');
  log.warn(`record ${uri} given up`, { code: 'input-mismatch', recordId: '1-0', uri });
  log.error('trouble', new ServingError('redis-lost', uri));
  log.close();
  const text = readFileSync(file, 'utf8');
  expect(text.replaceAll('\n', '')).not.toMatch(/[\p{Cc}\p{Bidi_Control}]/u);
  const lines = text
    .trimEnd()
    .split('\n')
    .map((line) => JSON.parse(line) as Record<string, unknown>);
  const shared = { time: expect.stringMatching(/^\d{4}-.*Z$/) as string, job: 'j"1', worker: 'w' };
  expect(lines).toEqual([
    { ...shared, level: 'info', message: 'begun' },
    {
      ...shared,
      level: 'warn',
      message: `record ${uri} given up`,
      code: 'input-mismatch',
      recordId: '1-0',
      uri,
    },
    {
      ...shared,
      level: 'error',
      message: 'trouble',
      code: 'redis-lost',
      stack: expect.stringContaining('log.test.ts') as string,
    },
  ]);
});

test('facts of any length are cut', () => {
  const file = join(folder, 'a.log');
  const log = openLog(file, { ...settings, format: 'json' });
  log.warn('given up', { uri: 'y'.repeat(1_000_000) });
  log.close();
  expect(readFileSync(file, 'utf8').length).toBeLessThan(20_000);
});

test('a log that keeps the time itself gets the text and the trace', () => {
  const line = { time: '', level: 'error', message: 'a\nb' } as const;
  expect(messageText(line)).toBe('a\\nb');
  expect(messageText({ ...line, stack: 'Error\n at c' })).toBe('a\\nb\nError\n at c');
});
