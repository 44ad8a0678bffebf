import { appendFileSync, mkdtempSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { emptyIfLarge } from '../../../server/src/logs/boundOutput.ts';
import { followFile, type FollowedFile } from '../../../server/src/logs/followFile.ts';
import { openRotatingFile } from '../../../server/src/logs/rotatingFile.ts';

let folder: string;
let file: string;
let followed: FollowedFile | undefined;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'follow-'));
  file = join(folder, 'a.log');
});
afterEach(() => {
  followed?.close();
  followed = undefined;
  rmSync(folder, { recursive: true, force: true });
});

const lineOf = (i: number) => `line ${i} ${'é'.repeat(i % 30)}`;

test.each([1, 3, 7, 40])('nothing is missed or repeated when it looks after every %i lines', (every) => {
  const log = openRotatingFile(file, { maxBytes: 300, files: 50 });
  followed = followFile(file);
  const seen: string[] = [];
  for (let i = 0; i < 400; i++) {
    log.write(`${lineOf(i)}\n`);
    if (i % every === 0) seen.push(...followed.next());
  }
  seen.push(...followed.next());
  log.close();
  expect(seen).toEqual(Array.from({ length: 400 }, (_, i) => lineOf(i)));
});

test('what comes into a file between the last look and its move is seen', () => {
  writeFileSync(file, 'a\n');
  followed = followFile(file);
  expect(followed.next()).toEqual(['a']);
  appendFileSync(file, 'b\n');
  renameSync(file, `${file}.1`);
  expect(followed.next()).toEqual(['b']);
  writeFileSync(file, 'c\n');
  expect(followed.next()).toEqual(['c']);
});

test('where rotations have removed its file it goes on with the oldest that is left', () => {
  const log = openRotatingFile(file, { maxBytes: 20, files: 3 });
  log.write('first\n');
  followed = followFile(file);
  expect(followed.next()).toEqual(['first']);
  for (let i = 0; i < 50; i++) log.write(`line ${i}\n`);
  log.close();
  const lines = followed.next();
  expect(lines.at(-1)).toBe('line 49');
  // Its own last lines are still read, through the open file.
  expect(lines.slice(0, 2)).toEqual(['line 0', 'line 1']);
  const kept = lines.slice(2);
  expect(kept).toEqual(Array.from(kept, (_, i) => `line ${50 - kept.length + i}`));
});

test('a line comes when it is whole, wherever its bytes were cut', () => {
  writeFileSync(file, '');
  followed = followFile(file);
  const bytes = Buffer.from('né\n');
  for (const byte of bytes.subarray(0, -1)) {
    appendFileSync(file, Buffer.of(byte));
    expect(followed.next()).toEqual([]);
  }
  appendFileSync(file, '\n');
  expect(followed.next()).toEqual(['né']);
});

test('the lines before come from older files', () => {
  writeFileSync(`${file}.2`, '1\n2\n');
  writeFileSync(`${file}.1`, '3\n4\n');
  writeFileSync(file, '5\n');
  followed = followFile(file);
  expect(followed.next()).toEqual(['5']);
  expect(followed.before(1)).toEqual(['3', '4']);
  expect(followed.before(3)).toEqual(['1', '2', '3', '4']);
  // Moved once more: that file's own lines are not those before it.
  renameSync(`${file}.2`, `${file}.3`);
  renameSync(`${file}.1`, `${file}.2`);
  renameSync(file, `${file}.1`);
  expect(followed.before(3)).toEqual(['1', '2', '3', '4']);
});

test('what libraries print is emptied in place, kept once, and followed', () => {
  writeFileSync(file, 'a\n');
  followed = followFile(file);
  expect(followed.next()).toEqual(['a']);
  appendFileSync(file, 'b\n');
  emptyIfLarge(file, 100);
  expect(followed.next()).toEqual(['b']);
  appendFileSync(file, 'c\n');
  emptyIfLarge(file, 3);
  appendFileSync(file, 'd\n');
  expect(followed.next()).toEqual(['c', 'd']);
  expect(followed.before(1)).toEqual(['a', 'b', 'c']);
});

test('a file of output that is not there is no trouble', () => {
  expect(() => emptyIfLarge(join(folder, 'none'), 1)).not.toThrow();
});
