import { cpSync, readFileSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, expect, test } from 'vitest';
import type { Heartbeat, Registration } from '../../schemas/jobEvents.ts';
import { heartbeatKey, workersKey } from '../../schemas/redis/redisKeys.ts';
import { aJob, beat } from '../client/aJob.ts';
import { startRedis, type TestRedis } from '../support/redis.ts';
import { made } from './made.ts';
import { openWindow, until, type VscodeWindow } from './window.ts';

const root = join(import.meta.dirname, '..', '..');
const folder = join(root, '.cache', 'e2e-together');
const workspace = join(folder, 'workspace');
const config = join(workspace, 'digits', 'config.yaml');
const password = 'correct-horse-battery';
const manyJobs = 50;
const manyRecords = 1_000_000;

let redis: TestRedis;
let vscode: VscodeWindow;

beforeAll(async () => {
  rmSync(folder, { recursive: true, force: true });
  cpSync(join(root, 'examples', 'digits'), join(workspace, 'digits'), { recursive: true });
  redis = await startRedis('--requirepass', password);
  const address = `redisUrl: 127.0.0.1:${redis.port}\nredisPassword: \${env:SERVING_PASSWORD}\n`;
  writeFileSync(config, `${readFileSync(config, 'utf8')}\n${address}`);
  const env = { CLUSTER_SERVING_STATE: join(folder, 'state') };
  vscode = await openWindow({ ...made, workspace, folder, env });
}, 300_000);

afterEach(({ task }) => {
  if (task.result?.state === 'fail') return vscode.screenshot('failed-test');
  return undefined;
});

afterAll(async () => {
  await vscode.close();
  await redis.stop();
});

/** Jobs of another machine, as that would have registered them. The first one's queue is long. */
async function otherJobs(): Promise<void> {
  const [worker] = aJob().workers;
  const calls = redis.client.pipeline();
  for (let i = 0; i < manyJobs; i++) {
    const names = { workerId: `far-${i}`, jobName: `far${String(i).padStart(2, '0')}` };
    const registration = { ...worker?.registration, ...names, host: 'faraway' } as Registration;
    const heartbeat: Heartbeat = { ...beat, ...names };
    calls.hset(workersKey, names.workerId, JSON.stringify(registration));
    calls.set(heartbeatKey(names.workerId), JSON.stringify(heartbeat));
  }
  await calls.exec();
  await redis.client.eval(
    `for i = 1, ARGV[1] do redis.call('XADD', KEYS[1], '*', 'uri', i) end`,
    1,
    'far00',
    manyRecords,
  );
}

test('a password that is stored opens Redis to a start, and stands in no file', async () => {
  const { page } = vscode;
  await vscode.showJobs();
  await vscode.job('digits').waitFor();
  await vscode.command('Cluster Serving: Store Password…');
  await page.locator('.quick-input-title', { hasText: 'SERVING_PASSWORD' }).waitFor();
  await page.keyboard.type(password);
  await page.keyboard.press('Enter');
  await vscode.command('Cluster Serving: Start');
  await vscode.job('digits').locator('.codicon-pass-filled').waitFor();
  expect(filesWith(folder, password)).toEqual([]);
});

test('the password is still known when the window is reloaded', async () => {
  await vscode.reload();
  await vscode.showJobs();
  await vscode.job('digits').locator('.codicon-pass-filled').waitFor();
});

test('the jobs of other machines are listed, however many they are and however much waits', async () => {
  await otherJobs();
  await vscode.job('far00').waitFor();
  await vscode.job('far00').locator('.label-description', { hasText: '1.0M waiting' }).waitFor();
  await vscode.screenshot('many-dark');
  await vscode.job('far00').hover();
  const actions = vscode.job('far00').locator('.action-label');
  await vscode.job('far00').locator('.action-label[aria-label="Stop"]').waitFor();
  // What needs the config of that machine is not offered.
  expect(await actions.count()).toBe(1);
});

test('a stop asks what is to become of the records that wait', async () => {
  const { page } = vscode;
  await vscode.job('far00').hover();
  await vscode.job('far00').locator('.action-label[aria-label="Stop"]').click();
  const dialog = page.locator('.monaco-dialog-box');
  await dialog.locator('.monaco-button', { hasText: 'Finish Them First' }).waitFor();
  await dialog.locator('.monaco-button', { hasText: 'Stop Now' }).waitFor();
  await vscode.screenshot('stop-question-dark');
  await dialog.locator('.monaco-button', { hasText: 'Cancel' }).click();
  await vscode.job('far00').locator('.codicon-pass-filled').waitFor();
});

test('a job that is pinned stands on top, also in a window that was reloaded', async () => {
  await vscode.choose(vscode.job('far03'), 'Pin to Top');
  const first = vscode.job(/./).first().locator('.label-name');
  await until(async () => (await first.textContent()) === 'far03');
  await vscode.reload();
  await vscode.showJobs();
  await until(async () => (await first.textContent()) === 'far03');
});

test('after five reloads the same workers are shown, and none was started or lost', async () => {
  const before = await redis.client.hkeys(workersKey);
  for (let i = 0; i < 5; i++) {
    await vscode.reload();
    await vscode.showJobs();
    await vscode.job('digits').locator('.codicon-pass-filled').waitFor();
  }
  expect((await redis.client.hkeys(workersKey)).sort()).toEqual(before.sort());
});

test('two windows show the same job, and what one stops the other sees', async () => {
  // Of a long list only what is on the screen is there.
  await redis.client.hdel(workersKey, ...Array.from({ length: manyJobs }, (_, i) => `far-${i}`));
  await vscode.job('far00').waitFor({ state: 'hidden' });
  const other = await vscode.another();
  await other.showJobs();
  await other.job('digits').locator('.codicon-pass-filled').waitFor();
  await other.job('digits').hover();
  await other.job('digits').locator('.action-label[aria-label="Stop"]').click();
  await other.job('digits').locator('.codicon-circle-outline').waitFor();
  await other.page.close();
  await vscode.page.bringToFront();
  await vscode.job('digits').locator('.codicon-circle-outline').waitFor();
});

/** The files below a folder that hold a text. */
function filesWith(place: string, text: string): readonly string[] {
  return readdirSync(place, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath, entry.name))
    .filter((path) => readFileSync(path).includes(text));
}
