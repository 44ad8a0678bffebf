import { cpSync, mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { made } from './made.ts';
import { closeWindows, openWindow, type VscodeWindow } from './window.ts';

const root = join(import.meta.dirname, '..', '..');
const fixtures = join(root, 'test', 'fixtures');
const folder = join(root, '.cache', 'e2e-model');
const workspace = join(folder, 'workspace');

let vscode: VscodeWindow;

beforeAll(async () => {
  rmSync(folder, { recursive: true, force: true });
  mkdirSync(join(workspace, 'fixed'), { recursive: true });
  cpSync(join(root, 'examples', 'digits'), workspace, { recursive: true });
  cpSync(join(fixtures, 'models', 'fixedBatch', 'fixedBatch.onnx'), join(workspace, 'fixed', 'fixed.onnx'));
  cpSync(join(fixtures, 'runtimes', 'ir'), join(workspace, 'ir'), { recursive: true });
  cpSync(join(fixtures, 'runtimes', 'tflite'), join(workspace, 'tflite'), { recursive: true });
  writeFileSync(join(workspace, 'pom.xml'), '<project/>\n');
  const state = join(folder, 'state');
  vscode = await openWindow({ ...made, workspace, folder, env: { CLUSTER_SERVING_STATE: state } });
}, 300_000);

afterAll(() => closeWindows());

/** An editor that is no text is not what `openFile` waits for. */
async function open(path: string): Promise<void> {
  await vscode.command('View: Close All Editors');
  await vscode.quickInput.openFile(path);
}

const shown = (text: string | RegExp) => vscode.webview().locator('main', { hasText: text });

test('a model of ONNX opens as a page: what it takes and gives, and its operators', async () => {
  await open('model/digits.onnx');
  await shown('Records may share runs').waitFor();
  await shown('ONNX Runtime').waitFor();
  await vscode.webview().locator('.operators th').first().waitFor();
  expect(await vscode.webview().locator('.signature tbody tr, .signature > tr').count()).toBeGreaterThan(1);
  await vscode.screenshots('model', async (kind) => {
    await vscode.webview().locator(`body[data-vscode-theme-kind="${kind}"]`).waitFor();
    expect(await vscode.violations()).toEqual([]);
  });
});

test('a model whose rows cannot be batched says why', async () => {
  await open('fixed/fixed.onnx');
  await shown(/Each record has a run of its own: .*fixed/).waitFor();
});

test('a model whose runtime is missing shows what its file says, and how to install that', async () => {
  await open('tflite/picture.tflite');
  await shown('CONV_2D').waitFor();
  await shown('cluster-serving runtime install openvino').waitFor();
  expect(await vscode.violations()).toEqual([]);
  await vscode.screenshot('model-missing-dark');
});

test('XML opens as text, and an OpenVINO IR as a page if that is asked for', async () => {
  const { page } = vscode;
  await vscode.openFile('ir/ir.xml');
  await vscode.command('View: Reopen Editor With...');
  await vscode.quickInput.take('Model');
  await shown('IR 11').waitFor();
  await vscode.webview().locator('button', { hasText: 'Open as Text' }).click();
  await page.locator('.view-line', { hasText: '<net' }).first().waitFor();
});

test('XML of another kind says that it is no model', async () => {
  await vscode.openFile('pom.xml');
  await vscode.command('View: Reopen Editor With...');
  await vscode.quickInput.take('Model');
  await vscode.webview().locator('.notice.bad').waitFor();
});

test('the page fits a narrow window', async () => {
  await open('model/digits.onnx');
  await shown('Records may share runs').waitFor();
  await vscode.command('View: Toggle Primary Side Bar Visibility');
  await vscode.page.setViewportSize({ width: 400, height: 800 });
  expect(await vscode.violations()).toEqual([]);
  const body = vscode.webview().locator('body');
  expect(await body.evaluate('document.body.scrollWidth <= document.body.clientWidth')).toBe(true);
  await vscode.screenshot('model-narrow-dark');
});
