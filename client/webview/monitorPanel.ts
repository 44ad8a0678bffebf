import { addSnapshot, type Series } from '../../server/src/http/web/history.ts';
import { monitorStyle } from '../../server/src/http/web/monitorStyle.ts';
import { createMonitorView } from '../../server/src/http/web/monitorView.ts';
import type { MonitorSnapshot } from '../../server/src/http/web/snapshot.ts';
import { createText } from '../../server/src/http/web/texts.ts';

/** What the editor gives to a page of its own. */
declare function acquireVsCodeApi(): {
  postMessage(message: unknown): void;
  getState(): unknown;
  setState(state: unknown): void;
};

/** The editor's colours in place of the page's own; in a high-contrast theme, its borders, too. */
const style = `
html { background: var(--vscode-editor-background); }
body { font: var(--vscode-font-size) var(--vscode-font-family); padding: 0 16px; }
:root { --fg: var(--vscode-foreground); --card: var(--vscode-editorWidget-background, var(--vscode-editor-background));
  --line-0: var(--vscode-charts-blue); --line-1: var(--vscode-charts-yellow); --line-2: var(--vscode-charts-green);
  --line-3: var(--vscode-charts-purple); }
.job { border: 1px solid var(--vscode-contrastBorder, transparent); }
.empty, .detail, figcaption { color: var(--vscode-foreground); }
summary:focus-visible { outline: 1px solid var(--vscode-focusBorder); }
`;

function start(): void {
  const sheets = [monitorStyle, style].map((text) => {
    const sheet = new CSSStyleSheet();
    sheet.replaceSync(text);
    return sheet;
  });
  document.adoptedStyleSheets = sheets;
  const root = document.getElementById('monitor');
  const note = document.getElementById('note');
  if (!root || !note) return;
  const editor = acquireVsCodeApi();
  const t = createText(document.documentElement.lang);
  const view = createMonitorView(root, t);
  // The editor announces another theme by the attributes of the body.
  new MutationObserver(() => view.recolor()).observe(document.body, {
    attributeFilter: ['data-vscode-theme-id'],
  });
  // The lines go on where they were when the panel was hidden or the window was loaded again.
  let series = (editor.getState() ?? []) as readonly Series[];
  window.addEventListener('message', ({ data }: MessageEvent<unknown>) => {
    if (!isSnapshot(data)) return;
    series = addSnapshot(series, data, t);
    editor.setState(series);
    view.draw(series);
    const trouble = data.trouble.join(' ');
    // Writing the same again would have a screen reader say it again.
    if (note.textContent !== trouble) note.textContent = trouble;
  });
  editor.postMessage('ready');
}

function isSnapshot(data: unknown): data is MonitorSnapshot {
  if (typeof data !== 'object' || data === null) return false;
  const { at, jobs, trouble } = data as Partial<Record<keyof MonitorSnapshot, unknown>>;
  return typeof at === 'number' && Array.isArray(jobs) && Array.isArray(trouble);
}

start();
