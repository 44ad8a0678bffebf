import { spawn, type ChildProcess } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { mkdirSync, writeFileSync } from 'node:fs';
import { createServer, type AddressInfo } from 'node:net';
import { basename, join } from 'node:path';
import { format } from 'node:util';
import { createVSIX } from '@vscode/vsce';
import axe, { type AxeResults } from 'axe-core';
import { chromium, type Browser, type FrameLocator, type Locator, type Page } from 'playwright-core';

export interface WindowSetup {
  /** Of the VS Code that the tests installed. */
  readonly node: string;
  readonly server: string;
  readonly vsix: string;
  readonly chromium: string;
  readonly workspace: string;
  /** For profile, extensions and logs. */
  readonly folder: string;
  readonly env: Readonly<Record<string, string>>;
  /** The folder of another extension that is installed, too. */
  readonly beside?: string;
  /** Whether the workspace is not trusted yet. */
  readonly isRestricted?: boolean;
  /** A suite that runs in the extension host as soon as the window is open. */
  readonly suite?: Suite;
}

interface Suite {
  readonly file: string;
  /** The folder of the extension under development, as the editor calls it. */
  readonly extension: string;
  /** What the extension host writes to its console. */
  readonly onLine: (line: string) => void;
  /** @param code  0 if the suite passed, or the extension host died */
  readonly onEnd: (code: number) => void;
}

/** A VS Code with the packaged extension in it, as a person sees it. */
export interface VscodeWindow {
  readonly page: Page;
  command(title: string): Promise<void>;
  openFile(name: string): Promise<void>;
  /** Opens the view of the jobs, unless it is open: its icon would close it. */
  showJobs(): Promise<void>;
  /** The rows of the jobs view whose label is this. */
  job(label: string | RegExp): Locator;
  /** Chooses from the menu of a row. */
  choose(row: Locator, title: string): Promise<void>;
  /** A second window of the same server, on the same workspace. */
  another(): Promise<VscodeWindow>;
  notification(text: RegExp): Locator;
  /** Answers the editor's own dialog for files. */
  chooseFile(path: string): Promise<void>;
  /** The page in the webview that is shown. */
  webview(): FrameLocator;
  /** What axe finds wrong with that page, in short. */
  violations(): Promise<readonly string[]>;
  screenshot(name: string): Promise<void>;
  /** One in each theme; dark is the last.
   *  @param look  what else is to be seen of a theme, before its image is taken */
  screenshots(name: string, look?: (kind: string) => Promise<void>): Promise<void>;
  theme(name: string): Promise<void>;
  reload(): Promise<void>;
  close(): Promise<void>;
}

/** With what the body of a webview says of them. */
const themes = [
  ['light', 'Light Modern', 'vscode-light'],
  ['contrast', 'Dark High Contrast', 'vscode-high-contrast'],
  ['contrast-light', 'Light High Contrast', 'vscode-high-contrast-light'],
  ['dark', 'Dark Modern', 'vscode-dark'],
] as const;

/** For what takes a second on a machine that has nothing else to do. */
const waitMs = 60_000;

const userSettings = {
  'workbench.startupEditor': 'none',
  'workbench.colorTheme': 'Dark Modern',
  'chat.disableAIFeatures': true,
  'workbench.secondarySideBar.defaultVisibility': 'hidden',
  'extensions.autoUpdate': 'off',
  'git.enabled': false,
  'workbench.enableExperiments': false,
  'editor.hover.delay': 100,
  'files.autoSave': 'off',
  'clusterServing.http.port': 0,
  'remote.autoForwardPorts': false,
  'security.workspace.trust.startupPrompt': 'never',
  'security.workspace.trust.banner': 'never',
};

