import { spawnSync } from 'node:child_process';
import { cpSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { aJob, aWorker } from '../web/monitor/aJob.ts';
import { made } from './made.ts';
import { until } from './until.ts';
import { closeWindows, openWindow, type VscodeWindow } from './window.ts';
import { freePort } from '../support/redis.ts';

const root = join(import.meta.dirname, '..', '..');
const folder = join(root, '.cache', 'e2e-pages');
const workspace = join(folder, 'workspace');
const state = join(folder, 'state');
const config = join(workspace, 'config.yaml');

let vscode: VscodeWindow;
let redis = '';

beforeAll(async () => {
  rmSync(folder, { recursive: true, force: true });
  mkdirSync(workspace, { recursive: true });
  cpSync(join(root, 'examples', 'digits'), workspace, { recursive: true });
  redis = `localhost:${await freePort()}`;
  writeFileSync(config, `${readFileSync(config, 'utf8')}\nredisUrl: ${redis}\n`);
  vscode = await openWindow({ ...made, workspace, folder, env: { CLUSTER_SERVING_STATE: state } });
}, 300_000);

afterAll(async () => {
  await closeWindows();
  const program = join(root, 'bin', 'cluster-serving.cjs');
  spawnSync(process.execPath, [program, 'shutdown', '--yes', '-c', config], {
    env: { ...process.env, CLUSTER_SERVING_STATE: state },
  });
});

test('a job is tried with an image', async () => {
  await vscode.openFile('config.yaml');
  await vscode.showJobs();
  await vscode.job('digits').waitFor();
  await vscode.command('Cluster Serving: Start');
  await vscode.job('digits').locator('.codicon-pass-filled').waitFor();
  await vscode.act(vscode.job('digits'), 'Try It');
  const frame = vscode.webview();
  await frame.locator('.signature', { hasText: 'probabilities' }).waitFor();
  await frame.locator('input[type=file]').setInputFiles(join(workspace, 'images', 'digit-00.png'));
  await frame.locator('.bars li').first().waitFor();
  expect(await frame.locator('.waterfall').first().textContent()).toContain('command line');
  expect(await frame.locator('pre.code').textContent()).toContain('/predict');
});

test('the page that tries a job is accessible in every theme', async () => {
  const frame = vscode.webview();
  await vscode.screenshots('try', async (kind) => {
    await frame.locator(`body[data-vscode-theme-kind="${kind}"]`).waitFor();
    expect(await vscode.violations()).toEqual([]);
  });
});

test('a request that does not fit says why', async () => {
  const frame = vscode.webview();
  await frame.locator('.segments button', { hasText: 'JSON' }).click();
  await frame.locator('textarea').fill('{"instances": [{"image": [1, 2]}]}');
  await frame.locator('button.primary').click();
  await frame.locator('.notice.bad', { hasText: 'input-mismatch' }).waitFor();
});

test('the last requests are there again after the window is reloaded', async () => {
  // By its own command the window writes down what it keeps before it goes.
  const loaded = vscode.page.waitForEvent('load');
  await vscode.command('Developer: Reload Window');
  await loaded;
  const entries = vscode.webview().locator('.history .entry');
  await until(async () => (await entries.count()) === 2, 'both requests are listed');
  await entries.nth(1).click();
  await vscode.webview().locator('canvas[aria-label*="digit-00"]').waitFor();
});

test('what the monitor advises is written into the config, and left to the user to save', async () => {
  const { page } = vscode;
  await vscode.command('View: Close All Editors');
  await vscode.command('Cluster Serving: Open Monitor');
  await vscode.webview().locator('h2', { hasText: 'digits' }).waitFor();
  const element = await vscode.webview().owner().elementHandle();
  const monitor = await element.contentFrame();
  // A job whose inference takes the time; the next look at the real one takes its place.
  const job = aJob([aWorker('slow', { inference: 500 })], { redis });
  const snapshot = JSON.stringify({ at: Date.now(), jobs: [job], trouble: [] });
  await monitor?.evaluate(`
    dispatchEvent(new MessageEvent('message', { data: ${snapshot} }));
    [...document.querySelectorAll('.advice button')].find(({ hidden }) => !hidden).click();
  `);
  await page.locator('.view-line', { hasText: 'threadPerModel: 2' }).waitFor();
  await page
    .locator('.notification-list-item-message', { hasText: /threadPerModel is 2 now in place of 1/ })
    .first()
    .waitFor();
  expect(readFileSync(config, 'utf8')).not.toContain('threadPerModel');
  await vscode.screenshot('raised-dark');
});
