import { PassThrough } from 'node:stream';
import { text } from 'node:stream/consumers';
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { paint, print, table } from '../../../server/src/cli/output.ts';

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
