import { spawnSync } from 'node:child_process';
import { cpSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import axe from 'axe-core';
import { Redis } from 'ioredis';
import { afterAll, beforeAll, expect, test } from 'vitest';
import type { DeadLetter, Page } from '../../schemas/redis/queueReports.ts';
import { made } from './made.ts';
import { commandLines } from './processes.ts';
import { appears, attemptMs, until } from './until.ts';
import { closeWindows, openWindow, type VscodeWindow } from './window.ts';
import { freePort } from '../support/redis.ts';

const root = join(import.meta.dirname, '..', '..');
const folder = join(root, '.cache', 'e2e-queues');
const workspace = join(folder, 'workspace');
const state = join(folder, 'state');
const config = join(workspace, 'config.yaml');
/** Of another shape than the model takes, so the record is given up. */
const unfit = '{"instances": [{"image": [1, 2, 3]}]}';

let vscode: VscodeWindow;
let port: number;

function cli(args: readonly string[], input = ''): string {
  const program = join(root, 'bin', 'cluster-serving.cjs');
  const { status, stdout, stderr } = spawnSync(process.execPath, [program, ...args, '-c', config], {
    input,
    encoding: 'utf8',
    env: { ...process.env, CLUSTER_SERVING_STATE: state },
  });
  if (status !== 0)
    console.error(`cluster-serving ${args.join(' ')} ended with ${status ?? 'a signal'}: ${stderr}`);
  return stdout;
}

function letters(): readonly DeadLetter[] {
  return (JSON.parse(cli(['queue', 'dead', '--json'])) as Page<DeadLetter>).records;
}

/** Puts a record in as the original's clients do, which do not know what the model takes. */
async function put(uri: string, instances: string): Promise<void> {
  const redis = new Redis({ host: 'localhost', port, protocol: 2 });
  await redis.xadd('digits', '*', 'uri', uri, 'data', instances, 'serde', 'stream');
  redis.disconnect();
}

/** The rows of the queues view that show this. */
function row(text: string | RegExp) {
  return vscode.page
    .locator('.pane', { has: vscode.page.locator('.pane-header', { hasText: 'Queues' }) })
    .locator('.monaco-list-row:not(.monaco-tree-sticky-row)', { hasText: text });
}

async function open(text: string | RegExp): Promise<void> {
  const one = row(text).first();
  const opened = one.and(vscode.page.locator('[aria-expanded="true"]'));
  await until(
    async () => {
      if (await opened.isVisible()) return true;
      await one.click({ timeout: attemptMs });
      return appears(opened);
    },
    `the row ${String(text)} is open`,
  );
}

/** What axe finds wrong with the page that is shown. The page runs no script, not even axe: it is looked at in a tab of its
 *  own, with the colours of the theme. */
async function violations(): Promise<readonly string[]> {
  const html = vscode.webview().locator('html');
  const [colours, content] = await Promise.all([html.getAttribute('style'), html.innerHTML()]);
  const page = await vscode.page.context().newPage();
  try {
    await page.setContent(`<!doctype html><html lang="en" style='${colours ?? ''}'>${content}</html>`);
    await page.evaluate(axe.source);
    const found = await page.evaluate<{ readonly violations: readonly { readonly id: string }[] }>(
      'axe.run()',
    );
    return found.violations.map(({ id }) => id);
  } finally {
    await page.close();
  }
}

beforeAll(async () => {
  rmSync(folder, { recursive: true, force: true });
  mkdirSync(workspace, { recursive: true });
  cpSync(join(root, 'examples', 'digits'), workspace, { recursive: true });
  port = await freePort();
  writeFileSync(config, `${readFileSync(config, 'utf8')}\nredisUrl: localhost:${port}\n`);
  writeFileSync(join(workspace, 'unfit.json'), unfit);
  writeFileSync(join(workspace, 'one.txt'), 'images/digit-07.png');
  cli(['start']);
  vscode = await openWindow({ ...made, workspace, folder, env: { CLUSTER_SERVING_STATE: state } });
}, 300_000);

afterAll(async () => {
  await closeWindows();
  cli(['shutdown', '--yes']);
});

test('what is selected in an editor is predicted: the path of an image', async () => {
  const { page } = vscode;
  await vscode.openFile('one.txt');
  await page.keyboard.press('Control+A');
  await vscode.command('Cluster Serving: Predict with Selection');
  await page.locator('.view-line', { hasText: 'digit-07.png' }).last().waitFor();
  await page.locator('.view-line', { hasText: 'index' }).first().waitFor();
  await vscode.screenshot('selection-dark');
  await vscode.command('View: Close All Editors');
});

test('JSON that the model cannot take is refused with the reason; what others send so is a dead letter', async () => {
  const { page } = vscode;
  await vscode.showJobs();
  await page.locator('.pane-header', { hasText: 'Queues' }).click();
  await row('digits').waitFor();
  await vscode.openFile('unfit.json');
  await page.keyboard.press('Control+A');
  await vscode.command('Cluster Serving: Predict with Selection');
  await page.locator('.view-line', { hasText: 'No prediction: standard input.image' }).first().waitFor();
  await put('unfit', unfit);
  await vscode.command('View: Close All Editors');
  await row('1 dead').waitFor();
  await open('digits');
  await open('Dead letters');
  await row('input-mismatch').waitFor();
  await vscode.screenshots('queues');
});

test('a record is shown decoded, on a page that is accessible', async () => {
  await vscode.act(row('input-mismatch'), 'Show Record');
  const frame = vscode.webview();
  await frame.locator('dd', { hasText: 'input-mismatch' }).waitFor();
  await frame.locator('dd', { hasText: /^\[3\]$/ }).waitFor();
  await vscode.screenshots('record', async () => {
    expect(await violations()).toEqual([]);
  });
  await vscode.command('View: Close All Editors');
});

test('a dead letter is put back by its menu', async () => {
  const [before] = letters();
  await vscode.choose(row('input-mismatch'), 'Put Back into the Queue');
  // The model has not changed, so it comes back, and shows that this was its second try.
  await until(() => letters().some(({ requeued }) => requeued === 1));
  expect(letters().map(({ id }) => id)).not.toContain(before?.id);
  await row('input-mismatch').waitFor();
});

test('a test record of the right shape is predicted', async () => {
  const { page } = vscode;
  await vscode.act(row('digits').first(), 'Send Test Record');
  await page.locator('.view-line', { hasText: 'test record' }).waitFor();
  await vscode.command('View: Close All Editors');
});

test('the dead letters are cleared after a question', async () => {
  const { page } = vscode;
  await vscode.choose(row('Dead letters'), 'Clear Dead Letters');
  const dialog = page.locator('.monaco-dialog-box');
  await dialog.waitFor();
  await vscode.screenshot('clear-dark');
  await dialog.locator('.monaco-button', { hasText: /^Clear$/ }).click();
  await row('input-mismatch').waitFor({ state: 'hidden' });
  await until(() => letters().length === 0);
});

test('several dead letters that are selected are put back together', async () => {
  await put('unfit-1', unfit);
  await put('unfit-2', unfit);
  const dead = row('input-mismatch');
  await until(async () => (await dead.count()) === 2);
  // Not by clicks on the last row: in a low view it may be cut off.
  await dead.first().click();
  await vscode.page.keyboard.press('Shift+ArrowDown');
  await until(async () => (await row('input-mismatch').and(vscode.page.locator('.selected')).count()) === 2);
  await vscode.choose(dead.first(), 'Put Back into the Queue');
  await until(() => letters().filter(({ requeued }) => requeued === 1).length === 2);
});

test('queues that are not looked at are not asked', async () => {
  const following = () =>
    commandLines().filter((line) => line.includes('queue list --follow') && line.includes(workspace)).length;
  await until(() => following() === 1);
  await vscode.page.locator('.activitybar .action-label[aria-label^="Explorer"]').click();
  await until(() => following() === 0);
  await vscode.showJobs();
  await until(() => following() === 1);
});

test('the queue of a stopped job stays in view, and its records are shown with their images', async () => {
  await vscode.command('Cluster Serving: Stop');
  await vscode.job('digits').locator('.codicon-circle-outline').waitFor();
  await vscode.page.locator('.pane-header', { hasText: 'Jobs' }).click();
  // No worker answers it, so it waits.
  const image = readFileSync(join(workspace, 'images', 'digit-03.png')).toString('base64');
  await put('picture', `{"instances": [{"input": {"b64": "${image}"}}]}`);
  await row('1 waiting').waitFor();
  await vscode.act(row(/^Waiting/), 'Show Record');
  await vscode.webview().locator('img[alt="The image of input"]').waitFor();
  await vscode.screenshot('picture-dark');
  expect(await violations()).toEqual([]);
});

test('what waits is shown in pages, and a record of it is shown decoded', async () => {
  const { page } = vscode;
  const redis = new Redis({ host: 'localhost', port, protocol: 2 });
  const ids: string[] = [];
  for (let i = 0; i < 70; i++)
    ids.push((await redis.xadd('digits', '*', 'uri', `queued-${i}`, 'data', '')) ?? '');
  await vscode.command('View: Close All Editors');
  await row('71 waiting').first().waitFor();
  await open(/^Waiting/);
  await row('queued-0').waitFor();
  await vscode.screenshot('waiting-dark');
  await page.keyboard.press('End');
  await row('more…').click();
  await row('more…').waitFor({ state: 'hidden' });
  await page.keyboard.press('End');
  await vscode.act(row('queued-69'), 'Show Record');
  await vscode.webview().locator('h1', { hasText: 'queued-69' }).waitFor();
  await vscode.command('View: Close All Editors');
  await redis.xdel('digits', ...ids);
  redis.disconnect();
  await row('1 waiting').first().waitFor();
  await row(/^Waiting/)
    .first()
    .click();
  await row('queued-69').waitFor({ state: 'hidden' });
});

test('what is pending is shown in pages, and moved to the dead letters after a question', async () => {
  const { page } = vscode;
  // Sixty records that a worker took and will never answer.
  const redis = new Redis({ host: 'localhost', port, protocol: 2 });
  for (let i = 0; i < 60; i++) await redis.xadd('digits', '*', 'uri', `held-${i}`, 'data', '');
  await redis.xreadgroup('GROUP', 'serving', 'cs-gone', 'COUNT', 100, 'STREAMS', 'digits', '>');
  redis.disconnect();
  await vscode.command('View: Close All Editors');
  await row('61 pending').first().waitFor();
  await open(/^Pending/);
  await row('held-0').waitFor();
  await page.keyboard.press('End');
  await row('more…').click();
  await row('more…').waitFor({ state: 'hidden' });
  await page.keyboard.press('End');
  await page.keyboard.press('Home');
  await row('held-0').click();
  await vscode.webview().locator('h1', { hasText: 'held-0' }).waitFor();
  await vscode.choose(row('held-0'), 'Move to the Dead Letters');
  const dialog = page.locator('.monaco-dialog-box');
  await dialog.locator('.monaco-button', { hasText: /^Move$/ }).click();
  await row('60 pending').first().waitFor();
  expect(letters()[0]).toMatchObject({ uri: 'held-0', consumer: 'cs-gone' });
});
