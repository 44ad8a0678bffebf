import type { TryModel } from '../../schemas/pages.ts';
import { around, button, chooser, element, segments } from '../design/element.ts';
import { outcomeView, timeView } from './answerView.ts';
import { withEntry, type Entry } from './tryHistory.ts';
import { createHistoryView } from './historyView.ts';
import type { Sent, TryHost } from './host.ts';
import { createImageView } from './imageView.ts';
import { createRequestView } from './requestView.ts';
import { snippetLanguages, snippetOf, type SnippetLanguage } from './snippets.ts';
import type { Text } from './texts.ts';

/** The page on which a model is tried, in an element. */
export interface TryView {
  /** The models that there are now. */
  show(models: readonly TryModel[]): void;
  /** Draws again in the colours that the page has now. */
  recolor(): void;
}

export interface TryOptions {
  readonly t: Text;
  readonly host: TryHost;
  readonly entries: readonly Entry[];
  readonly onEntries: (entries: readonly Entry[]) => void;
  /** Called when a request has ended: what is known of the model may be old. */
  readonly onAsked: () => void;
}

export function createTryView(
  root: HTMLElement,
  { t, host, onEntries, onAsked, ...before }: TryOptions,
): TryView {
  let models: readonly TryModel[] = [];
  let chosen = '';
  let entries = before.entries;
  let shown: Entry | undefined = entries[0];
  /** Of the records of the shown entry. */
  let record = 0;
  let language: SnippetLanguage = 'curl';
  let lastId = Math.max(0, ...entries.map(({ id }) => id));
  const aborts = new Map<number, AbortController>();

  const request = createRequestView(t, send);
  const choice = element('div');
  const refusal = element('p', 'notice warn');
  refusal.setAttribute('role', 'status');
  const answer = element('section', 'card stack answer');
  const said = element('p', 'unseen');
  said.setAttribute('role', 'status');
  const snippets = element('section', 'card stack');
  const history = createHistoryView(t, (entry) => {
    shown = entry;
    record = 0;
    drawAnswer();
  });
  root.append(choice, refusal, around('div', 'columns', request.box, answer), said, snippets, history.box);

  document.addEventListener('paste', ({ clipboardData }) => {
    const files = [...(clipboardData?.files ?? [])];
    if (files.length > 0) void request.take(files);
  });
  // A file that is dropped beside its place must not take the place of the page.
  document.addEventListener('dragover', (event) => event.preventDefault());
  document.addEventListener('drop', (event) => {
    event.preventDefault();
    void request.take([...(event.dataTransfer?.files ?? [])]);
  });

  function model(): TryModel | undefined {
    return models.find((one) => keyOf(one) === chosen) ?? models[0];
  }

  async function send(sent: Sent): Promise<void> {
    const asked = model();
    if (!asked) {
      refusal.textContent = t('What the model takes is not known yet.');
      return;
    }
    const entry: Entry = { id: ++lastId, at: Date.now(), model: keyOf(asked), sent };
    const abort = new AbortController();
    aborts.set(entry.id, abort);
    keep(entry);
    shown = entry;
    record = 0;
    drawAnswer();
    const reply = await host.ask(asked, sent, abort.signal);
    aborts.delete(entry.id);
    const done = { ...entry, reply };
    keep(done);
    if (shown.id === entry.id) {
      shown = done;
      drawAnswer();
      const [first] = reply.outcomes;
      said.textContent =
        first && 'error' in first ? t('No prediction: {0}', first.error) : t('The answer is here.');
    }
    onAsked();
  }

  function keep(entry: Entry): void {
    entries = withEntry(entries, entry);
    onEntries(entries);
    history.draw(entries, shown?.id ?? entry.id, labelsOf);
  }

  function labelsOf(entry: Entry): TryModel['labels'] {
    return models.find((one) => keyOf(one) === entry.model)?.labels ?? {};
  }

  function drawAnswer(): void {
    history.draw(entries, shown?.id, labelsOf);
    drawSnippets();
    const of = shown && (models.find((one) => keyOf(one) === shown?.model) ?? model());
    if (!shown || !of) {
      answer.replaceChildren(
        element('h2', '', t('Answer')),
        element('p', 'muted empty', t('Nothing was sent yet.')),
      );
      return;
    }
    const entry = shown;
    const { sent, reply } = entry;
    const focused = answer.contains(document.activeElement) ? document.activeElement?.tagName : undefined;
    const outcome = reply?.outcomes[record];
    const again = reply
      ? button(t('Try Again'), () => void send(sent))
      : button(t('Cancel'), () => aborts.get(entry.id)?.abort());
    answer.replaceChildren(
      around('div', 'row spread', element('h2', '', t('Answer')), again),
      ...(sent.kind === 'image' ? [createImageView(sent, outcome, of, t)] : []),
      ...(reply && reply.outcomes.length > 1 ? [recordChooser(reply.outcomes.length)] : []),
      ...(outcome ? [outcomeView(outcome, of, t)] : []),
      ...(reply ? [] : [element('p', 'muted waiting', t('Waiting for the answer…'))]),
      ...(reply ? [timeView(reply, of.typicalMs, t)] : []),
    );
    // What had the focus was drawn again.
    if (focused !== undefined) answer.querySelector<HTMLElement>(focused)?.focus();
  }

  function recordChooser(count: number): HTMLElement {
    const choices = Array.from({ length: count }, (_, i) => ({
      value: String(i),
      text: `${i + 1} / ${count}`,
    }));
    return chooser(t('Record'), choices, String(record), (value) => {
      record = Number(value);
      drawAnswer();
    });
  }

  function drawSnippets(): void {
    const asked = model();
    snippets.hidden = !shown || !asked;
    if (!shown || !asked) return;
    const { sent } = shown;
    const code = snippetOf(language, {
      url: urlOf(asked, sent, host),
      body: sent.kind === 'image' ? { kind: 'image', fileName: sent.name, type: sent.type } : sent,
      hasKey: host.hasKey(),
    });
    const pre = element('pre', 'code scroll', code);
    pre.tabIndex = 0;
    pre.setAttribute('role', 'region');
    pre.setAttribute('aria-label', t('The request in {0}', language));
    const copy = button(t('Copy'), () => {
      void navigator.clipboard.writeText(code).then(
        () => (copy.textContent = t('Copied')),
        () => (copy.textContent = t('Select the text to copy it')),
      );
    });
    const languages = segments(
      t('Language'),
      snippetLanguages.map((value) => ({ value, text: value })),
      language,
      (value) => {
        language = value;
        drawSnippets();
        snippets.querySelector<HTMLElement>('[aria-pressed=true]')?.focus();
      },
    );
    snippets.replaceChildren(
      around(
        'div',
        'row spread',
        element('h2', '', t('The same request in a program')),
        around('div', 'row', languages, copy),
      ),
      pre,
      ...(host.url(asked).startsWith('https:')
        ? [
            element(
              'p',
              'muted small',
              t(
                'The program has to trust the certificate of this server: curl takes its authority by --cacert, Python by SSL_CERT_FILE, Node.js by NODE_EXTRA_CA_CERTS.',
              ),
            ),
          ]
        : []),
    );
  }

  function drawChoice(): void {
    choice.hidden = models.length < 2;
    choice.replaceChildren(
      ...(models.length < 2
        ? []
        : [
            chooser(
              t('Model'),
              models.map((one) => ({ value: keyOf(one), text: nameOf(one, models) })),
              chosen,
              (value) => {
                chosen = value;
                follow();
              },
            ),
          ]),
    );
  }

  /** What depends on the model that is asked. */
  function follow(): void {
    const asked = model();
    refusal.textContent = asked?.refusal ?? '';
    if (asked) request.show(asked);
    drawSnippets();
  }

  drawAnswer();
  return {
    show(next) {
      const isFirst = models.length === 0;
      const names = next.map(keyOf);
      const isSame = JSON.stringify(models.map(keyOf)) === JSON.stringify(names);
      models = next;
      if (!names.includes(chosen)) chosen = names[0] ?? '';
      if (!isSame) drawChoice();
      follow();
      // The names of classes are known now.
      if (isFirst) drawAnswer();
    },
    recolor: drawAnswer,
  };
}

function keyOf({ name, version }: TryModel): string {
  return JSON.stringify([name, version]);
}

function nameOf({ name, version }: TryModel, all: readonly TryModel[]): string {
  return all.filter((one) => one.name === name).length > 1 ? `${name}, ${version}` : name;
}

function urlOf(model: TryModel, sent: Sent, host: TryHost): string {
  const url = host.url(model);
  return sent.kind === 'image' && sent.input !== undefined
    ? `${url}?input=${encodeURIComponent(sent.input)}`
    : url;
}
