import { PassThrough } from 'node:stream';
import { text } from 'node:stream/consumers';
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import { count, paint, print, span, table } from '../../../server/src/cli/output.ts';

beforeEach(() => vi.stubEnv('NO_COLOR', ''));
afterEach(() => vi.unstubAllEnvs());

/** What a terminal gets to see. */
async function shownOn(
  isTTY: boolean,
  lines: (stream: NodeJS.WriteStream) => string | string[],
): Promise<string> {
  const stream = Object.assign(new PassThrough(), { isTTY }) as unknown as NodeJS.WriteStream;
  print(lines(stream), stream);
  stream.end();
  return text(stream);
}

test('a terminal gets our colours, and nothing that a name brings along', async () => {
  const name = 'job\u001b[32mgreen\u001b[39m\n';
  const line = (stream: NodeJS.WriteStream) => `${paint('red', name, stream)} ${name}`;
  const escaped = 'job\\x1b[32mgreen\\x1b[39m\\n';
  expect(await shownOn(true, line)).toBe(`\u001b[31m${escaped}\u001b[39m ${escaped}\n`);
  expect(await shownOn(false, line)).toBe(`${escaped} ${escaped}\n`);
});

test('columns stay columns, whatever the cells hold', async () => {
  const shown = await shownOn(true, (stream) =>
    table([
      [paint('bold', 'JOB', stream), 'STATE'],
      ['a\n\u001b[2J', 'ready'],
    ]),
  );
  expect(shown).toBe('\u001b[1mJOB\u001b[22m         STATE\na\\n\\x1b[2J  ready\n');
});

test('a table that is too wide leaves out the optional columns before it cuts others, and only those that it must', () => {
  const rows = [
    ['JOB', 'MODEL', 'BACKEND', 'REDIS'],
    ['digits', 'm'.repeat(20), 'b'.repeat(30), 'r'.repeat(40)],
  ];
  expect(table(rows, [], [1, 2])[0]).toMatch(/^JOB +BACKEND +REDIS$/);
  expect(table(rows, [3], [1, 2])[1]).toMatch(/r{40}$/);
  expect(table([['JOB', 'MODEL']], [], [1])).toEqual(['JOB  MODEL']);
  for (const line of table(rows, [], [1])) expect(line.length).toBeLessThanOrEqual(80);
});

describe('a cell that is cut', () => {
  const cutTo = (cell: string) =>
    table(
      [
        ['NAME', 'WHOLE'],
        [cell, 'w'.repeat(68)],
      ],
      [1],
    )[1] ?? '';

  test.each(['$&', '$`', "$'", '$1', '$$'])('shows a name with %j as it is', (mark) => {
    const name = `${mark}${'n'.repeat(30)}`;
    expect(cutTo(name)).toBe(`${name.slice(0, 9)}…  ${'w'.repeat(68)}`);
  });

  test('is cut where it is escaped, too, so that the table fits', () => {
    const line = cutTo('\n\u001b'.repeat(20));
    expect(line).toHaveLength(80);
    expect(line).toMatch(/^\\n\\x1b\\n\\…/);
  });

  test('never ends with half a character', () => {
    for (const before of ['', 'a']) {
      const line = cutTo(before + '😀'.repeat(20));
      expect(line).not.toMatch(/[\ud800-\udbff](?![\udc00-\udfff])/);
      expect(line.length).toBeLessThanOrEqual(80);
      expect(line).toContain('😀…');
    }
  });

  test('keeps its colour, and what is after it has none', async () => {
    const shown = await shownOn(true, (stream) =>
      table([[paint('red', 'r'.repeat(30), stream), 'w'.repeat(68)]], [1]),
    );
    expect(shown).toBe(`\u001b[31m${'r'.repeat(9)}…\u001b[39m  ${'w'.repeat(68)}\n`);
  });
});

test('a table whose columns may not be cut is as wide as it must be', () => {
  const row = ['a'.repeat(60), 'b'.repeat(60)];
  expect(table([row], [0, 1])).toEqual([row.join('  ')]);
  expect(table([])).toEqual([]);
  expect(table([[]])).toEqual(['']);
});

test.each([
  [0, '0 ms'],
  [999, '999 ms'],
  [999.6, '1 s'],
  [1_000, '1 s'],
  [119_999, '119 s'],
  [120_000, '2 min'],
  [7_199_999, '119 min'],
  [7_200_000, '2 h'],
  [172_799_999, '47 h'],
  [172_800_000, '2 d'],
  [1e11, '1157 d'],
])('%d ms are said as %s', (ms, text) => expect(span(ms)).toBe(text));

test.each([
  [0, '0 jobs'],
  [1, '1 job'],
  [2, '2 jobs'],
])('%d is counted as %s', (n, text) => expect(count(n, 'job')).toBe(text));
