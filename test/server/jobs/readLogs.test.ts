import { appendFileSync, mkdtempSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { ServingError } from '../../../schemas/errors.ts';
import {
  followLog,
  lastLines,
  lastRemoteLines,
  outputOf,
  withoutTabs,
  type FollowedLog,
} from '../../../server/src/jobs/readLogs.ts';

let folder: string;
let file: string;
let log: FollowedLog | undefined;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'cluster-serving-logs-'));
  file = join(folder, 'a.log');
});
afterEach(() => {
  log?.close();
  log = undefined;
  rmSync(folder, { recursive: true, force: true });
});

const line = (message: string, level = 'INFO ') => `2026-01-02T03:04:05.678Z ${level} ${message}`;
const write = (...lines: readonly string[]) => writeFileSync(file, lines.map((one) => `${one}\n`).join(''));

describe('a log that is followed', () => {
  test('begins with its last lines, and then has all that come', () => {
    write('1', '2', '3');
    log = followLog(file);
    expect(log.next(2).map(({ text }) => text)).toEqual(['2', '3']);
    expect(log.next(2)).toEqual([]);
    appendFileSync(file, '4\n5\n6\nha');
    expect(log.next(2).map(({ text }) => text)).toEqual(['4', '5', '6']);
    appendFileSync(file, 'lf\n');
    expect(log.next(0).map(({ text }) => text)).toEqual(['half']);
  });

  test.each([
    [0, []],
    [1, ['6']],
    [3, ['4', '5', '6']],
    [4, ['3', '4', '5', '6']],
    [6, ['1', '2', '3', '4', '5', '6']],
    [100, ['1', '2', '3', '4', '5', '6']],
  ])('of which %i lines are wanted takes what is missing from older files', (most, lines) => {
    for (const [name, text] of [
      ['.2', '1\n2\n'],
      ['.1', '3\n4\n'],
      ['', '5\n6\n'],
    ] as const)
      writeFileSync(file + name, text);
    expect(lastLines(file, most)).toEqual(lines);
  });

  test('goes on in the file that takes its place', () => {
    write('1');
    log = followLog(file);
    log.next(9);
    appendFileSync(file, '2\n');
    renameSync(file, `${file}.1`);
    write('3');
    expect(log.next(9).map(({ text }) => text)).toEqual(['2', '3']);
  });

  test('that is empty has nothing, and one that is not there is an error', () => {
    write();
    expect(lastLines(file, 5)).toEqual([]);
    expect(() => lastLines(join(folder, 'none.log'), 5)).toThrow(/ENOENT/);
  });
});

describe('a line of a log', () => {
  const entry = (text: string) => {
    write(text);
    log = followLog(file);
    return log.next(1)[0];
  };

  test.each<[string, unknown]>([
    [line('ready'), { time: '2026-01-02T03:04:05.678Z', level: 'info', message: 'ready' }],
    [line('a: b', 'ERROR'), { time: '2026-01-02T03:04:05.678Z', level: 'error', message: 'a: b' }],
    // What a library prints, or the trace below an error.
    ['    at somewhere', undefined],
    ['2026-01-02 INFO ready', undefined],
    [line('ready', 'FATAL'), undefined],
    ['{"message":"ready"}', undefined],
    ['{"time":"t","level":"info"', undefined],
    ['{"time":"t","level":"loud","message":"m"}', undefined],
    ['{"time":5,"level":"info","message":"m"}', undefined],
    ['{}', undefined],
    ['', undefined],
  ])('%j as text', (text, object) => {
    expect(entry(text)).toEqual(object === undefined ? { text } : { text, object });
  });

  test('of JSON is shown as text, with what it knows besides, and its trace below', () => {
    const object = {
      ...{ time: '2026-01-02T03:04:05.678Z', level: 'error', message: 'no', job: 'j', worker: 'w' },
      ...{ code: 'c', __proto__x: 1, requestId: 'r', stack: 'Error: no\n    at x' },
    };
    const found = entry(JSON.stringify(object));
    expect(found?.object).toEqual(object);
    expect(found?.text.split('\n')).toEqual([
      '2026-01-02T03:04:05.678Z ERROR no __proto__x=1 requestId=r',
      'Error: no',
      '    at x',
    ]);
    expect(lastLines(file, 1)).toHaveLength(3);
  });

  test('acts on no terminal, though its JSON holds letters that would', () => {
    const message = 'a\u001b[31m\nb\u202e';
    const found = entry(JSON.stringify({ time: 't', level: 'info', message, stack: '\u001b[2J' }));
    // eslint-disable-next-line no-control-regex -- these are what is looked for
    expect(found?.text.replace('\n', '')).not.toMatch(/[\u0000-\u001f\u202e]/);
    expect(found?.object?.message).toBe(message);
  });

  test('has blanks for tabs, as many as a terminal would not', () => {
    expect(entry('\tat x\t:1')?.text).toBe('    at x    :1');
    expect(withoutTabs('\t\t')).toBe('        ');
  });
});

test('what libraries have printed is named where there is something', () => {
  expect(outputOf(file)).toBeUndefined();
  writeFileSync(`${file}.out`, '');
  expect(outputOf(file)).toBeUndefined();
  writeFileSync(`${file}.out`, 'x');
  expect(outputOf(file)).toBe(`${file}.out`);
});

test('of no lines of a machine elsewhere there are none', async () => {
  const read = () => Promise.resolve([['1', '2']]);
  expect(await lastRemoteLines({ place: 'p', page: 'p', read }, 0)).toEqual([]);
});

describe('the log of a machine elsewhere', () => {
  const remote = (read: () => Promise<readonly string[][]>) => ({
    place: 'p:1',
    page: 'http://p:1/#/job',
    read,
  });

  test('has the last lines of each of them, without tabs', async () => {
    const logs = [['1', '2', '\t3'], [], ['4']];
    expect(
      await lastRemoteLines(
        remote(() => Promise.resolve(logs)),
        2,
      ),
    ).toEqual(['2', '    3', '4']);
  });

  test('that cannot be had is a line with the reason and the page that may have it', async () => {
    const refused = () => Promise.reject(new ServingError('flink-failed', 'It gives none.'));
    expect(await lastRemoteLines(remote(refused), 2)).toEqual([
      'It gives none. Its page may show more: http://p:1/#/job',
    ]);
  });

  test('that fails by a bug is a bug', async () => {
    await expect(
      lastRemoteLines(
        remote(() => Promise.reject(new TypeError('x'))),
        2,
      ),
    ).rejects.toThrow(TypeError);
  });
});
