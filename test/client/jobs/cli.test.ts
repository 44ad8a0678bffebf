import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { createCli, type Cli } from '../../../client/src/jobs/cli.ts';

/** Prints its arguments' program: a line each, then ends with the code. */
const program = `
const [kind, ...args] = process.argv.slice(2);
const say = (value) => console.log(JSON.stringify(value));
if (kind === 'args') say({ args });
if (kind === 'fails') { say({ step: 'redis' }); say({ error: { code: 'redis-refused', message: 'nobody' } }); process.exitCode = 1; }
if (kind === 'breaks') { console.error('a stack'); process.exitCode = 1; }
if (kind === 'finds') { say({ findings: [] }); process.exitCode = 1; }
if (kind === 'waits') { say({ step: 'model' }); process.on('SIGTERM', () => { say({ error: { code: 'job-failed', message: 'cancelled' } }); process.exit(1); }); setInterval(() => {}, 1000); }
`;

let folder: string;
let cli: Cli;

beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'cli ü '));
  const file = join(folder, 'program.cjs');
  writeFileSync(file, program);
  cli = createCli({ program: file, log: () => undefined });
});

afterAll(() => {
  rmSync(folder, { recursive: true });
});

test('an argument arrives as it is, whatever a shell would make of it', async () => {
  const args = ['a b', '"q"', "it's", '$(x)', ';', 'ü\nline', '*'];
  expect(await cli.run(['args', ...args])).toEqual([{ args }]);
});

test('the code that a failed program reports is thrown', async () => {
  await expect(cli.run(['fails'])).rejects.toMatchObject({ code: 'redis-refused', message: 'nobody' });
});

test('a program that breaks without a report throws what it wrote on stderr', async () => {
  await expect(cli.run(['breaks'])).rejects.toThrow('a stack');
});

test('an answer counts, whatever the exit code', async () => {
  expect(await cli.run(['finds'])).toEqual([{ findings: [] }]);
});

test('lines come while the program runs, and cancelling ends it without an error', async () => {
  const abort = new AbortController();
  const lines = await cli.run(['waits'], { signal: abort.signal, onLine: () => abort.abort() });
  expect(lines[0]).toEqual({ step: 'model' });
});

test('what is streamed can be stopped, and its end is not reported then', async () => {
  const ends: string[] = [];
  await new Promise<void>((resolve) => {
    const running = cli.stream(
      ['waits'],
      () => void running.stop().then(resolve),
      (stderr) => ends.push(stderr),
    );
  });
  expect(ends).toEqual([]);
});

test('a stream that ends by itself says so, with its stderr', async () => {
  const stderr = await new Promise((resolve) => {
    cli.stream(['breaks'], () => undefined, resolve);
  });
  expect(stderr).toBe('a stack');
});
