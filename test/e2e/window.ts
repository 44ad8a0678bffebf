import { spawn, type ChildProcess } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { cpSync, mkdirSync, writeFileSync } from 'node:fs';
import { basename, join } from 'node:path';
import { format } from 'node:util';
import axe, { type AxeResults } from 'axe-core';
import { chromium, type FrameLocator, type Locator, type Page } from 'playwright-core';
import { keepEvidence, watchPage } from './evidence.ts';
import { clickNow, pressEnterNow } from './inPage.ts';
import { quickInputOf, type QuickInput } from './quickInput.ts';
import { appears, attemptMs, disappears, until, waitMs } from './until.ts';
import { freePort } from '../support/redis.ts';

export interface WindowSetup {
  /** Of the VS Code that the tests installed. */
  readonly node: string;
  readonly server: string;
  /** The folder of extensions into which the extension is installed. */
  readonly extensions: string;
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
  readonly quickInput: QuickInput;
  command(title: string): Promise<void>;
  /** Ends when the file is shown and what is typed goes into it. @param path  from the folder of the workspace */
  openFile(path: string): Promise<void>;
  /** Opens the view of the jobs, unless it is open: its icon would close it. */
  showJobs(): Promise<void>;
  /** The rows of the jobs view whose label is this. */
  job(label: string | RegExp): Locator;
  /** Clicks an action of a row, which shows while it is pointed at. */
  act(row: Locator, title: string): Promise<void>;
  /** Chooses from the menu of a row. */
  choose(row: Locator, title: string): Promise<void>;
  /** A second window of the same server, on the same workspace. */
  another(): Promise<VscodeWindow>;
  /** Points at something until this shows: what is not known yet when it is pointed at is not shown later. */
  hover(what: Locator, shows: Locator): Promise<void>;
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
}

/** With what the body of a webview says of them. */
const themes = [
  ['light', 'Light Modern', 'vscode-light'],
  ['contrast', 'Dark High Contrast', 'vscode-high-contrast'],
  ['contrast-light', 'Light High Contrast', 'vscode-high-contrast-light'],
  ['dark', 'Dark Modern', 'vscode-dark'],
] as const;

const jobsIcon = '.activitybar .action-item:has(.action-label[aria-label^="Cluster Serving"])';

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

/** What is open, and is closed by `closeWindows`. */
const open = new Set<() => Promise<void>>();

/** Closes what a test file has opened, also if opening failed on the way. */
export async function closeWindows(): Promise<void> {
  for (const close of [...open].reverse()) {
    open.delete(close);
    await close();
  }
}

export async function openWindow(setup: WindowSetup): Promise<VscodeWindow> {
  const shots = join(setup.folder, 'screenshots');
  mkdirSync(shots, { recursive: true });
  const address = await startServer(setup);
  const browser = await chromium.launch({
    executablePath: setup.chromium,
    args: ['--no-sandbox', '--disable-gpu', '--disable-dev-shm-usage', '--disable-background-networking'],
  });
  open.add(() => browser.close());
  const context = await browser.newContext({
    viewport: { width: 1280, height: 800 },
    permissions: ['clipboard-read', 'clipboard-write'],
  });
  // The half of the key for secrets that the host of the server keeps; without it the editor forgets them with the page.
  const keyHalf = randomBytes(32);
  await context.route('**/mint-key', (route) => route.fulfill({ body: keyHalf }));
  const page = await context.newPage();
  const payload = setup.suite ? await prepareSuite(page, setup.suite, address) : '';
  const vscode = control(page, setup.folder, shots);
  try {
    await page.goto(`${address}/?folder=${encodeURIComponent(setup.workspace)}${payload}`);
    await ready(page);
  } catch (error) {
    await keepEvidence('the window opens');
    throw error;
  }
  return vscode;
}

/** Starts a VS Code that serves itself to a browser. @returns its address */
async function startServer(setup: WindowSetup): Promise<string> {
  const data = join(setup.folder, 'data');
  mkdirSync(join(data, 'data', 'User'), { recursive: true });
  writeFileSync(join(data, 'data', 'User', 'settings.json'), JSON.stringify(userSettings));
  const { beside } = setup;
  const extensions = beside === undefined ? setup.extensions : await withExtension(setup, beside);
  const folders = foldersOf(data, extensions);
  const env = cleanEnvironment(setup.env);
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
  open.add(() => endGroup(server));
  const address = `http://127.0.0.1:${port}`;
  await until(async () => (await fetch(`${address}/version`)).ok);
  return address;
}

/** A copy of the folder of extensions, with another one in it. */
async function withExtension(setup: WindowSetup, beside: string): Promise<string> {
  const extensions = join(setup.folder, 'extensions');
  cpSync(setup.extensions, extensions, { recursive: true });
  const vsix = `${beside}.vsix`;
  // It takes seconds to load, and most windows do without.
  const { createVSIX } = await import('@vscode/vsce');
  await createVSIX({ cwd: beside, packagePath: vsix, dependencies: false, allowMissingRepository: true });
  const folders = foldersOf(join(setup.folder, 'data'), extensions);
  const args = [setup.server, '--install-extension', vsix, '--force', ...folders];
  await ended(spawn(setup.node, args, { env: cleanEnvironment(setup.env), stdio: 'inherit' }));
  return extensions;
}

