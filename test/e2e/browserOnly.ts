import { spawn } from 'node:child_process';
import { existsSync, mkdirSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { format } from 'node:util';
import { chromium, type BrowserContext, type Page } from 'playwright-core';
import { watchPage } from './evidence.ts';
import { until } from './until.ts';
import { cleanEnvironment, endGroup } from './window.ts';
import { freePort } from '../support/redis.ts';

export interface BrowserOnlySetup {
  /** Of the VS Code that the tests installed. */
  readonly node: string;
  readonly server: string;
  readonly chromium: string;
  /** The folder of the unpacked extension. */
  readonly extension: string;
  /** The file of the suite, which runs as a worker beside the extension. */
  readonly suite: string;
  /** For the profile. */
  readonly folder: string;
}

/** Each of its tests may wait a minute. */
const suiteMs = 120_000;

/** A VS Code that is a page and nothing else. */
export interface BrowserOnly {
  readonly page: Page;
  /** Ends when the suite has. @returns its exit code, and what the workers wrote to their console */
  suiteEnd(): Promise<{ readonly code: number | undefined; readonly log: string }>;
  close(): Promise<void>;
}

/** Opens VS Code as it is where nothing but a browser is, as at vscode.dev: its server only gives files, the page is not
 *  connected to it, and the workspace is in the browser's memory. */
export async function openBrowserOnly(setup: BrowserOnlySetup): Promise<BrowserOnly> {
  mkdirSync(setup.folder, { recursive: true });
  const port = await freePort();
  const options = ['--host', '127.0.0.1', '--port', String(port), '--without-connection-token', '--telemetry-level', 'off', '--server-data-dir', setup.folder, '--accept-server-license-terms'];
  const server = spawn(setup.node, [setup.server, ...options], { env: cleanEnvironment({}), detached: true, stdio: 'ignore' });
  const address = `http://127.0.0.1:${port}`;
  await until(async () => (await fetch(`${address}/version`)).ok);
  const browser = await chromium.launch({
    executablePath: setup.chromium,
    args: ['--no-sandbox', '--disable-gpu', '--disable-dev-shm-usage', '--disable-background-networking'],
  });
  const context = await browser.newContext({ viewport: { width: 1280, height: 800 } });
  await serveFiles(context, address, setup);
  await withoutServer(context, address, setup);
  const page = await context.newPage();
  watchPage(page, setup.folder);
  const lines: string[] = [];
  let code: number | undefined;
  await page.exposeFunction('codeAutomationLog', (_type: string, args: readonly unknown[]) => {
    lines.push(format(...args));
  });
  await page.exposeFunction('codeAutomationExit', (exit: number) => {
    code = exit;
  });
  await page.goto(address);
  return {
    page,
    async suiteEnd() {
      // What was logged says more than that it took too long.
      await until(() => code !== undefined, 'the suite ends', suiteMs).catch(() => undefined);
      return { code, log: lines.join('\n') };
    },
    async close() {
      await browser.close();
      await endGroup(server);
    },
  };
} // prettier-ignore

/** Where the page finds the extension and the suite. A suite is run by what runs the extension that it lies in. */
const extensionPath = '/extension-under-test';
const suitePath = `${extensionPath}/suite-under-test.js`;

async function serveFiles(context: BrowserContext, address: string, { extension, suite }: BrowserOnlySetup): Promise<void> {
  await context.route(`${address}${extensionPath}/**`, (route) => {
    const { pathname } = new URL(route.request().url());
    const path = join(extension, decodeURIComponent(pathname.slice(extensionPath.length)));
    return existsSync(path) ? route.fulfill({ path }) : route.fulfill({ status: 404 });
  });
  await context.route(`${address}${suitePath}`, (route) => route.fulfill({ path: suite }));
} // prettier-ignore

/** Takes from the page what connects it to the server that it comes from, and gives it a workspace in memory. */
async function withoutServer(context: BrowserContext, address: string, { server }: BrowserOnlySetup): Promise<void> {
  const program = join(dirname(server), 'vs', 'code', 'browser', 'workbench', 'workbench.js');
  const connected = readFileSync(program, 'utf8');
  const body = connected.replace('remoteAuthority:location.host', 'remoteAuthority:void 0');
  if (body === connected) throw new Error(`${program} does not connect as it did: this is another version.`);
  await context.route('**/vs/code/browser/workbench/workbench.js', (route) =>
    route.fulfill({ contentType: 'text/javascript', body }),
  );
  await context.route(`${address}/`, async (route) => {
    const response = await route.fetch();
    const html = await response.text();
    const changed = html.replace(
      /(id="vscode-workbench-web-configuration" data-settings=")([^"]*)/,
      (_, before: string, settings: string) => before + escaped(configuration(unescaped(settings), address)),
    );
    await route.fulfill({ response, body: changed });
  });
} // prettier-ignore

function configuration(settings: string, address: string): string {
  const at = (path: string) => ({ scheme: 'http', authority: new URL(address).host, path });
  return JSON.stringify({
    ...(JSON.parse(settings) as object),
    folderUri: { scheme: 'tmp', path: '/workspace' },
    enableWorkspaceTrust: false,
    configurationDefaults: { 'workbench.startupEditor': 'none', 'chat.disableAIFeatures': true },
    developmentOptions: {
      enableSmokeTestDriver: true,
      extensions: [at(extensionPath)],
      extensionTestsPath: at(suitePath),
    },
  });
}

function escaped(text: string): string {
  return text.replaceAll('&', '&amp;').replaceAll('"', '&quot;');
}

function unescaped(text: string): string {
  return text.replaceAll('&quot;', '"').replaceAll('&amp;', '&');
}
