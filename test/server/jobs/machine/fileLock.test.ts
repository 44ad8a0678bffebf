import { existsSync, mkdtempSync, readFileSync, rmSync, utimesSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { withFileLock } from '../../../../server/src/jobs/machine/fileLock.ts';
import { thisProcess } from '../../../../server/src/jobs/machine/processName.ts';

let folder: string;
let file: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'lock-'));
  file = join(folder, 'start.lock');
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

const options = (waitMs = 60_000) => ({ file, waitMs, doing: 'starting a Redis' });
const hold = (holder: unknown, agoMs = 0, path = file) => {
  writeFileSync(path, typeof holder === 'string' ? holder : JSON.stringify(holder));
  const at = (Date.now() - agoMs) / 1000;
  utimesSync(path, at, at);
};
const own = thisProcess();
const dead = { ...own, began: 'another time' };
const elsewhere = { ...own, space: 'another container' };
const used = () => Promise.resolve('used');

describe('a lock', () => {
  test('is held while it is used, by this process, and is gone after that', async () => {
    const seen = await withFileLock(options(), () => Promise.resolve(readFileSync(file, 'utf8')));
    expect(JSON.parse(seen)).toEqual(own);
    expect(existsSync(file)).toBe(false);
  });

  test('is gone after a failure, which comes out as it was', async () => {
    const failure = new Error('no room');
    await expect(withFileLock(options(), () => Promise.reject(failure))).rejects.toBe(failure);
    expect(existsSync(file)).toBe(false);
  });

  test('lets one of many in at a time, and all of them in the end', async () => {
    let within = 0;
    let most = 0;
    const use = async (i: number) => {
      most = Math.max(most, ++within);
      for (let turn = 0; turn < 3; turn++) await new Promise((resolve) => setImmediate(resolve));
      within -= 1;
      return i;
    };
    const all = Array.from({ length: 8 }, (_, i) => withFileLock(options(), () => use(i)));
    expect(await Promise.all(all)).toEqual([0, 1, 2, 3, 4, 5, 6, 7]);
    expect(most).toBe(1);
  });

  test('of a process that has died is taken over', async () => {
    hold(dead);
    expect(await withFileLock(options(), used)).toBe('used');
    expect(existsSync(`${file}.guard`)).toBe(false);
  });

  test.each([
    '',
    '{',
    'null',
    '7',
    '[]',
    '{"pid":0}',
    '{"pid":"7","space":"","began":""}',
    '{"__proto__":{}}',
  ])('that holds %j is left to its writer for a while, and taken over after that', async (text) => {
    hold(text);
    await expect(withFileLock(options(0), used)).rejects.toMatchObject({ code: 'job-failed' });
    expect(readFileSync(file, 'utf8')).toBe(text);
    hold(text, 60_000);
    expect(await withFileLock(options(0), used)).toBe('used');
  });

  test('of another container is respected for as long as any holds one, and no longer', async () => {
    hold(elsewhere, 3_000);
    await expect(withFileLock(options(100), used)).resolves.toBe('used');
    hold(elsewhere, -60_000);
    await expect(withFileLock(options(10), used)).rejects.toMatchObject({ code: 'job-failed' });
  });

  test('that is held for too long is reported with its holder and its place', async () => {
    hold(own);
    const error = await withFileLock(options(0), used).catch((thrown: unknown) => thrown);
    expect(error).toMatchObject({ code: 'job-failed' });
    expect((error as Error).message).toContain(`pid ${own.pid}`);
    expect((error as Error).message).toContain('starting a Redis');
    expect((error as Error).message).toContain(file);
    expect(existsSync(file)).toBe(true);
  });

  test('is not waited for once the start is cancelled', async () => {
    hold(own);
    const waiting = withFileLock({ ...options(), signal: AbortSignal.abort() }, used);
    await expect(waiting).rejects.toThrow('cancelled');
  });

  test('that another process has taken over meanwhile stays with it', async () => {
    await withFileLock(options(), () => {
      hold(elsewhere);
      return Promise.resolve();
    });
    expect(JSON.parse(readFileSync(file, 'utf8'))).toEqual(elsewhere);
  });

  test('whose guard was left by one that died in the middle is taken over all the same', async () => {
    hold(dead);
    hold('', 60_000, `${file}.guard`);
    expect(await withFileLock(options(), used)).toBe('used');
  });

  test('in a folder that is not there cannot be held, and says where', async () => {
    file = join(folder, 'missing', 'start.lock');
    await expect(withFileLock(options(), used)).rejects.toMatchObject({ code: 'state-unwritable' });
  });
});
