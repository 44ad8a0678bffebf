import { spawnSync } from 'node:child_process';
import { cpSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { Redis } from 'ioredis';
import { afterAll, beforeAll, expect, test } from 'vitest';
import type { DeadLetter, Page } from '../../schemas/redis/queueReports.ts';
import { made } from './made.ts';
import { until } from './until.ts';
import { closeWindows, openWindow, type VscodeWindow } from './window.ts';
import { freePort } from '../support/redis.ts';

const root = join(import.meta.dirname, '..', '..');
const folder = join(root, '.cache', 'e2e-records');
const workspace = join(folder, 'workspace');
const state = join(folder, 'state');
const config = join(workspace, 'config.yaml');
const waiting = 100_000;

let vscode: VscodeWindow;
let port: number;

function cli(...args: readonly string[]): string {
  const program = join(root, 'bin', 'cluster-serving.cjs');
  const { stdout } = spawnSync(process.execPath, [program, ...args, '-c', config], {
    encoding: 'utf8',
    env: { ...process.env, CLUSTER_SERVING_STATE: state },
  });
  return stdout;
}

function letters(): readonly DeadLetter[] {
  return (JSON.parse(cli('queue', 'dead', '--json')) as Page<DeadLetter>).records;
}

/** A queue that no worker serves: images, many records, some in flight, and three dead letters. */
async function fill(): Promise<void> {
  const redis = new Redis({ host: 'localhost', port, protocol: 2 });
  const put = (uri: string, data: string) =>
    redis.xadd('digits', '*', 'uri', uri, 'data', data, 'serde', 'stream');
  const held = await Promise.all([1, 2, 3, 4, 5].map((i) => put(`held-${i}`, '{"instances": [{"n": 1}]}')));
  await redis.xreadgroup('GROUP', 'serving', 'cs-gone', 'COUNT', held.length, 'STREAMS', 'digits', '>');
  for (const name of ['digit-00', 'digit-03', 'digit-07']) {
    const image = readFileSync(join(workspace, 'images', `${name}.png`)).toString('base64');
    await put(name, `{"instances": [{"image": {"b64": "${image}"}}]}`);
  }
  const dead = await Promise.all([1, 2, 3].map((i) => put(`dead-${i}`, '{"instances": [{"n": [1, 2.5]}]}')));
  for (let from = 0; from < waiting; from += 5_000) {
    const pipeline = redis.pipeline();
    for (let i = from; i < from + 5_000; i++) pipeline.xadd('digits', '*', 'uri', `r-${i}`, 'data', '');
    await pipeline.exec();
  }
  redis.disconnect();
  cli('queue', 'kill', ...dead.map(String));
}

/** The rows of the view of queues that show this. */
function row(text: string | RegExp) {
  return vscode.page
    .locator('.pane', { has: vscode.page.locator('.pane-header', { hasText: 'Queues' }) })
    .locator('.monaco-list-row:not(.monaco-tree-sticky-row)', { hasText: text });
}

const records = () => vscode.webview().locator('.gridbody .gridrow');
const status = () => vscode.webview().locator('.count');

async function choose(list: string): Promise<void> {
  await vscode.webview().locator('.segments button', { hasText: list }).click();
}

beforeAll(async () => {
  rmSync(folder, { recursive: true, force: true });
  mkdirSync(workspace, { recursive: true });
  cpSync(join(root, 'examples', 'digits'), workspace, { recursive: true });
  port = await freePort();
  writeFileSync(config, `${readFileSync(config, 'utf8')}\nredisUrl: localhost:${port}\n`);
  cli('start');
  cli('stop');
  await fill();
  vscode = await openWindow({ ...made, workspace, folder, env: { CLUSTER_SERVING_STATE: state } });
}, 300_000);

afterAll(async () => {
  await closeWindows();
  cli('shutdown', '--yes');
});

test('a queue of a hundred thousand records is a table of which only what is in view is drawn', async () => {
  const { page } = vscode;
  await vscode.showJobs();
  await page.locator('.pane-header', { hasText: 'Queues' }).click();
  await row('digits').first().waitFor();
  await vscode.act(row('digits').first(), 'Open Records');
  await records().filter({ hasText: 'dead-3' }).waitFor();
  await status().filter({ hasText: 'of 100,011 are loaded' }).waitFor();
  const grid = vscode.webview().locator('.grid');
  await vscode.webview().locator('.preview img').first().waitFor();
  await grid.focus();
  await page.keyboard.press('End');
  // The end of what is loaded asks for more.
  await status()
    .filter({ hasText: /^[2-9],0/ })
    .waitFor();
  expect(await records().count()).toBeLessThan(100);
  await page.keyboard.press('Home');
  await records().filter({ hasText: 'dead-3' }).waitFor();
});

test('the page of records is accessible in every theme', async () => {
  await vscode.screenshots('records', async (kind) => {
    await vscode.webview().locator(`body[data-vscode-theme-kind="${kind}"]`).waitFor();
    expect(await vscode.violations()).toEqual([]);
  });
});

test('a search finds a record wherever it stands, and a click opens it', async () => {
  const search = vscode.webview().locator('input[type=search]');
  await search.fill('R-99998');
  await status().filter({ hasText: '1 found among all 100,011' }).waitFor();
  await records().filter({ hasText: 'r-99998' }).locator('.col-name').click();
  await vscode.page.locator('.tab', { hasText: 'r-99998' }).waitFor();
  await vscode.screenshot('records-opened-dark');
  await vscode.page.locator('.tab', { hasText: 'Records of digits' }).click();
  await vscode.command('View: Close Editors in Other Groups');
  await search.fill('');
  await records().filter({ hasText: 'dead-3' }).waitFor();
});

test('the lists can be looked at one by one, sorted, and while the list is paused nothing moves', async () => {
  await choose('In flight');
  await status().filter({ hasText: 'all 5 are loaded' }).waitFor();
  const first = records().and(vscode.webview().locator('[aria-rowindex="2"]'));
  await vscode.webview().locator('button.sort', { hasText: 'uri or id' }).click();
  await first.filter({ hasText: 'held-1' }).waitFor();
  await vscode.webview().locator('button.sort', { hasText: 'uri or id' }).click();
  await first.filter({ hasText: 'held-5' }).waitFor();
  await vscode.webview().locator('button.sort', { hasText: 'uri or id' }).click();
  await vscode.webview().locator('button', { hasText: 'Pause' }).click();
  cli(
    'queue',
    'kill',
    (JSON.parse(cli('queue', 'pending', '--json')) as Page<DeadLetter>).records[0]?.id ?? '',
  );
  await vscode.webview().locator('.segments button', { hasText: 'In flight 4' }).waitFor();
  expect(await records().count()).toBe(5);
  await vscode.webview().locator('button', { hasText: 'Follow' }).click();
  await until(async () => (await records().count()) === 4);
});

test('records that are selected are put back, or moved to the dead letters after a question', async () => {
  const { page } = vscode;
  await choose('Dead letters');
  await status().filter({ hasText: 'all 4 are loaded' }).waitFor();
  await records().filter({ hasText: 'dead-1' }).locator('.check').click();
  await vscode.webview().locator('.grid').focus();
  await page.keyboard.press('Control+A');
  await vscode.webview().locator('.chosen', { hasText: '4 selected' }).waitFor();
  await vscode.screenshot('records-selected-dark');
  await vscode.webview().locator('button', { hasText: 'Put Back (4)' }).click();
  await until(() => letters().length === 0);
  await vscode.webview().locator('p', { hasText: 'The queue is empty.' }).waitFor();
  await choose('In flight');
  await records().filter({ hasText: 'held-2' }).locator('.check').click();
  await vscode.webview().locator('button', { hasText: 'Move to the Dead Letters (1)' }).click();
  await page.locator('.monaco-dialog-box .monaco-button', { hasText: /^Move$/ }).click();
  await until(() => letters().some(({ uri }) => uri === 'held-2'));
  await records().filter({ hasText: 'held-2' }).waitFor({ state: 'hidden' });
});

test('the page is there again after a reload, and fits a narrow window', async () => {
  const { page } = vscode;
  const loaded = page.waitForEvent('load');
  await vscode.command('Developer: Reload Window');
  await loaded;
  await records().filter({ hasText: 'held-2' }).waitFor();
  await vscode.command('View: Toggle Primary Side Bar Visibility');
  await page.setViewportSize({ width: 400, height: 800 });
  await vscode.webview().locator('.preview .line').first().waitFor();
  expect(await vscode.violations()).toEqual([]);
  const body = vscode.webview().locator('body');
  expect(await body.evaluate('document.body.scrollWidth <= document.body.clientWidth')).toBe(true);
  await vscode.screenshot('records-narrow-dark');
});
