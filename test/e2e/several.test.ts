import { spawnSync } from 'node:child_process';
import { cpSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { Redis } from 'ioredis';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { deadStream } from '../../schemas/redis/redisKeys.ts';
import { made } from './made.ts';
import { appears, attemptMs, until } from './until.ts';
import { closeWindows, openWindow, type VscodeWindow } from './window.ts';
import { freePort } from '../support/redis.ts';

const root = join(import.meta.dirname, '..', '..');
const folder = join(root, '.cache', 'e2e-several');
const workspace = join(folder, 'workspace');
const state = join(folder, 'state');
const names = ['first', 'second', 'third'] as const;
/** Of another shape than the model takes, so the record is given up. */
const unfit = '{"instances": [{"image": [1, 2, 3]}]}';

let vscode: VscodeWindow;
let redis: Redis;

function configOf(name: string): string {
  return join(workspace, name, 'config.yaml');
}

/** The rows of the queues view that show this. */
function row(text: string | RegExp) {
  return vscode.page
    .locator('.pane', { has: vscode.page.locator('.pane-header', { hasText: 'Queues' }) })
    .locator('.monaco-list-row:not(.monaco-tree-sticky-row)', { hasText: text });
}

/** Selects rows one after the other, the first alone. Nothing on them is opened: what is opened would move the others. */
async function select(rows: readonly ReturnType<typeof row>[]): Promise<void> {
  const selected = (one: ReturnType<typeof row>) => one.and(vscode.page.locator('.selected'));
  await until(async () => {
    for (const [i, one] of rows.entries()) {
      await one.click({ timeout: attemptMs, modifiers: i === 0 ? [] : ['ControlOrMeta'] });
      // What is shown of a row while the mouse rests on it covers the rows below.
      await vscode.page.mouse.move(0, 0);
    }
    for (const one of rows) if (!(await appears(selected(one)))) return false;
    return true;
  }, 'the rows are selected');
}

async function answer(button: RegExp): Promise<void> {
  const dialog = vscode.page.locator('.monaco-dialog-box');
  await dialog.locator('.monaco-button', { hasText: button }).click();
  await dialog.waitFor({ state: 'hidden' });
}

beforeAll(async () => {
  rmSync(folder, { recursive: true, force: true });
  const port = await freePort();
  for (const name of names) {
    cpSync(join(root, 'examples', 'digits'), join(workspace, name), { recursive: true });
    const text = readFileSync(configOf(name), 'utf8').replace('jobName: digits', `jobName: ${name}`);
    writeFileSync(configOf(name), `${text}\nredisUrl: localhost:${port}\n`);
  }
  redis = new Redis({ host: 'localhost', port, protocol: 2, lazyConnect: true });
  vscode = await openWindow({ ...made, workspace, folder, env: { CLUSTER_SERVING_STATE: state } });
}, 300_000);

afterAll(async () => {
  redis.disconnect();
  await closeWindows();
  const program = join(root, 'bin', 'cluster-serving.cjs');
  spawnSync(process.execPath, [program, 'shutdown', '--yes', '-c', configOf('first')], {
    env: { ...process.env, CLUSTER_SERVING_STATE: state },
  });
});

test('jobs that are selected together start together', async () => {
  await vscode.showJobs();
  await select(names.map((name) => vscode.job(name)));
  await vscode.choose(vscode.job('second'), 'Start');
  for (const name of names) await vscode.job(name).locator('.codicon-pass-filled').waitFor();
  await vscode.command('View: Close All Editors');
  await select([vscode.job('first'), vscode.job('second')]);
  await vscode.screenshots('several-jobs');
});

test('jobs that are selected together stop after one question, and one that is not running is named', async () => {
  const { page } = vscode;
  await select([vscode.job('first')]);
  await vscode.choose(vscode.job('first'), 'Stop');
  await vscode.job('first').locator('.codicon-circle-outline').waitFor();
  await select(names.map((name) => vscode.job(name)));
  // The menu has only what all that are selected can do; the icon of a row acts on all for which it is there.
  await vscode.act(vscode.job('second'), 'Stop');
  const dialog = page.locator('.monaco-dialog-box');
  await dialog.locator('.dialog-message-text', { hasText: 'Stop 2 jobs?' }).waitFor();
  await vscode.screenshot('several-stop-dark');
  await answer(/^Stop Now$/);
  await page
    .locator('.notification-list-item', { hasText: '2 of 3 done. first: It is not running.' })
    .waitFor();
  for (const name of names) await vscode.job(name).locator('.codicon-circle-outline').waitFor();
  await vscode.screenshot('several-refused-dark');
  await vscode.command('Notifications: Clear All Notifications');
});

test('records of several queues are moved to the dead letters after one question, and put back together', async () => {
  const { page } = vscode;
  for (const name of ['first', 'second'])
    await redis.xadd(name, '*', 'uri', `of-${name}`, 'data', unfit, 'serde', 'stream');
  await page.locator('.pane-header', { hasText: 'Jobs' }).click();
  await page.locator('.pane-header', { hasText: 'Queues' }).click();
  const open = (one: ReturnType<typeof row>) =>
    until(
      async () => {
        if (await appears(one.and(page.locator('[aria-expanded="true"]')))) return true;
        await one.click({ timeout: attemptMs });
        return false;
      },
      `${String(one)} is open`,
    );
  await row('1 waiting').nth(1).waitFor();
  for (const name of ['second', 'first']) {
    await open(row(new RegExp(`^${name}`)));
    await open(row(/^Waiting/).first());
    await row(`of-${name}`).waitFor();
  }
  const question = page.locator('.dialog-message-text', { hasText: 'Move 2 records to the dead letters?' });
  await until(async () => {
    await select([row('of-first'), row('of-second')]);
    // While a tree is being drawn again the editor does not say on which row: then people are asked to try again.
    await vscode.choose(row('of-first'), 'Move to the Dead Letters');
    return appears(question);
  }, 'the question about both records');
  await answer(/^Move$/);
  await until(
    async () => (await redis.xlen(deadStream('first'))) + (await redis.xlen(deadStream('second'))) === 2,
  );
  expect([await redis.xlen('first'), await redis.xlen('second')]).toEqual([0, 0]);
  await page.locator('.notification-list-item', { hasText: '2 records were moved.' }).waitFor();
  await vscode.screenshots('undo');
});

test('Undo brings records back to where they were, and says which it could not', async () => {
  const { page } = vscode;
  const undo = page.locator('.notification-list-item .monaco-button', { hasText: /^Undo$/ });
  // The client of one has read its NaN by now.
  await redis.del('cluster-serving_second:of-second');
  await undo.click();
  await page.locator('.notification-list-item', { hasText: 'Its client has got the NaN' }).waitFor();
  expect([await redis.xlen('first'), await redis.xlen('second')]).toEqual([1, 0]);
  expect(await redis.xlen(deadStream('second'))).toBe(1);
  await vscode.screenshot('undo-refused-dark');
});
