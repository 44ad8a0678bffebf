import { spawnSync } from 'node:child_process';
import { cpSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { made } from './made.ts';
import { appears, attemptMs, until } from './until.ts';
import { closeWindows, openWindow, type VscodeWindow } from './window.ts';
import { freePort } from '../support/redis.ts';

const root = join(import.meta.dirname, '..', '..');
const folder = join(root, '.cache', 'e2e-arrange');
const workspace = join(folder, 'workspace');
const state = join(folder, 'state');
/** The one that is started, and seven that are only listed. */
const served = 'vision-0';
const listed = ['vision-1', 'vision-2', 'vision-3', 'audio-0', 'audio-1', 'audio-2', 'audio-3'] as const;

let vscode: VscodeWindow;

function configOf(name: string): string {
  return join(workspace, ...name.split('-'), 'config.yaml');
}

function pane() {
  return vscode.page.locator('.pane', { has: vscode.page.locator('.pane-header', { hasText: 'Jobs' }) });
}

/** The labels of the rows that are seen, from top to bottom. */
async function labels(): Promise<readonly string[]> {
  const rows = pane().locator('.monaco-list-row:not(.monaco-tree-sticky-row)');
  const places = await rows.evaluateAll(
    (
      elements: {
        readonly style: { readonly top: string };
        querySelector(of: string): { textContent: string | null } | null;
      }[],
    ) =>
      elements.map(
        (one) => [parseFloat(one.style.top), one.querySelector('.label-name')?.textContent ?? ''] as const,
      ),
  );
  return places.sort(([a], [b]) => a - b).map(([, label]) => label);
}

async function shows(expected: readonly string[]): Promise<void> {
  let seen: readonly string[] = [];
  try {
    await until(
      async () => {
        seen = await labels();
        return JSON.stringify(seen) === JSON.stringify(expected);
      },
      `the view shows ${expected.join(', ')}`,
    );
  } catch (error) {
    throw new Error(`It shows ${seen.join(', ')}.`, { cause: error });
  }
}

async function filter(text: string): Promise<void> {
  await vscode.command('Cluster Serving: Filter Jobs…');
  await until(async () => (await vscode.quickInput.shown())?.title.includes('Filter Jobs') ?? false);
  await vscode.quickInput.fill(text);
}

/** Ticks the one state of the box that is open. A row takes no click but a real one, and the list may just be drawn. */
async function tick(label: string): Promise<void> {
  const box = vscode.page.locator('.quick-input-widget:visible');
  const row = box.locator('.monaco-list-row .label-name', { hasText: new RegExp(`^${label}$`) });
  await until(async () => {
    if (await appears(box.getByText('1 Selected'))) return true;
    await row.click({ timeout: attemptMs });
    return false;
  }, `"${label}" is ticked`);
}

async function accept(): Promise<void> {
  await vscode.page.locator('.quick-input-widget:visible input.input').press('Enter');
  await until(async () => (await vscode.quickInput.shown()) === undefined, 'the box is closed');
}

async function group(by: string): Promise<void> {
  await vscode.command('Cluster Serving: Group Jobs…');
  await vscode.quickInput.take(by);
}

beforeAll(async () => {
  rmSync(folder, { recursive: true, force: true });
  const port = await freePort();
  const digits = join(root, 'examples', 'digits');
  cpSync(digits, dirname(configOf(served)), { recursive: true });
  const text = readFileSync(join(digits, 'config.yaml'), 'utf8');
  for (const name of [served, ...listed]) {
    mkdirSync(dirname(configOf(name)), { recursive: true });
    writeFileSync(
      configOf(name),
      `${text.replace('jobName: digits', `jobName: ${name}`)}\nredisUrl: localhost:${port}\n`,
    );
  }
  vscode = await openWindow({ ...made, workspace, folder, env: { CLUSTER_SERVING_STATE: state } });
}, 300_000);

afterAll(async () => {
  await closeWindows();
  const program = join(root, 'bin', 'cluster-serving.cjs');
  spawnSync(process.execPath, [program, 'shutdown', '--yes', '-c', configOf(served)], {
    env: { ...process.env, CLUSTER_SERVING_STATE: state },
  });
});

test('from eight jobs on the view offers groups, by folder for instance', async () => {
  const { page } = vscode;
  await vscode.showJobs();
  const offer = page.locator('.notification-list-item', { hasText: 'There are 8 jobs.' });
  await offer.locator('.monaco-button', { hasText: 'Group Jobs' }).click();
  await vscode.quickInput.take('Folder');
  await shows([
    'audio',
    'audio-0',
    'audio-1',
    'audio-2',
    'audio-3',
    'vision',
    served,
    'vision-1',
    'vision-2',
    'vision-3',
  ]);
  await vscode.screenshots('arrange-folders');
});

test('groups are kept with the workspace', async () => {
  await vscode.reload();
  await vscode.showJobs();
  await vscode.job('audio').waitFor();
  expect(await vscode.page.locator('.notification-list-item', { hasText: 'There are 8 jobs.' }).count()).toBe(
    0,
  );
});

test('a filter shows the jobs that have its words, and says how many it leaves out', async () => {
  await filter('vision redis');
  await vscode.screenshot('arrange-filter-dark');
  await accept();
  await shows(['vision', served, 'vision-1', 'vision-2', 'vision-3']);
  await pane().locator('.pane-header', { hasText: '4 of 8: “vision redis”' }).waitFor();
  await vscode.screenshots('arrange-filtered');
});

test('where no job matches the view says so, and Clear Filter shows all again', async () => {
  await filter('speech');
  await accept();
  await pane().getByText('No job matches the filter.').waitFor();
  await shows([]);
  await vscode.screenshot('arrange-none-dark');
  await pane().locator('.pane-header').hover();
  await pane().locator('.pane-header .action-label[aria-label*="Clear Filter"]').click();
  await vscode.job('audio-3').waitFor();
  await pane().locator('.pane-header', { hasText: 'of 8' }).waitFor({ state: 'detached' });
});

test('a job that starts comes into the group of its state, where its row acts as before', async () => {
  await group('State');
  await shows([
    'not running',
    'audio-0',
    'audio-1',
    'audio-2',
    'audio-3',
    served,
    'vision-1',
    'vision-2',
    'vision-3',
  ]);
  await vscode.act(vscode.job(served), 'Start');
  await shows(['running', served, 'not running', ...[...listed].sort()]);
  await vscode.screenshot('arrange-states-dark');
  await filter('');
  await tick('running');
  await accept();
  await shows(['running', served]);
  await vscode.act(vscode.job(served), 'Stop');
  await shows([]);
  await pane().getByText('No job matches the filter.').waitFor();
  await vscode.command('Cluster Serving: Clear Filter');
  await group('No Groups');
  await shows([...listed, served].sort());
});
