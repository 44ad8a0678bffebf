import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { taskMatcher } from '../../../schemas/editor/editorTasks.ts';
import { createCli, type Cli } from '../../../client/src/jobs/cli.ts';
import { runTask } from '../../../client/src/tasks/runTask.ts';

/** Stands for the command line: what it does is chosen by the name of the config. */
const program = `
const [kind, ...args] = process.argv.slice(2);
const config = args.at(-1);
const say = (value) => console.log(JSON.stringify(value));
const fail = (code, message) => { say({ error: { code, message } }); process.exitCode = 1; };
if (kind === 'start' && config === 'runs') fail('job-running', 'It runs.');
else if (kind === 'start' && config === 'wrong') fail('config-invalid', 'wrong:2:12: error wrong-type: one\\nwrong:3:1: error bad-choice: two');
else if (kind === 'start' && config === 'waits') { say({ step: 'model' }); process.on('SIGTERM', () => { fail('job-failed', 'cancelled'); process.exit(); }); setInterval(() => {}, 1000); }
else if (kind === 'start') { say({ step: 'redis' }); say({ step: 'secret', needs: { message: 'Send the secret.' } }); say({ started: {} }); }
else if (kind === 'stop' && config === 'wrong') fail('redis-refused', 'Nothing listens.');
else if (kind === 'logs') { console.log('a line of the log'); if (config !== 'short') setInterval(() => {}, 1000); }
`;

let folder: string;
let cli: Cli;

beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'tasks-'));
  const file = join(folder, 'program.cjs');
  writeFileSync(file, program);
  cli = createCli({ program: file, log: () => undefined });
});
afterAll(() => rmSync(folder, { recursive: true }));

/** @param endAt  the line at which the user ends the task */
async function run(action: 'start' | 'stop', configPath: string, endAt?: string) {
  const lines: string[] = [];
  const abort = new AbortController();
  const code = await runTask(action, {
    cli,
    configPath,
    jobName: 'digits',
    signal: abort.signal,
    write: (line) => {
      lines.push(line);
      if (line === endAt) abort.abort();
    },
  });
  return { lines, code };
}

const begins = new RegExp(taskMatcher.begins);
const ends = new RegExp(taskMatcher.ends);

describe('a task that starts a job', () => {
  test('shows its steps between the lines that the editor waits for, then the log until it is ended', async () => {
    const { lines, code } = await run('start', 'good', 'a line of the log');
    expect(code).toBe(0);
    expect(lines).toEqual([
      'Starting "digits".',
      'redis',
      'secret',
      'Send the secret.',
      '"digits" is serving.',
      'a line of the log',
    ]);
    expect(lines.map((line) => begins.test(line))).toEqual([true, false, false, false, false, false]);
    expect(lines.map((line) => ends.test(line))).toEqual([false, false, false, false, true, false]);
  });

  test('ends with the log where there is no more to follow', async () => {
    expect(await run('start', 'short')).toMatchObject({ code: 0 });
  });

  test('is done where the job runs already', async () => {
    const { lines, code } = await run('start', 'runs', 'a line of the log');
    expect(code).toBe(0);
    expect(lines.filter((line) => ends.test(line))).toEqual(['"digits" already runs.']);
  });

  test('that fails ends with 1 and no line of success, and each error of the config becomes a problem', async () => {
    const { lines, code } = await run('start', 'wrong');
    expect(code).toBe(1);
    expect(lines.some((line) => ends.test(line))).toBe(false);
    const pattern = new RegExp(taskMatcher.pattern.regexp);
    const problems = lines.flatMap((line) => {
      const found = pattern.exec(line);
      return found ? [found.slice(1)] : [];
    });
    expect(problems).toEqual([
      ['wrong', '2', '12', 'error', 'wrong-type', 'one'],
      ['wrong', '3', '1', 'error', 'bad-choice', 'two'],
    ]);
  });

  test('that the user ends takes the start back and ends with 1', async () => {
    const { lines, code } = await run('start', 'waits', 'model');
    expect(code).toBe(1);
    expect(lines.some((line) => ends.test(line))).toBe(false);
  });
});

test('a task that stops a job ends when that has happened, or says why not', async () => {
  expect(await run('stop', 'good')).toEqual({ code: 0, lines: ['"digits" is stopped.'] });
  expect(await run('stop', 'wrong')).toEqual({ code: 1, lines: ['Nothing listens.'] });
});
