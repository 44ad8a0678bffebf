import { spawn, spawnSync } from 'node:child_process';
import { cpSync, mkdirSync, readFileSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { once } from 'node:events';
import { createServer, type AddressInfo } from 'node:net';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import type { JobRecord } from '../../server/src/jobs/machine/stateFolder.ts';
import { made } from './made.ts';
import { commandLines } from './processes.ts';
import { appears, until } from './until.ts';
import { closeWindows, openWindow, type VscodeWindow } from './window.ts';
import { freePort } from '../support/redis.ts';

const root = join(import.meta.dirname, '..', '..');
const folder = join(root, '.cache', 'e2e');
// A blank and an umlaut, as in people's folders.
const workspace = join(folder, 'work space ü');
const slow = join(workspace, 'slow');
const state = join(folder, 'state');
const config = join(workspace, 'digits', 'config.yaml');

let vscode: VscodeWindow;

/** The processes of a command on a config in this folder. */
function running(command: string, place: string): readonly string[] {
  const wanted = `${command} --json -c ${place}`;
  return commandLines().filter((line) => line.includes(wanted));
}

beforeAll(async () => {
  rmSync(folder, { recursive: true, force: true });
  mkdirSync(slow, { recursive: true });
  cpSync(join(root, 'examples', 'digits'), join(workspace, 'digits'), { recursive: true });
  const text = readFileSync(config, 'utf8');
  writeFileSync(config, `${text}\nredisUrl: localhost:${await freePort()}\n`);
  vscode = await openWindow({ ...made, workspace, folder, env: { CLUSTER_SERVING_STATE: state } });
}, 300_000);

afterAll(async () => {
  await closeWindows();
  // What a failed test has left running.
  const program = join(root, 'bin', 'cluster-serving.cjs');
  spawnSync(process.execPath, [program, 'shutdown', '--yes', '-c', config], {
    env: { ...process.env, CLUSTER_SERVING_STATE: state },
  });
});

test('a mistyped key is marked, and its fix corrects it', async () => {
  const { page } = vscode;
  await vscode.openFile('digits/config.yaml');
  await page.keyboard.press('Control+Home');
  await page.keyboard.type('modlPath');
  // What is offered by then must not take the rest of the typing for an answer.
  await page.keyboard.press('Escape');
  await page.keyboard.insertText(': model\n');
  await page.locator('.squiggly-warning, .squiggly-error').first().waitFor();
  const fixes = page.locator('.action-widget .monaco-list-row').first();
  const fixed = page.locator('.view-line').first().filter({ hasText: 'modelPath' });
  // The menu closes by itself when the editor learns something new about the file at that moment.
  await until(async () => {
    await page.keyboard.press('Control+Home');
    await page.keyboard.press('Control+.');
    if (!(await appears(fixes))) return false;
    await vscode.screenshot('fix-dark');
    if (!(await fixes.isVisible())) return false;
    await page.keyboard.press('Enter');
    if (await appears(fixed)) return true;
    // Without the menu, the key has begun a new line.
    await page.keyboard.press('Control+Z');
    return false;
  }, 'the fix corrects the key');
  await vscode.command('File: Revert File');
  await page.locator('.squiggly-warning, .squiggly-error').first().waitFor({ state: 'hidden' });
});

test('a config that does not run is in the list, and Start turns it green', async () => {
  await vscode.showJobs();
  await vscode.job('digits').waitFor();
  await vscode.command('Cluster Serving: Start');
  await vscode.job('digits').locator('.codicon-pass-filled').waitFor();
  await vscode.screenshot('running-dark');
});

test('the status bar says of what time its figures are while the jobs are not watched', async () => {
  const item = vscode.page.locator('.statusbar-item', { hasText: /\d jobs?\b/ });
  await until(async () => ((await item.textContent()) ?? '').trim() === '1 job');
  // The buttons above an open config need the watch, too.
  await vscode.command('View: Close All Editors');
  await vscode.page.locator('.activitybar .action-label[aria-label^="Explorer"]').click();
  await until(async () => /1 job as of \d+:\d\d/.test((await item.textContent()) ?? ''));
  await vscode.screenshots('not-watched');
  await item.click();
  await until(async () => ((await item.textContent()) ?? '').trim() === '1 job');
});

test('an image is predicted', async () => {
  const { page } = vscode;
  await vscode.command('Cluster Serving: Predict with File…');
  await vscode.chooseFile(join(workspace, 'digits', 'images', 'digit-00.png'));
  await page.locator('.view-line', { hasText: 'digit-00.png' }).waitFor();
  await vscode.screenshot('prediction-dark');
  await vscode.command('View: Close All Editors');
});

test('the rows of a job show its model, its queue and its worker', async () => {
  await vscode.job('digits').click();
  await vscode.page.keyboard.press('ArrowRight');
  await vscode.job('Model').waitFor();
  await vscode.job('Queue').waitFor();
  await vscode.screenshots('jobs');
});

test('the monitor draws the job, and is accessible in every theme', async () => {
  await vscode.command('Cluster Serving: Open Monitor');
  const frame = vscode.webview();
  await frame.locator('h2', { hasText: 'digits' }).waitFor();
  await vscode.screenshots('monitor', async (kind) => {
    await frame.locator(`body[data-vscode-theme-kind="${kind}"]`).waitFor();
    expect(await vscode.violations()).toEqual([]);
  });
  await vscode.command('View: Close All Editors');
});

test('the HTTP frontend that is started answers, and is gone after Stop', async () => {
  await vscode.command('Cluster Serving: Start HTTP Frontend');
  const row = vscode.job('HTTP frontend');
  await row.waitFor();
  const url = `http://${(await row.locator('.label-description').textContent()) ?? ''}`;
  expect((await fetch(url)).status).toBe(200);
  await vscode.screenshot('http-dark');
  await vscode.command('Notifications: Clear All Notifications');
  await vscode.command('Cluster Serving: Stop HTTP Frontend');
  await row.waitFor({ state: 'hidden' });
  await until(() =>
    fetch(url).then(
      () => false,
      () => true,
    ),
  );
});

test('a frontend that was started in a terminal is shown with its job, and ends by Stop', async () => {
  const program = join(root, 'bin', 'cluster-serving.cjs');
  const args = [program, 'http', '-c', config, '--port=0', '--interface=127.0.0.1'];
  const frontend = spawn(process.execPath, args, { stdio: 'ignore' });
  const ended = once(frontend, 'exit');
  try {
    const row = vscode.job('HTTP frontend');
    await row.waitFor();
    await vscode.act(row, 'Stop HTTP Frontend');
    await row.waitFor({ state: 'hidden' });
    expect(await ended).toEqual([0, null]);
  } finally {
    frontend.kill('SIGKILL');
  }
});

test('a second job is added, started and stopped by its name', async () => {
  const { page } = vscode;
  await vscode.command('Cluster Serving: Add Another Job…');
  await page.locator('.quick-input-title', { hasText: 'Name of the new job' }).waitFor();
  await page.keyboard.press('Enter');
  await page.locator('.view-line', { hasText: 'serving2' }).waitFor();
  await vscode.command('Cluster Serving: Start');
  await vscode.job('serving2').locator('.codicon-pass-filled').waitFor();
  await vscode.screenshot('two-dark');
  await vscode.act(vscode.job('serving2'), 'Stop');
  await vscode.job('serving2').locator('.codicon-circle-outline').waitFor();
  await vscode.job('digits').locator('.codicon-pass-filled').waitFor();
});

test('a start that cannot be says why, once, and opens what is to be corrected', async () => {
  const { page } = vscode;
  await vscode.command('View: Close All Editors');
  const broken = join(workspace, 'serving2', 'config.yaml');
  writeFileSync(broken, readFileSync(broken, 'utf8').replace('../digits/model', 'nowhere'));
  await vscode.act(vscode.job('serving2'), 'Start');
  const toast = page.locator('.notifications-toasts .notification-list-item', { hasText: 'nowhere' });
  await toast.waitFor();
  expect(await page.locator('.notifications-toasts .codicon-error').count()).toBe(1);
  await vscode.screenshot('error-dark');
  await toast.locator('.monaco-button', { hasText: 'Open Config' }).click();
  await page.locator('.view-line', { hasText: 'nowhere' }).waitFor();
});

test('a start that is cancelled leaves nothing behind, and is no error', async () => {
  const { page } = vscode;
  await vscode.command('Notifications: Clear All Notifications');
  // Something that listens and never answers keeps the start waiting.
  const mute = createServer().listen(0, '127.0.0.1');
  await once(mute, 'listening');
  const { port } = mute.address() as AddressInfo;
  const lines = ['modelPath: ../digits/model', 'jobName: slow', `redisUrl: 127.0.0.1:${port}`];
  writeFileSync(join(slow, 'config.yaml'), [...lines, 'redisTimeout: 60000', ''].join('\n'));
  await vscode.act(vscode.job('slow'), 'Start');
  const toast = page.locator('.notifications-toasts .notification-list-item', { hasText: 'finding Redis' });
  await toast.waitFor();
  expect(running('start', slow)).toHaveLength(1);
  await vscode.screenshot('progress-dark');
  await toast.locator('.monaco-button', { hasText: 'Cancel' }).click();
  await until(() => running('start', slow).length === 0);
  await toast.waitFor({ state: 'hidden' });
  expect(await page.locator('.notifications-toasts .codicon-error').count()).toBe(0);
  rmSync(join(slow, 'config.yaml'));
  await vscode.job('slow').waitFor({ state: 'hidden' });
  mute.close();
});

test('the log of a job is shown at once, in a channel of its own', async () => {
  await vscode.job('digits').click();
  await vscode.command('Cluster Serving: Show Logs');
  await vscode.page.locator('.part.panel .view-line', { hasText: 'ready' }).first().waitFor();
  await vscode.screenshot('logs-dark');
  await vscode.command('View: Toggle Panel Visibility');
});

test('the doctor finds nothing wrong with a running job', async () => {
  await vscode.openFile('digits/config.yaml');
  await vscode.command('Cluster Serving: Doctor: Check What a Start Needs');
  await vscode.page.locator('.view-line', { hasText: 'ONNX Runtime' }).first().waitFor();
  expect(await vscode.page.locator('.view-line', { hasText: '✗' }).count()).toBe(0);
  await vscode.screenshot('doctor-dark');
});

test('what is not looked at runs no process', async () => {
  await until(() => running('watch', workspace).length === 1);
  // The lenses over a visible config show the state of its job.
  await vscode.command('View: Close All Editors');
  await vscode.page.locator('.activitybar .action-label[aria-label^="Explorer"]').click();
  await until(() => running('watch', workspace).length === 0);
  await vscode.showJobs();
  await until(() => running('watch', workspace).length === 1);
});

test('the jobs are shown again after the window is reloaded', async () => {
  await vscode.reload();
  await vscode.showJobs();
  await vscode.job('digits').locator('.codicon-pass-filled').waitFor();
});

test('a worker that is killed is shown as failed, and a notification says so and offers what helps', async () => {
  const [job] = readdirSync(join(state, 'jobs')).map(
    (name) => JSON.parse(readFileSync(join(state, 'jobs', name), 'utf8')) as JobRecord,
  );
  expect(job).toBeDefined();
  process.kill(job?.pid ?? 0, 'SIGKILL');
  await vscode.job('digits').locator('.codicon-error').waitFor();
  const notice = vscode.page.locator('.notification-list-item', { hasText: '"digits" has died' });
  await notice.locator('.monaco-button', { hasText: 'Show Logs' }).waitFor();
  await notice.locator('.monaco-button', { hasText: 'Start' }).waitFor();
  await vscode.screenshot('failed-dark');
});

test('shutting down asks first, and leaves nothing', async () => {
  const { page } = vscode;
  await vscode.command('Cluster Serving: Shut Down…');
  const dialog = page.locator('.monaco-dialog-box');
  await dialog.waitFor();
  await vscode.screenshot('question-dark');
  await dialog.locator('.monaco-button', { hasText: /^Shut Down$/ }).click();
  await until(() => readdirSync(join(state, 'jobs')).length === 0);
  await vscode.job('digits').locator('.codicon-circle-outline').waitFor();
});
