import { mkdirSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import { root } from '../support/serving.ts';
import { openBrowserOnly } from './browserOnly.ts';
import { made } from './made.ts';
import { quickInputOf } from './quickInput.ts';

test('where there is only a browser, the extension checks, completes, fixes and converts configs, and hides the rest', async () => {
  const folder = join(root, '.cache', 'e2e-browser');
  const shots = join(folder, 'screenshots');
  rmSync(folder, { recursive: true, force: true });
  mkdirSync(shots, { recursive: true });
  const { node, server, chromium, unpacked, webSuite } = made;
  const vscode = await openBrowserOnly({ node, server, chromium, extension: unpacked, suite: webSuite, folder });
  onTestFinished(() => vscode.close());
  const { page } = vscode;
  // The suite ends by showing a config that has problems, until it is changed.
  await page.locator('.tab.active', { hasText: 'shown.yaml' }).waitFor();
  await page.locator('.squiggly-error, .squiggly-warning').first().waitFor({ state: 'attached' });
  await quickInputOf(page).showCommands('Cluster Serving: ');
  const rows = page.locator('.quick-input-widget:visible .monaco-list-row .label-name');
  await rows.filter({ hasText: 'Convert' }).first().waitFor();
  await page.screenshot({ path: join(shots, 'browser.png') });
  const titles = await rows.allTextContents();
  expect(titles.filter((title) => /start|stop|predict|monitor|queue|redis/i.test(title) && !/language/i.test(title))).toEqual([]);
  expect(await page.locator('.activitybar .action-label[aria-label^="Cluster Serving"]').count()).toBe(0);
  await page.keyboard.press('Escape');
  await page.keyboard.type('#');
  expect(await vscode.suiteEnd()).toEqual({ code: 0, log: expect.stringMatching(/^ *7 passing/m) as string });
}); // prettier-ignore
