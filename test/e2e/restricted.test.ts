import { cpSync, mkdirSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { made } from './made.ts';
import { closeWindows, openWindow, type VscodeWindow } from './window.ts';

const root = join(import.meta.dirname, '..', '..');
const folder = join(root, '.cache', 'e2e-restricted');
const workspace = join(folder, 'workspace');

let vscode: VscodeWindow;

beforeAll(async () => {
  rmSync(folder, { recursive: true, force: true });
  mkdirSync(workspace, { recursive: true });
  cpSync(join(root, 'examples', 'digits'), workspace, { recursive: true });
  const env = { CLUSTER_SERVING_STATE: join(folder, 'state') };
  vscode = await openWindow({ ...made, workspace, folder, env, isRestricted: true });
}, 300_000);

afterAll(async () => {
  await closeWindows();
});

test('a config is checked in a workspace that is not trusted', async () => {
  await vscode.openFile('config.yaml');
  await vscode.page.keyboard.press('Control+Home');
  await vscode.page.keyboard.insertText('modlPath: model\n');
  await vscode.page.locator('.squiggly-warning, .squiggly-error').first().waitFor();
  expect(await vscode.page.locator('.codelens-decoration', { hasText: 'Start' }).count()).toBe(0);
});

test('nothing can be started there, and the view says why', async () => {
  const { page } = vscode;
  await vscode.showJobs();
  await vscode.screenshot('restricted-dark');
  await page.locator('.welcome-view-content', { hasText: 'trusted workspaces' }).waitFor();
  const row = (label: string) =>
    page.locator('.quick-input-widget:visible .monaco-list-row .label-name', { hasText: label });
  // All commands of the extension that can be run now; they are few enough to be seen at once.
  await vscode.quickInput.showCommands('Cluster Serving: ');
  await row('Restart Language Server').waitFor();
  await row('Report Issue').waitFor();
  expect(await row('Cluster Serving: Start').count()).toBe(0);
  expect(await row('Cluster Serving: Stop').count()).toBe(0);
});
