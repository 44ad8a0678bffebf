import { spawnSync } from 'node:child_process';
import { cpSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { startKafka, type TestKafka } from '../support/kafka.ts';
import { made } from './made.ts';
import { appears, attemptMs, until } from './until.ts';
import { closeWindows, openWindow, type VscodeWindow } from './window.ts';

/* One job whose records are in Kafka; no Redis runs. */

const root = join(import.meta.dirname, '..', '..');
const folder = join(root, '.cache', 'e2e-kafka');
const workspace = join(folder, 'workspace');
const config = join(workspace, 'config.yaml');
const env = { CLUSTER_SERVING_STATE: join(folder, 'state') };

let kafka: TestKafka;
let vscode: VscodeWindow;

beforeAll(async () => {
  rmSync(folder, { recursive: true, force: true });
  cpSync(join(root, 'examples', 'digits'), workspace, { recursive: true });
  kafka = await startKafka();
  // Nothing listens where the Redis would be: what asked it all the same would fail.
  const lines = ['queueUsed: kafka', `kafkaUrl: ${kafka.url}`, 'redisUrl: localhost:1', ''];
  writeFileSync(config, `${readFileSync(config, 'utf8')}\n${lines.join('\n')}`);
  vscode = await openWindow({ ...made, workspace, folder, env });
}, 300_000);

afterAll(async () => {
  await closeWindows();
  const program = join(root, 'bin', 'cluster-serving.cjs');
  spawnSync(process.execPath, [program, 'shutdown', '--yes', '-c', config], {
    env: { ...process.env, ...env },
  });
  await kafka.stop();
});

/** The rows of the queues view that show this. */
function row(text: string | RegExp) {
  return vscode.page
    .locator('.pane', { has: vscode.page.locator('.pane-header', { hasText: 'Queues' }) })
    .locator('.monaco-list-row:not(.monaco-tree-sticky-row)', { hasText: text });
}

async function open(text: string): Promise<void> {
  const one = row(text).first();
  const opened = one.and(vscode.page.locator('[aria-expanded="true"]'));
  await until(async () => {
    if (await opened.isVisible()) return true;
    await one.click({ timeout: attemptMs });
    return appears(opened);
  }, `the row ${text} is open`);
}

test('a job over Kafka starts from the tree, and is known as one on Kafka', async () => {
  await vscode.showJobs();
  await vscode.job('digits').waitFor();
  await vscode.act(vscode.job('digits'), 'Start');
  await vscode.job('digits').locator('.codicon-pass-filled').waitFor();
  expect(await kafka.topics()).toEqual(expect.arrayContaining(['digits', 'cluster-serving_digits']));
});

test('the lenses of its config offer to stop it', async () => {
  await vscode.openFile('config.yaml');
  await vscode.page.locator('.codelens-decoration a', { hasText: 'Stop' }).waitFor();
  await vscode.screenshot('kafka-config-dark');
  await vscode.command('View: Close All Editors');
});

test('an image is predicted through its topics', async () => {
  await vscode.command('Cluster Serving: Predict with File…');
  await vscode.chooseFile(join(workspace, 'images', 'digit-00.png'));
  await vscode.page.locator('.view-line', { hasText: 'digit-00.png' }).waitFor();
  expect(await kafka.count('digits')).toBe(1);
  await vscode.command('View: Close All Editors');
});

test('its queue shows what it holds, and a record that was given up with the reason', async () => {
  await vscode.showJobs();
  await vscode.page.locator('.pane-header', { hasText: 'Queues' }).click();
  await row('digits').waitFor();
  await kafka.produce('digits', [{ key: '"unfit"', value: 'not even JSON' }]);
  await row('1 dead').waitFor();
  await open('digits');
  await open('Dead letters');
  await row('record-undecodable').waitFor();
  await vscode.screenshots('kafka-queue');
});

test('it stops from the tree, and what comes later waits in view', async () => {
  await vscode.act(vscode.job('digits'), 'Stop');
  await vscode.job('digits').locator('.codicon-circle-outline').waitFor();
  await kafka.produce('digits', [{ key: 'late', value: '{"uri":"late","data":"x"}' }]);
  await row('1 waiting').waitFor();
  await vscode.screenshot('kafka-stopped-dark');
});
