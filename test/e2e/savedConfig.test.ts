import { spawnSync } from 'node:child_process';
import { cpSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import type { Heartbeat, JobReport } from '../../schemas/jobEvents.ts';
import { made } from './made.ts';
import { until } from './until.ts';
import { closeWindows, openWindow, type VscodeWindow } from './window.ts';
import { freePort } from '../support/redis.ts';

// A running job takes over what is saved in the editor; what it cannot serve is marked there, and it goes on.

const root = join(import.meta.dirname, '..', '..');
const folder = join(root, '.cache', 'e2e-reload');
const workspace = join(folder, 'workspace');
const state = join(folder, 'state');
const config = join(workspace, 'digits', 'config.yaml');

let vscode: VscodeWindow;

function run(...args: readonly string[]) {
  const program = join(root, 'bin', 'cluster-serving.cjs');
  return spawnSync(process.execPath, [program, ...args, '-c', config], {
    encoding: 'utf8',
    env: { ...process.env, CLUSTER_SERVING_STATE: state },
  });
}

function beat(): Heartbeat | undefined {
  const { jobs } = JSON.parse(run('list', '--json').stdout) as { readonly jobs: readonly JobReport[] };
  return jobs[0]?.workers[0]?.heartbeat;
}

/** Types a line at the end of the config that is open, and saves it. */
async function save(line: string): Promise<void> {
  const { page } = vscode;
  await page.locator('.editor-instance .view-line').first().click();
  await page.keyboard.press('Control+End');
  await page.keyboard.insertText(`${line}\n`);
  await page.keyboard.press('Control+S');
  await until(() => readFileSync(config, 'utf8').includes(line), 'the config is saved');
}

beforeAll(async () => {
  rmSync(folder, { recursive: true, force: true });
  mkdirSync(workspace, { recursive: true });
  cpSync(join(root, 'examples', 'digits'), join(workspace, 'digits'), { recursive: true });
  writeFileSync(config, `${readFileSync(config, 'utf8')}\nredisUrl: localhost:${await freePort()}\n`);
  vscode = await openWindow({ ...made, workspace, folder, env: { CLUSTER_SERVING_STATE: state } });
}, 300_000);

afterAll(async () => {
  await closeWindows();
  run('shutdown', '--yes');
});

test('a config that is saved is taken over by the job that runs by it', async () => {
  expect(run('start').status).toBe(0);
  expect(beat()?.reloads).toBe(0);
  await vscode.showJobs();
  await vscode.job('digits').locator('.codicon-pass-filled').waitFor();
  await vscode.openFile('digits/config.yaml');
  await save('batchSize: 7');
  await until(() => beat()?.reload?.changed === 'settings', 'the worker takes the config over');
  expect(beat()?.reloads).toBe(1);
});

test('one that cannot be served is marked at the key and at the job, which goes on as before', async () => {
  // The text is sound: only the worker knows that it does not take this over.
  await save('redisTimeout: 4321');
  await vscode.job('digits').locator('.codicon-warning').waitFor();
  await vscode.job('digits').filter({ hasText: 'not reloaded' }).waitFor();
  await vscode.page.locator('.squiggly-warning').first().waitFor();
  await vscode.screenshot('refused-dark');
  const image = join(workspace, 'digits', 'images', 'digit-00.png');
  expect(run('predict', image).status).toBe(0);
  expect(beat()?.reloads).toBe(1);
});

test('Reload in the palette says why it is refused, and once the config is right again all is well', async () => {
  const { page } = vscode;
  await vscode.command('Cluster Serving: Reload');
  await page
    .locator('.notification-list-item-message', { hasText: /redisTimeout needs a restart/ })
    .first()
    .waitFor();
  writeFileSync(config, readFileSync(config, 'utf8').replace('redisTimeout: 4321\n', ''));
  await vscode.job('digits').locator('.codicon-pass-filled').waitFor();
  await page.locator('.squiggly-warning').first().waitFor({ state: 'hidden' });
});