function foldersOf(data: string, extensions: string): readonly string[] {
  return ['--server-data-dir', data, '--extensions-dir', extensions, '--accept-server-license-terms'];
}

/** Waits until the editor is drawn and the extension's part of it: from then on the palette has its commands. */
async function ready(page: Page): Promise<void> {
  await page.locator('.monaco-workbench .activitybar').waitFor();
  await page.locator(jobsIcon).waitFor();
}

/** @returns what the window's address says of the suite */
async function prepareSuite(
  page: Page,
  { file, extension, onLine, onEnd }: Suite,
  address: string,
): Promise<string> {
  await page.exposeFunction('codeAutomationLog', (_type: string, args: readonly unknown[]) => {
    onLine(format(...args));
  });
  await page.exposeFunction('codeAutomationExit', onEnd);
  const remote = (path: string) => `vscode-remote://${new URL(address).host}${path}`;
  const payload = [
    ['extensionDevelopmentPath', remote(extension)],
    ['extensionTestsPath', remote(file)],
    ['skipWelcome', 'true'],
  ];
  return `&payload=${encodeURIComponent(JSON.stringify(payload))}`;
}

function control(page: Page, folder: string, shots: string): VscodeWindow {
  page.setDefaultTimeout(waitMs);
  watchPage(page, folder);
  const quickInput = quickInputOf(page);
  const input = page.locator('.quick-input-widget:visible input.input');
  const jobsPane = page.locator('.pane', { has: page.locator('.pane-header', { hasText: 'Jobs' }) });

  return {
    page,
    quickInput,
    command: (title) => quickInput.run(title),
    async openFile(path) {
      const editor = page.locator(`.monaco-editor.focused[data-uri$="/${path}"]`);
      await until(async () => {
        await quickInput.openFile(path);
        return appears(editor);
      }, `an editor of ${path} has the focus`);
    },
    async showJobs() {
      const shown = jobsPane.locator('.pane-body');
      // A window that is reloaded opens what was open in it, at its own time: a click may come together with that.
      await until(async () => {
        if (await shown.isVisible()) return true;
        await page.locator(jobsIcon).click({ timeout: attemptMs });
        return appears(shown);
      }, 'the view of the jobs is open');
    },
    job: (label) =>
      jobsPane
        .locator('.monaco-list-row')
        .filter({ has: page.locator('.label-name', { hasText: exactly(label) }) }),
    act(row, title) {
      const action = row.locator(`.action-label[aria-label="${title}"]`);
      return until(async () => {
        await row.hover({ timeout: attemptMs });
        return (await appears(action)) && clickNow(action);
      }, `a row offers "${title}"`);
    },
    async choose(row, title) {
      const menu = page.locator('.monaco-menu');
      const item = menu.locator('.action-item', { hasText: title });
      await until(async () => {
        if (await menu.isVisible()) await page.keyboard.press('Escape');
        await row.click({ button: 'right', timeout: attemptMs });
        // Not by a click: a menu takes no notice of one that comes right after it has opened.
        await item.locator('.action-label').hover({ timeout: attemptMs });
        const focused = item.and(page.locator('.focused'));
        return (await appears(focused)) && pressEnterNow(focused);
      }, `the menu of a row offers "${title}"`);
      await menu.waitFor({ state: 'hidden' });
    },
    async another() {
      const second = await page.context().newPage();
      const other = control(second, folder, shots);
      await second.goto(page.url());
      await ready(second);
      return other;
    },
    hover: (what, shows) =>
      until(
        async () => {
          await page.mouse.move(0, 0);
          await what.hover({ timeout: attemptMs });
          return appears(shows);
        },
        `${String(shows)} shows at ${String(what)}`,
      ),
    async chooseFile(path) {
      // Not the palette's, which the dialog comes after.
      const named = page.locator('.quick-input-widget:visible input.input[aria-label="Folder path"]');
      const file = page.locator('.quick-input-widget:visible .monaco-list-row .label-name', {
        hasText: basename(path),
      });
      // The dialog writes the folder that it starts from into its input once it has read it, over what is typed by then.
      await until(async () => (await named.inputValue()) !== '', 'the dialog for files names a folder');
      await until(async () => {
        if ((await named.inputValue()) !== path) await named.fill(path, { timeout: attemptMs });
        if (!(await file.isVisible()) || (await named.inputValue()) !== path) return false;
        await named.press('Enter', { timeout: attemptMs });
        // It drops what is entered while it reads a folder.
        return disappears(named);
      }, `the dialog for files takes ${path}`);
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
      await quickInput.chooseTheme(name);
      await input.waitFor({ state: 'hidden' });
    },
    async reload() {
      await page.reload();
      await ready(page);
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

/** Ends a process and its children: the extension host of a server is a child of its own. */
export async function endGroup(leader: ChildProcess): Promise<void> {
  if (leader.pid === undefined || leader.exitCode !== null || leader.signalCode !== null) return;
  const gone = ended(leader);
  process.kill(-leader.pid, 'SIGTERM');
  await gone;
}

export function ended(child: ChildProcess): Promise<void> {
  return new Promise((resolve) => child.once('exit', () => resolve()));
}

function exactly(label: string | RegExp): RegExp {
  return typeof label === 'string' ? new RegExp(`^${escape(label)}$`) : label;
}

function escape(text: string): string {
  return text.replace(/[.*+?^${}()|[\]\\]/g, '\\$&');
}
