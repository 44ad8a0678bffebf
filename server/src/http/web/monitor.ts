import { addSnapshot, type Series } from './history.ts';
import { monitorStyle } from './monitorStyle.ts';
import { createMonitorView } from './monitorView.ts';
import type { MonitorSnapshot } from './snapshot.ts';

/** The page /monitor in a browser: asks the frontend once a second and draws what it says. */
const intervalMs = 1_000;

function start(): void {
  const style = new CSSStyleSheet();
  style.replaceSync(monitorStyle);
  document.adoptedStyleSheets = [style];
  const root = document.getElementById('monitor');
  const note = document.getElementById('note');
  if (!root || !note) return;
  const view = createMonitorView(root);
  matchMedia('(prefers-color-scheme: dark)').addEventListener('change', () => view.recolor());
  let series: readonly Series[] = [];
  const look = async () => {
    try {
      const response = await fetch('/monitor/data');
      if (!response.ok) throw new Error(`the frontend answers ${response.status}`);
      const snapshot = (await response.json()) as MonitorSnapshot;
      series = addSnapshot(series, snapshot);
      view.draw(series);
      note.textContent = snapshot.trouble.join(' ');
    } catch (error) {
      note.textContent = `No data: ${error instanceof Error ? error.message : String(error)}`;
    }
    setTimeout(() => void look(), intervalMs);
  };
  void look();
}

start();
