import type { TryModel, TryTarget } from '../../schemas/pages.ts';
import { around, element } from '../design/element.ts';
import { pageBar } from '../design/frame.ts';
import { dressPage, editorOfPage, type EditorHost } from '../design/host.ts';
import { createKeyedFetch } from '../design/keyedFetch.ts';
import { createText } from '../design/createText.ts';
import { createEditorHost } from '../try/editorHost.ts';
import { restoredEntries, savedEntries, type Entry } from '../try/tryHistory.ts';
import { createHttpHost } from '../try/httpHost.ts';
import { chinese, type Text } from '../try/texts.ts';
import { tryStyle } from '../try/tryStyle.ts';
import { createTryView } from '../try/tryView.ts';

/** The page that tries a model, at / in a browser and in a panel of the editor. */

/** How often the frontend is asked while a model cannot be asked. */
const againMs = 2_000;

function start(): void {
  const editor = editorOfPage();
  const language = document.documentElement.lang;
  const t = createText(chinese, language);
  const root = element('div');
  const title = element('p', 'muted');
  const main = around('main', '', element('h1', '', t('Try it')), title, root);
  document.body.append(...(editor ? [] : [pageBar('try', language)]), main);
  if (editor) inEditor(editor, root, title, t);
  else inBrowser(root, title, language, t);
}

function inEditor(editor: EditorHost, root: HTMLElement, title: HTMLElement, t: Text): void {
  let saved = (editor.getState() ?? {}) as { readonly target?: TryTarget; readonly entries?: unknown };
  const save = (change: typeof saved) => {
    saved = { ...saved, ...change };
    editor.setState(saved);
  };
  const host = createEditorHost(editor, (model, target) => {
    save({ target });
    title.textContent = t('Records go through the queue of {0}.', model.name);
    view.show([model]);
  });
  const view = createTryView(root, {
    t,
    host,
    entries: restoredEntries(saved.entries),
    onEntries: (entries: readonly Entry[]) => save({ entries: savedEntries(entries) }),
    onAsked: () => editor.postMessage({ kind: 'model' }),
  });
  dressPage(editor, tryStyle, () => view.recolor());
}

function inBrowser(root: HTMLElement, title: HTMLElement, language: string, t: Text): void {
  const place = element('div');
  const trouble = element('p', 'notice bad');
  trouble.setAttribute('role', 'alert');
  root.before(place, trouble);
  const ask = createKeyedFetch(place, language);
  title.textContent = t('Send an image or JSON to a model and look at its answer.');
  let timer: ReturnType<typeof setTimeout> | undefined;
  const refresh = async () => {
    clearTimeout(timer);
    let isReady = false;
    try {
      const response = await ask('/try/data');
      if (!response.ok) throw new Error(t('the frontend answers {0}', response.status));
      const models = (await response.json()) as readonly TryModel[];
      isReady = models.every(({ refusal }) => refusal === undefined);
      view.show(models);
      trouble.textContent = '';
    } catch (error) {
      trouble.textContent = t(
        'Nothing is known of the models: {0}',
        error instanceof Error ? error.message : String(error),
      );
    }
    clearTimeout(timer);
    if (!isReady) timer = setTimeout(() => void refresh(), againMs);
  };
  const view = createTryView(root, {
    t,
    host: createHttpHost(ask),
    entries: [],
    onEntries: () => undefined,
    onAsked: () => void refresh(),
  });
  dressPage(undefined, tryStyle, () => view.recolor());
  void refresh();
}

start();
