import { addSnapshot, type Series } from './history.ts';
import { monitorStyle } from './monitorStyle.ts';
import { createMonitorView } from './monitorView.ts';
import type { MonitorSnapshot } from './snapshot.ts';
import { createText } from './texts.ts';

/** The page /monitor in a browser: asks the frontend once a second and draws what it says. */
const intervalMs = 1_000;

function start(): void {
  const style = new CSSStyleSheet();
  style.replaceSync(monitorStyle);
  document.adoptedStyleSheets = [style];
  const root = document.getElementById('monitor');
  const note = document.getElementById('note');
  if (!root || !note) return;
  const t = createText(document.documentElement.lang);
  const view = createMonitorView(root, t);
  matchMedia('(prefers-color-scheme: dark)').addEventListener('change', () => view.recolor());
  let series: readonly Series[] = [];
  const poll = async () => {
    try {
      const response = await fetch('/monitor/data');
      if (!response.ok) throw new Error(t('the frontend answers {0}', response.status));
      const snapshot = (await response.json()) as MonitorSnapshot;
      series = addSnapshot(series, snapshot, t);
      view.draw(series);
      note.textContent = snapshot.trouble.join(' ');
    } catch (error) {
      note.textContent = t('No data: {0}', error instanceof Error ? error.message : String(error));
    }
    setTimeout(() => void poll(), intervalMs);
  };
  void poll();
}

start();
