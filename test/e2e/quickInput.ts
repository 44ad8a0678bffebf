import type { Locator, Page } from 'playwright-core';
import { attemptMs, until } from './until.ts';

/** The editor's one box for input, with its list: the palette, the search for files, and what extensions ask by it. */
export interface QuickInput {
  /** Runs a command from the palette. */
  run(title: string): Promise<void>;
  /** Takes a file from the search for files. @param path  from the folder of the workspace */
  openFile(path: string): Promise<void>;
  /** Takes a colour theme from their list. */
  chooseTheme(name: string): Promise<void>;
  /** Opens the palette with a filter, and leaves it open. */
  showCommands(filter: string): Promise<void>;
  /** Types over what is in the box that is open. */
  fill(text: string): Promise<void>;
  /** Takes a row of the list that is open. */
  take(label: string): Promise<void>;
  /** What is to be seen of the box that is open; undefined if none is. */
  shown(): Promise<ShownQuickInput | undefined>;
}

interface ShownQuickInput {
  readonly text: string;
  readonly title: string;
  readonly isBusy: boolean;
  /** Those on the screen. */
  readonly rows: readonly QuickRow[];
}

interface QuickRow {
  readonly label: string;
  /** Of a file, its folder. */
  readonly description?: string;
}

/** What is used of an element within the page. */
interface PageElement {
  readonly isConnected: boolean;
  readonly textContent: string | null;
  querySelector(selector: string): PageElement | null;
  click(): void;
}

export function quickInputOf(page: Page): QuickInput {
  const box = page.locator('.quick-input-widget:visible');
  const input = box.locator('input.input');
  const rows = box.locator('.monaco-list-row');

  /** A window that is still being built drops keys, and takes the focus at its own time, by which the box is closed. */
  async function show(keys: string, text: string): Promise<void> {
    for (const key of keys.split(' ')) await page.keyboard.press(key);
    await input.fill(text, { timeout: attemptMs });
  }

  /** Opens the box and takes a row of it. As long as its text stays the same, the palette lists the commands that were known
   *  when it was opened: if the row is not among them, it is opened again. */
  async function choose(keys: string, text: string, row: QuickRow): Promise<void> {
    const name = JSON.stringify(row);
    await until(async () => {
      await show(keys, text);
      try {
        await until(() => click(row), `a row ${name}`, attemptMs);
      } catch (error) {
        const seen = JSON.stringify(await shown());
        await page.keyboard.press('Escape');
        throw new Error(`No row ${name} in ${seen}.`, { cause: error });
      }
      return true;
    }, `${keys} offers ${name} for "${text}"`);
  }

  /** Clicks a row, if it is there. The list draws its rows again at any time: what is a row of this command when it is looked
   *  at from here may be that of another one when the click arrives. Within the page both are one step. */
  function click(row: QuickRow): Promise<boolean> {
    return rows.evaluateAll((elements: PageElement[], { label, description }) => {
      const found = elements.find(
        (one) =>
          one.isConnected &&
          one.querySelector('.label-name')?.textContent === label &&
          (description ?? one.querySelector('.label-description')?.textContent ?? '') ===
            (one.querySelector('.label-description')?.textContent ?? ''),
      );
      found?.click();
      return found !== undefined;
    }, row);
  }

  async function shown(): Promise<ShownQuickInput | undefined> {
    const [open] = await box.all();
    if (!open) return undefined;
    return {
      text: await input.inputValue({ timeout: attemptMs }).catch(() => ''),
      title: await textOf(open.locator('.quick-input-title')),
      isBusy: (await open.locator('.monaco-progress-container.active').count()) > 0,
      rows: await rows.evaluateAll((elements: PageElement[]) =>
        elements.map((one) => ({
          label: one.querySelector('.label-name')?.textContent ?? '',
          description: one.querySelector('.label-description')?.textContent ?? '',
        })),
      ),
    };
  }

  return {
    run: (title) => choose('F1', `>${title}`, { label: title }),
    openFile(path) {
      const folders = path.split('/');
      const label = folders.pop() ?? path;
      return choose('Control+P', path, { label, description: folders.join('/') });
    },
    chooseTheme: (name) => choose('Control+K Control+T', name, { label: name }),
    showCommands: (filter) =>
      until(async () => {
        await show('F1', `>${filter}`);
        return true;
      }, `F1 opens the palette for "${filter}"`),
    fill: (text) => input.fill(text),
    take: (label) => until(() => click({ label }), `a row "${label}"`),
    shown,
  };
}

async function textOf(what: Locator): Promise<string> {
  return (await what.allTextContents()).join(' ');
}
