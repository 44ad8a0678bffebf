import { cpSync, existsSync, mkdirSync, readFileSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Page } from 'playwright-core';
import { quickInputOf } from './quickInput.ts';

/** A page that is open, and where what is known of its failures is kept. */
interface Watched {
  readonly page: Page;
  /** Of the test file: screenshots, profile and logs are in it. */
  readonly folder: string;
  /** What the page wrote to its console, the last lines. */
  readonly lines: string[];
}

const watched = new Set<Watched>();
const keptLines = 200;
const printedLines = 15;
const patienceMs = 15_000;

/** From now on, until the page is closed, a failed test leaves behind what this page showed. */
export function watchPage(page: Page, folder: string): void {
  const entry: Watched = { page, folder, lines: [] };
  const keep = (line: string) => {
    entry.lines.push(line);
    entry.lines.splice(0, entry.lines.length - keptLines);
  };
  page.on('console', (message) => keep(`${message.type()}: ${message.text()}`));
  page.on('pageerror', (error) => keep(`uncaught: ${error.message}`));
  page.on('crash', () => keep('The page crashed.'));
  page.on('close', () => watched.delete(entry));
  watched.add(entry);
}

/** Keeps of each page that is open a screenshot, what it showed, where its focus was and the logs of its editor, and prints
 *  what a reader of a log needs. @param title  of the test that failed */
export async function keepEvidence(title: string): Promise<void> {
  const name = title.replaceAll(/[^\p{L}\p{N}]+/gu, '-').slice(0, 60);
  for (const [i, { page, folder, lines }] of [...watched].entries()) {
    const place = join(folder, 'failures', `${name}${i === 0 ? '' : `-window-${i + 1}`}`);
    rmSync(place, { recursive: true, force: true });
    mkdirSync(place, { recursive: true });
    await page
      .screenshot({ path: join(place, 'screenshot.png'), timeout: patienceMs })
      .catch((error: unknown) => lines.push(`No screenshot: ${String(error)}`));
    const shown = JSON.stringify(await inTime(look(page)), null, 2);
    writeFileSync(join(place, 'shown.json'), shown);
    writeFileSync(join(place, 'console.log'), lines.join('\n'));
    const logs = logsOf(folder);
    if (logs) cpSync(logs, join(place, 'logs'), { recursive: true });
    const tails = logs ? tailsOf(logs) : [];
    console.error([`"${title}" failed. What was to be seen is in ${place}:`, shown, ...tails].join('\n'));
  }
}

/** What a page shows that decides where keys and clicks go. */
async function look(page: Page): Promise<object> {
  const texts = (selector: string) => page.locator(selector).allInnerTexts();
  return {
    focus: await page.evaluate(focusScript),
    quickInput: (await quickInputOf(page).shown()) ?? 'none is open',
    dialogs: await texts('.monaco-dialog-box:visible'),
    notifications: await texts('.notification-list-item:visible'),
    menu: await texts('.monaco-menu .action-item:visible'),
    tabs: await texts('.tab.active'),
    editor: (await texts('.editor-group-container.active .view-line')).slice(0, printedLines),
    views: await texts('.pane-header.expanded'),
    rows: (await texts('.sidebar .pane-body .monaco-list-row')).map((row) => row.replaceAll('\n', ' ')),
    statusBar: await texts('.statusbar-item:visible'),
  };
}

/** The element that has the focus, and those that it lies in. */
const focusScript = `(() => {
  const path = [];
  for (let one = document.activeElement; one && path.length < 6; one = one.parentElement)
    path.push([one.tagName.toLowerCase(), ...one.classList].join('.') + (one.ariaLabel ? '[' + one.ariaLabel + ']' : ''));
  return { isWindowFocused: document.hasFocus(), path };
})()`;

/** A page that has crashed or hangs answers nothing. */
async function inTime(look: Promise<object>): Promise<object> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<object>((resolve) => {
    timer = setTimeout(() => resolve({ error: 'The page did not answer.' }), patienceMs);
  });
  const seen = look.catch((error: unknown) => ({ error: String(error) }));
  try {
    return await Promise.race([seen, late]);
  } finally {
    clearTimeout(timer);
  }
}

/** Where the editor of a test file writes its logs: the extension host's and the output channels'. */
function logsOf(folder: string): string | undefined {
  return [join(folder, 'data', 'data', 'logs'), join(folder, 'data', 'logs')].find((path) =>
    existsSync(path),
  );
}

/** The last lines of the extension's own channels and of the extension host. */
function tailsOf(logs: string): readonly string[] {
  return readdirSync(logs, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile() && /cluster serving|remoteexthost/i.test(entry.name))
    .map((entry) => join(entry.parentPath, entry.name))
    .flatMap((path) => {
      const lines = readFileSync(path, 'utf8').trimEnd().split('\n').slice(-printedLines);
      return lines.join('') === '' ? [] : [`--- ${path}`, ...lines];
    });
}
