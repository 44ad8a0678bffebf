import { drawMonitor, monitorStyle } from '../../server/src/http/web/drawMonitor.ts';
import { addSnapshot, type Series } from '../../server/src/http/web/history.ts';
import type { MonitorSnapshot } from '../../server/src/http/web/snapshot.ts';
import { drawTables } from './tables.ts';

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
  --line-a: var(--vscode-charts-blue); --line-b: var(--vscode-charts-orange); --bad: var(--vscode-charts-red); --good: #1a7f37; }
.job { border: 1px solid var(--vscode-contrastBorder, transparent); }
.detail, figcaption { opacity: 1; color: var(--vscode-foreground); }
.state { background: #5a5a5a; } .state.failed, .state.full { background: #b3261e; }
table { border-collapse: collapse; margin: 8px 0 16px; } th, td { padding: 2px 12px; text-align: right; }
th:first-child { text-align: left; } caption { text-align: left; font-weight: bold; }
`;

function start(): void {
  const sheets = [monitorStyle, style].map((text) => {
    const sheet = new CSSStyleSheet();
    sheet.replaceSync(text);
    return sheet;
  });
  document.adoptedStyleSheets = sheets;
  const root = document.getElementById('monitor');
  const tables = document.getElementById('tables');
  const note = document.getElementById('note');
  if (!root || !tables || !note) return;
  const editor = acquireVsCodeApi();
  // The lines go on where they were when the panel was hidden or the window was loaded again.
  let series = (editor.getState() ?? []) as readonly Series[];
  window.addEventListener('message', ({ data }: MessageEvent<unknown>) => {
    if (!isSnapshot(data)) return;
    series = addSnapshot(series, data);
    editor.setState(series);
    drawMonitor(root, series);
    drawTables(tables, series);
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