export async function openWindow(setup: WindowSetup): Promise<VscodeWindow> {
  const data = join(setup.folder, 'data');
  const extensions = join(setup.folder, 'extensions');
  const shots = join(setup.folder, 'screenshots');
  mkdirSync(join(data, 'data', 'User'), { recursive: true });
  mkdirSync(shots, { recursive: true });
  writeFileSync(join(data, 'data', 'User', 'settings.json'), JSON.stringify(userSettings));
  const folders = [
    '--server-data-dir',
    data,
    '--extensions-dir',
    extensions,
    '--accept-server-license-terms',
  ];
  const env = cleanEnvironment(setup.env);
  const installed = [setup.vsix, ...(setup.beside === undefined ? [] : [await packed(setup.beside)])].flatMap(
    (vsix) => ['--install-extension', vsix],
  );
  await ended(
    spawn(setup.node, [setup.server, ...installed, '--force', ...folders], { env, stdio: 'inherit' }),
  );
  const port = await freePort();
  const server = spawn(
    setup.node,
    [
      setup.server,
      '--host',
      '127.0.0.1',
      '--port',
      String(port),
      '--without-connection-token',
      // The variables of a login shell are this machine's, and not what the test gives.
      '--force-disable-user-env',
      ...(setup.isRestricted ? [] : ['--disable-workspace-trust']),
      ...(setup.suite ? ['--enable-smoke-test-driver'] : []),
      '--telemetry-level',
      'off',
      ...folders,
    ],
    { env, detached: true, stdio: 'ignore' },
  );
  const address = `http://127.0.0.1:${port}`;
  await until(async () => (await fetch(`${address}/version`)).ok);
  const browser = await chromium.launch({
    executablePath: setup.chromium,
    args: ['--no-sandbox', '--disable-gpu', '--disable-dev-shm-usage', '--disable-background-networking'],
  });
  const context = await browser.newContext({
    viewport: { width: 1280, height: 800 },
    permissions: ['clipboard-read', 'clipboard-write'],
  });
  // The half of the key for secrets that the host of the server keeps; without it the editor forgets them with the page.
  const keyHalf = randomBytes(32);
  await context.route('**/mint-key', (route) => route.fulfill({ body: keyHalf }));
  const page = await context.newPage();
  page.setDefaultTimeout(waitMs);
  const payload = setup.suite ? await prepareSuite(page, setup.suite, port) : '';
  await page.goto(`${address}/?folder=${encodeURIComponent(setup.workspace)}${payload}`);
  await page.locator('.monaco-workbench .activitybar').waitFor();
  return control(page, browser, server, shots);
}

/** @returns what the window's address says of the suite */
async function prepareSuite(
  page: Page,
  { file, extension, onLine, onEnd }: Suite,
  port: number,
): Promise<string> {
  await page.exposeFunction('codeAutomationLog', (_type: string, args: readonly unknown[]) => {
    onLine(format(...args));
  });
  await page.exposeFunction('codeAutomationExit', onEnd);
  const remote = (path: string) => `vscode-remote://127.0.0.1:${port}${path}`;
  const payload = [
    ['extensionDevelopmentPath', remote(extension)],
    ['extensionTestsPath', remote(file)],
    ['skipWelcome', 'true'],
  ];
  return `&payload=${encodeURIComponent(JSON.stringify(payload))}`;
}

async function packed(folder: string): Promise<string> {
  const packagePath = `${folder}.vsix`;
  await createVSIX({ cwd: folder, packagePath, dependencies: false, allowMissingRepository: true });
  return packagePath;
}

