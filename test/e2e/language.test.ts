import { spawnSync } from 'node:child_process';
import { cpSync, mkdirSync, readFileSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { clickNow } from './inPage.ts';
import { made } from './made.ts';
import { until } from './until.ts';
import { closeWindows, openWindow, type VscodeWindow } from './window.ts';
import { freePort } from '../support/redis.ts';

const root = join(import.meta.dirname, '..', '..');
const folder = join(root, '.cache', 'e2e-language');
const workspace = join(folder, 'workspace');
const state = join(folder, 'state');
const config = join(workspace, 'digits', 'config.yaml');

let vscode: VscodeWindow;

beforeAll(async () => {
  rmSync(folder, { recursive: true, force: true });
  mkdirSync(workspace, { recursive: true });
  cpSync(join(root, 'examples', 'digits'), join(workspace, 'digits'), { recursive: true });
  const redisUrl = `redisUrl: localhost:${await freePort()}`;
  writeFileSync(config, `${readFileSync(config, 'utf8')}\n${redisUrl}\n`);
  writeFileSync(
    join(workspace, 'production.yaml'),
    `modelPath: digits/model\njobName: production\n${redisUrl}\n`,
  );
  writeFileSync(join(workspace, 'models.yaml'), 'modelMetaDataList: []\n');
  writeFileSync(join(workspace, 'site.yaml'), 'title: A site\nbaseURL: https://example.org\n');
  writeFileSync(join(workspace, 'half.yaml'), 'modelPath: digits/model\nb: 1\nc: 2\n');
  // Another extension that answers for YAML, as the one that most people have.
  const beside = join(folder, 'other');
  cpSync(join(import.meta.dirname, 'otherYaml'), beside, { recursive: true });
  const env = { CLUSTER_SERVING_STATE: state };
  vscode = await openWindow({ ...made, workspace, folder, env, beside });
}, 300_000);

afterAll(async () => {
  await closeWindows();
  // What a failed test has left running.
  const program = join(root, 'bin', 'cluster-serving.cjs');
  spawnSync(process.execPath, [program, 'shutdown', '--yes', '-c', config], {
    env: { ...process.env, CLUSTER_SERVING_STATE: state },
  });
});

/** The language that the status bar names. */
const mode = (name: string) =>
  vscode.page.locator('.statusbar-item .statusbar-item-label', { hasText: new RegExp(`^${name}$`) });
const languageStatus = () => vscode.page.locator('.statusbar-item[id="status.languageStatus"]');
const lens = (text: string) => vscode.page.locator('.codelens-decoration a', { hasText: text });

test('a config has a language of its own, and foreign YAML keeps its', async () => {
  await vscode.openFile('site.yaml');
  await mode('YAML').waitFor();
  await vscode.openFile('digits/config.yaml');
  await mode('Cluster Serving').waitFor();
  await vscode.openFile('site.yaml');
  await mode('YAML').waitFor();
});

test('beside another extension for YAML there is one hover and one list', async () => {
  const { page } = vscode;
  await vscode.openFile('site.yaml');
  const hover = page.locator('.monaco-hover:not(.hidden)');
  await vscode.hover(
    page.locator('.view-line span', { hasText: 'title' }).last(),
    hover.filter({ hasText: 'of the other extension' }),
  );
  await vscode.openFile('digits/config.yaml');
  await mode('Cluster Serving').waitFor();
  await vscode.hover(
    page.locator('.view-line span', { hasText: 'modelPath' }).last(),
    hover.filter({ hasText: 'modelPath' }).first(),
  );
  expect(await page.locator('.monaco-hover', { hasText: 'of the other extension' }).count()).toBe(0);
  await page.keyboard.press('Escape');
  await page.keyboard.press('Control+End');
  await page.keyboard.type('threadPer');
  await page.keyboard.press('Control+Space');
  const list = page.locator('.suggest-widget.visible .monaco-list-row');
  await list.filter({ hasText: 'threadPerModel' }).waitFor();
  expect(await list.count()).toBe(1);
  await page.keyboard.press('Escape');
  await vscode.command('File: Revert File');
});

test('lenses start a job, show its state and stop it', async () => {
  await vscode.openFile('digits/config.yaml');
  await lens('stopped').waitFor();
  await lens('Start').click();
  await lens('running').waitFor();
  await vscode.screenshot('lenses-dark');
  await lens('Stop').click();
  await lens('stopped').waitFor();
});

test('the button that starts a config is there whatever its name is, and not on a list of models', async () => {
  const start = vscode.page.locator('.editor-actions .action-label[aria-label^="Start"]');
  await vscode.openFile('models.yaml');
  await mode('Cluster Serving').waitFor();
  await start.waitFor({ state: 'hidden' });
  await vscode.openFile('production.yaml');
  await mode('Cluster Serving').waitFor();
  await start.waitFor();
  await until(() => clickNow(start), 'the button that starts is there');
  await lens('running').waitFor();
  await vscode.showJobs();
  await vscode.job('production').locator('.codicon-pass-filled').waitFor();
  await lens('Stop').click();
  await lens('stopped').waitFor();
});

test('a server that is killed comes back, with its problems and the state of the job', async () => {
  const { page } = vscode;
  await vscode.openFile('digits/config.yaml');
  await page.keyboard.press('Control+End');
  await page.keyboard.insertText('unheardOf: 1\n');
  const squiggle = page.locator('.squiggly-warning, .squiggly-error').first();
  await squiggle.waitFor();
  const before = servers();
  expect(before).toHaveLength(1);
  // What is typed meanwhile goes to a server that is no longer there: more messages than its client stands by default.
  for (const pid of before) process.kill(pid, 'SIGKILL');
  for (const letter of '# typed meanwhile\n') await page.keyboard.insertText(letter);
  await until(() => servers().length === 1 && servers()[0] !== before[0]);
  await page.keyboard.insertText('unheardOfToo: 1\n');
  await until(async () => (await page.locator('.squiggly-warning, .squiggly-error').count()) >= 2);
  await lens('stopped').waitFor();
  await vscode.hover(languageStatus(), page.locator('.hover-language-status', { hasText: 'SIGKILL' }));
  await page.keyboard.press('Escape');
  await vscode.command('File: Revert File');
});

test('a file that is not recognised says so, and becomes a config with one click', async () => {
  const { page } = vscode;
  await vscode.openFile('half.yaml');
  await mode('YAML').waitFor();
  const itIsOne = page.locator('.hover-language-status a', { hasText: 'It is one' });
  await vscode.hover(languageStatus(), itIsOne);
  await itIsOne.click();
  await mode('Cluster Serving').waitFor();
  await page.locator('.view-line', { hasText: '# cluster-serving' }).waitFor();
  await vscode.command('Cluster Serving: Leave This File Alone');
  await mode('YAML').waitFor();
  await vscode.command('File: Revert File');
});

/** The language servers of this window, by their process ids: there is no other in this folder. */
function servers(): readonly number[] {
  return readdirSync('/proc')
    .filter((name) => /^\d+$/.test(name))
    .filter((pid) => {
      try {
        return (
          readFileSync(`/proc/${pid}/cmdline`, 'utf8').includes(join(folder, 'extensions')) &&
          readFileSync(`/proc/${pid}/cmdline`, 'utf8').includes('languageServer.cjs')
        );
      } catch {
        // It has ended since.
        return false;
      }
    })
    .map(Number);
}
