import { spawnSync } from 'node:child_process';
import { cpSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { made } from './made.ts';
import { until } from './until.ts';
import { closeWindows, openWindow, type VscodeWindow } from './window.ts';
import { freePort } from '../support/redis.ts';

const root = join(import.meta.dirname, '..', '..');
const folder = join(root, '.cache', 'e2e-no-redis');
const workspace = join(folder, 'workspace');
const config = join(workspace, 'config.yaml');

let vscode: VscodeWindow;

beforeAll(async () => {
  rmSync(folder, { recursive: true, force: true });
  cpSync(join(root, 'examples', 'digits'), workspace, { recursive: true });
  writeFileSync(config, `${readFileSync(config, 'utf8')}\nredisUrl: localhost:${await freePort()}\n`);
  const programs = join(folder, 'no programs');
  mkdirSync(programs);
  const env = { CLUSTER_SERVING_STATE: join(folder, 'state'), PATH: programs, REDIS_HOME: '' };
  vscode = await openWindow({ ...made, workspace, folder, env });
}, 300_000);

afterAll(async () => {
  await closeWindows();
  // What a start that went well against all expectation has left running.
  const program = join(root, 'bin', 'cluster-serving.cjs');
  spawnSync(process.execPath, [program, 'shutdown', '--yes', '-c', config], {
    env: { ...process.env, CLUSTER_SERVING_STATE: join(folder, 'state') },
  });
});

test('a start on a machine without Redis says so once, and its button leads to the doctor', async () => {
  const { page } = vscode;
  await vscode.showJobs();
  await vscode.job('digits').waitFor();
  await vscode.command('Cluster Serving: Start');
  const toast = page.locator('.notifications-toasts .notification-list-item', { hasText: 'redis-server' });
  await toast.waitFor();
  await vscode.screenshot('no-redis-dark');
  expect(await page.locator('.notifications-toasts .codicon-error').count()).toBe(1);
  await toast.locator('.monaco-button', { hasText: 'Run Doctor' }).click();
  await page.locator('.view-line', { hasText: '✗' }).first().waitFor();
  await vscode.screenshot('no-redis-doctor-dark');
});

test('an old config is converted, and what it means stays', async () => {
  const { redisUrl = '' } = /(?<redisUrl>localhost:\d+)/.exec(readFileSync(config, 'utf8'))?.groups ?? {};
  writeFileSync(config, `model:\n  path: model\nredisUrl: ${redisUrl}\n`);
  await vscode.command('View: Close All Editors');
  await vscode.openFile('config.yaml');
  await vscode.command('Cluster Serving: Convert Old Config');
  await until(() => readFileSync(config, 'utf8') === `modelPath: model\nredisUrl: ${redisUrl}\n`);
  await vscode.page.locator('.view-line', { hasText: 'redisUrl' }).waitFor();
});

test('the view says what a config lacks to find its Redis, until it is there', async () => {
  writeFileSync(config, 'modelPath: model\nredisUrl: ${env:NO_SUCH_REDIS}\n');
  await vscode.showJobs();
  const message = vscode.page.locator('.pane-body .message', { hasText: 'NO_SUCH_REDIS' });
  await message.waitFor();
  await vscode.screenshots('no-redis-known');
  writeFileSync(config, 'modelPath: model\nredisUrl: localhost:1\n');
  await message.waitFor({ state: 'hidden' });
});

test('a workspace without a config offers ways to begin, two at most', async () => {
  await vscode.command('View: Close All Editors');
  rmSync(config);
  const welcome = vscode.page.locator('.welcome-view-content');
  await welcome.first().waitFor();
  await vscode.screenshots('welcome');
  expect(await welcome.first().locator('.monaco-button').count()).toBeLessThanOrEqual(2);
  await vscode.command('Welcome: Open Walkthrough...');
  await vscode.quickInput.take('Serve a model');
  await vscode.page.locator('.getting-started-step').nth(3).waitFor();
  await vscode.screenshots('walkthrough');
});