function control(page: Page, browser: Browser, server: ChildProcess, shots: string): VscodeWindow {
  const input = page.locator('.quick-input-widget:visible input.input');
  const pick = (label: string) =>
    page
      .locator('.quick-input-widget:visible .monaco-list-row')
      .filter({ has: page.locator('.label-name', { hasText: new RegExp(`^${escape(label)}$`) }) })
      .first();

  const jobsPane = page.locator('.pane', { has: page.locator('.pane-header', { hasText: 'Jobs' }) });

  /** A window that is still being built drops keys. */
  async function openInput(key: string): Promise<void> {
    await until(async () => {
      await page.keyboard.press(key);
      return appears(input);
    });
  }

  async function command(title: string): Promise<void> {
    // A page that has just opened takes the focus at its own time, and the palette closes by that.
    await until(async () => {
      await openInput('F1');
      await input.fill(`>${title}`, { timeout: 5_000 });
      await pick(title).click({ timeout: 5_000 });
      return true;
    });
  }

  return {
    page,
    command,
    async openFile(name) {
      await openInput('Control+P');
      await input.fill(name);
      // What was opened before stands there until the search has answered.
      await pick(basename(name)).click();
      await page.locator('.editor-instance .view-line').first().waitFor();
    },
    async showJobs() {
      const icon = page.locator('.activitybar .action-item', {
        has: page.locator('.action-label[aria-label^="Cluster Serving"]'),
      });
      const shown = jobsPane.locator('.pane-body');
      // A window that is reloaded opens what was open in it, at its own time: a click may come together with that.
      await until(async () => {
        if (await shown.isVisible()) return true;
        await icon.click();
        return appears(shown);
      });
    },
    job: (label) =>
      jobsPane
        .locator('.monaco-list-row')
        .filter({ has: page.locator('.label-name', { hasText: exactly(label) }) }),
    async choose(row, title) {
      await row.click({ button: 'right' });
      // Not by a click: a menu takes no notice of one that comes right after it has opened.
      await page.locator('.monaco-menu .action-label', { hasText: title }).hover();
      await page.keyboard.press('Enter');
      await page.locator('.monaco-menu').waitFor({ state: 'hidden' });
    },
    async another() {
      const second = await page.context().newPage();
      second.setDefaultTimeout(waitMs);
      await second.goto(page.url());
      await second.locator('.monaco-workbench .activitybar').waitFor();
      return control(second, browser, server, shots);
    },
    notification: (text) => page.locator('.notification-list-item-message', { hasText: text }),
    async chooseFile(path) {
      const file = page.locator('.quick-input-widget:visible .monaco-list-row .label-name', {
        hasText: basename(path),
      });
      // The dialog writes the folder that it starts from into its input once it has read it, over what is typed by then.
      await until(async () => (await input.inputValue()) !== '');
      await until(async () => {
        if ((await input.inputValue()) !== path) await input.fill(path);
        return (await file.isVisible()) && (await input.inputValue()) === path;
      });
      await page.keyboard.press('Enter');
      await input.waitFor({ state: 'hidden' });
    },
    webview: () => page.frameLocator('iframe.webview.ready').frameLocator('iframe#active-frame'),
    async violations() {
      const element = await this.webview().owner().elementHandle();
      const frame = await element.contentFrame();
      if (!frame) throw new Error('No webview is shown.');
      // Not by a script element, which the page's policy rightly forbids.
      await frame.evaluate(axe.source);
      const { violations } = await frame.evaluate<AxeResults>('axe.run()');
      return violations.map(({ id, nodes }) => `${id}: ${nodes.map(({ html }) => html).join(' ')}`);
    },
    async screenshot(name) {
      await page.screenshot({ path: join(shots, `${name}.png`) });
    },
    async screenshots(name, look) {
      for (const [suffix, theme, kind] of themes) {
        await this.theme(theme);
        await look?.(kind);
        await this.screenshot(`${name}-${suffix}`);
      }
    },
    async theme(name) {
      await command('Preferences: Color Theme');
      await input.fill(name);
      await pick(name).waitFor();
      await page.keyboard.press('Enter');
      await input.waitFor({ state: 'hidden' });
    },
    async reload() {
      await page.reload();
      await page.locator('.monaco-workbench .activitybar').waitFor();
    },
    async close() {
      await browser.close();
      const gone = ended(server);
      // Its extension host is a child of its own.
      if (server.pid !== undefined) process.kill(-server.pid, 'SIGTERM');
      await gone;
    },
  };
}

/** The window under test must not take the variables of one that the tests may be run from. */
export function cleanEnvironment(extra: Readonly<Record<string, string>>): NodeJS.ProcessEnv {
  const own = Object.entries(process.env).filter(
    ([name]) => !/^(VSCODE_|ELECTRON_|NODE_OPTIONS$)/.test(name),
  );
  return { ...Object.fromEntries(own), EXTENSIONS_GALLERY: '{}', ...extra };
}

export function ended(child: ChildProcess): Promise<void> {
  return new Promise((resolve) => child.once('exit', () => resolve()));
}

export function freePort(): Promise<number> {
  return new Promise((resolve) => {
    const server = createServer().listen(0, '127.0.0.1', () => {
      const { port } = server.address() as AddressInfo;
      server.close(() => resolve(port));
    });
  });
}

/** Asks again until it is so. @throws Error after the deadline, with what went wrong last */
export async function until(isSo: () => boolean | Promise<boolean>, deadlineMs = waitMs): Promise<void> {
  const end = Date.now() + deadlineMs;
  let last: unknown;
  while (Date.now() < end) {
    try {
      if (await isSo()) return;
    } catch (error) {
      last = error;
    }
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
  throw new Error('It did not become so in time.', { cause: last });
}

export function appears(what: Locator): Promise<boolean> {
  return what.waitFor({ timeout: 5_000 }).then(
    () => true,
    () => false,
  );
}

function exactly(label: string | RegExp): RegExp {
  return typeof label === 'string' ? new RegExp(`^${escape(label)}$`) : label;
}

function escape(text: string): string {
  return text.replace(/[.*+?^${}()|[\]\\]/g, '\\$&');
}
