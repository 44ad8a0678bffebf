import type { ConfigFix, MonitorSnapshot } from '../../schemas/pages.ts';
import { around, element } from '../design/element.ts';
import { pageBar } from '../design/frame.ts';
import { dressPage, editorOfPage, type EditorHost } from '../design/host.ts';
import { createKeyedFetch } from '../design/keyedFetch.ts';
import { createText } from '../design/createText.ts';
import { addSnapshot, type Series } from '../monitor/history.ts';
import { monitorStyle } from '../monitor/monitorStyle.ts';
import { createMonitorView, type MonitorChoice } from '../monitor/monitorView.ts';
import { chinese, type Text } from '../monitor/texts.ts';

/** The monitor, at /monitor in a browser and in a panel of the editor. */

/** In a browser: how often the frontend is asked. */
const intervalMs = 1_000;
/** In the editor: how often what is drawn is kept for the next load of the page. */
const saveMs = 10_000;

/** What the editor keeps. */
interface Saved {
  readonly version: 2;
  readonly series: readonly Series[];
  readonly choice?: MonitorChoice;
}

function start(): void {
  const editor = editorOfPage();
  const language = document.documentElement.lang;
  const t = createText(chinese, language);
  const note = element('p', 'notice warn');
  note.setAttribute('role', 'status');
  const root = element('div');
  root.id = 'monitor';
  const main = around('main', '', element('h1', '', t('Monitor')), note, root);
  document.body.append(...(editor ? [] : [pageBar('monitor', language)]), main);
  // Writing the same again would have a screen reader say it again.
  const say = (text: string) => {
    if (note.textContent !== text) note.textContent = text;
  };
  if (editor) inEditor(editor, root, t, say);
  else inBrowser(root, language, t, say);
}

function inEditor(editor: EditorHost, root: HTMLElement, t: Text, say: (text: string) => void): void {
  // The lines go on where they were when the panel was hidden or the window was loaded again.
  const saved = readSaved(editor.getState());
  let { series } = saved;
  let choice = saved.choice;
  let savedAt = 0;
  const save = () => {
    savedAt = Date.now();
    editor.setState({ version: 2, series, ...(choice ? { choice } : {}) } satisfies Saved);
  };
  const view = createMonitorView(root, {
    t,
    choice,
    onChoice(chosen) {
      choice = chosen;
      save();
    },
    fix({ name, redis = '' }, key) {
      editor.postMessage({ kind: 'fix', jobName: name, redis, key } satisfies ConfigFix);
    },
  });
  dressPage(editor, monitorStyle, () => view.recolor());
  addEventListener('message', ({ data }: MessageEvent<unknown>) => {
    if (!isSnapshot(data)) return;
    series = addSnapshot(series, data, t);
    if (Date.now() - savedAt > saveMs) save();
    view.draw(series);
    say(data.trouble.join(' '));
  });
  document.addEventListener('visibilitychange', save);
  editor.postMessage('ready');
}

function inBrowser(root: HTMLElement, language: string, t: Text, say: (text: string) => void): void {
  const view = createMonitorView(root, { t });
  dressPage(undefined, monitorStyle, () => view.recolor());
  const place = element('div');
  root.before(place);
  const ask = createKeyedFetch(place, language);
  let series: readonly Series[] = [];
  const poll = async () => {
    try {
      const response = await ask('/monitor/data');
      if (!response.ok) throw new Error(t('the frontend answers {0}', response.status));
      const snapshot = (await response.json()) as MonitorSnapshot;
      series = addSnapshot(series, snapshot, t);
      view.draw(series);
      say(snapshot.trouble.join(' '));
    } catch (error) {
      say(t('No data: {0}', error instanceof Error ? error.message : String(error)));
    }
    setTimeout(() => void poll(), intervalMs);
  };
  void poll();
}

/** An older version of the page kept something else. */
function readSaved(state: unknown): Pick<Saved, 'series' | 'choice'> {
  const { version, ...rest } = (state ?? {}) as Partial<Saved>;
  return version === 2 && rest.series ? { ...rest, series: rest.series } : { series: [] };
}

function isSnapshot(data: unknown): data is MonitorSnapshot {
  if (typeof data !== 'object' || data === null) return false;
  const { at, jobs, trouble } = data as Partial<Record<keyof MonitorSnapshot, unknown>>;
  return typeof at === 'number' && Array.isArray(jobs) && Array.isArray(trouble);
}

start();
