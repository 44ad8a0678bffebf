import { spawnSync } from 'node:child_process';
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, expect, test } from 'vitest';
import { root } from '../support/serving.ts';
import { made } from './made.ts';
import { until } from './until.ts';
import { closeWindows, openWindow } from './window.ts';

/** Each of its tests may wait a minute. */
const suiteMs = 150_000;

afterAll(async () => {
  await closeWindows();
  const { config, env } = made.editorSuite;
  const program = join(root, 'bin', 'cluster-serving.cjs');
  spawnSync(process.execPath, [program, 'shutdown', '--yes', '-c', config], {
    env: { ...process.env, ...env },
  });
});

test('what VS Code for the desktop is tested with passes within this one, too', async () => {
  const { folder, suite, workspace, env } = made.editorSuite;
  // It is the installed package that is tested: what an editor takes for the extension under development is empty.
  const stub = join(folder, 'stub');
  mkdirSync(stub, { recursive: true });
  writeFileSync(
    join(stub, 'package.json'),
    JSON.stringify({ name: 'stub', publisher: 'none', version: '0.0.1', engines: { vscode: '*' } }),
  );
  const lines: string[] = [];
  let code: number | undefined;
  await openWindow({
    ...made,
    workspace,
    folder,
    env,
    suite: {
      file: suite,
      extension: stub,
      onLine: (line) => lines.push(line),
      onEnd: (exit) => {
        code = exit;
      },
    },
  });
  // What was logged says more than that it took too long.
  await until(() => code !== undefined, 'the suite ends', suiteMs).catch(() => undefined);
  // An extension host that has died ends with 0, too; then mocha has said nothing.
  expect({ code, log: lines.join('\n') }).toEqual({
    code: 0,
    log: expect.stringMatching(/^ *[4-9] passing/m) as string,
  });
});
