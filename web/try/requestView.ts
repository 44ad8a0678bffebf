import { imageTitles, imageTypes } from '../../schemas/imageFormats.ts';
import type { TryModel } from '../../schemas/pages.ts';
import { around, button, chooser, element, segments } from '../design/element.ts';
import type { Sent } from './host.ts';
import { imageTypeOf, takesImages } from './imageInput.ts';
import { exampleOf } from './example.ts';
import type { Text } from './texts.ts';

/** Where a request is made: images to drop or choose, or JSON to write. */
export interface RequestView {
  readonly box: HTMLElement;
  /** What the model takes has become known, or another model is asked. */
  show(model: TryModel): void;
  /** Takes files that were dropped or pasted somewhere on the page, and sends one after the other. */
  take(files: readonly File[]): Promise<void>;
}

type Kind = 'image' | 'json';

export function createRequestView(t: Text, send: (sent: Sent) => Promise<void>): RequestView {
  let model: TryModel | undefined;
  let input: string | undefined;
  /** What the user has chosen; until then the model decides. */
  let chosen: Kind | undefined;
  let example = '';

  const tabs = element('div');
  const wrong = element('p', 'notice bad');
  wrong.setAttribute('role', 'alert');
  const inputs = element('div');

  const file = element('input', 'unseen');
  Object.assign(file, {
    type: 'file',
    multiple: true,
    accept: imageTypes.map((type) => `image/${type}`).join(','),
  });
  file.setAttribute('aria-label', t('Choose images'));
  file.addEventListener('change', () => {
    void take([...(file.files ?? [])]);
    file.value = '';
  });
  const drop = around(
    'label',
    'drop',
    file,
    element('span', 'big', t('Drop images here')),
    element('span', 'muted small', t('or click to choose, or paste one: {0}', imageTitles)),
  );
  const text = element('textarea');
  text.spellcheck = false;
  text.setAttribute('aria-label', t('The request as JSON'));
  text.addEventListener('keydown', (event) => {
    if (event.key === 'Enter' && (event.ctrlKey || event.metaKey)) sendJson();
  });
  const json = around(
    'div',
    'stack',
    text,
    around(
      'div',
      'row',
      button(t('Predict'), sendJson, 'primary'),
      element('span', 'muted small', t('or Ctrl+Enter')),
    ),
  );
  const shape = element('div');
  const box = around(
    'section',
    'card stack request',
    around('div', 'row spread', element('h2', '', t('Request')), tabs),
    wrong,
    inputs,
    drop,
    json,
    shape,
  );

  function show(next: TryModel): void {
    const isSame =
      JSON.stringify([model?.name, model?.version, model?.inputs]) ===
      JSON.stringify([next.name, next.version, next.inputs]);
    model = next;
    if (isSame) return;
    input = next.inputs.length > 1 ? next.inputs.find(takesImages)?.name : undefined;
    const suggested = exampleOf(next);
    // What the user has written stays.
    if (text.value === example) text.value = suggested;
    example = suggested;
    text.placeholder = '{"instances": [{…}]}';
    draw();
  }

  function draw(): void {
    const isImage = next() === 'image';
    drop.hidden = !isImage;
    json.hidden = isImage;
    tabs.replaceChildren(
      segments<Kind>(
        t('Kind of request'),
        [
          { value: 'image', text: t('Images') },
          { value: 'json', text: 'JSON' },
        ],
        next(),
        (kind) => {
          chosen = kind;
          wrong.textContent = '';
          draw();
          // The buttons were drawn again.
          tabs.querySelector<HTMLElement>('[aria-pressed=true]')?.focus();
        },
      ),
    );
    const names = model?.inputs.map(({ name }) => name) ?? [];
    inputs.replaceChildren(
      ...(isImage && names.length > 1
        ? [
            chooser(
              t('Input'),
              names.map((value) => ({ value, text: value })),
              input ?? names[0] ?? '',
              (name) => (input = name),
            ),
          ]
        : []),
    );
    inputs.hidden = !inputs.hasChildNodes();
    shape.replaceChildren(...(model ? [signatureView(model, t)] : []));
  }

  function next(): Kind {
    const isKnown = model !== undefined && model.inputs.length > 0;
    return chosen ?? (isKnown && !model?.inputs.some(takesImages) ? 'json' : 'image');
  }

  function sendJson(): void {
    wrong.textContent = '';
    try {
      JSON.parse(text.value);
    } catch (error) {
      wrong.textContent = t('This is no JSON: {0}', error instanceof Error ? error.message : String(error));
      text.focus();
      return;
    }
    void send({ kind: 'json', text: text.value });
  }

  async function take(files: readonly File[]): Promise<void> {
    wrong.textContent = '';
    for (const one of files) {
      const bytes = new Uint8Array(await one.arrayBuffer());
      const type = imageTypeOf(bytes);
      if (type)
        await send({ kind: 'image', name: one.name, type, bytes, ...(input === undefined ? {} : { input }) });
      else if (one.type.includes('json') || one.name.endsWith('.json')) {
        chosen = 'json';
        text.value = new TextDecoder().decode(bytes);
        draw();
      } else
        wrong.textContent = t(
          '{0} is neither JSON nor an image that is served ({1}).',
          one.name,
          imageTitles,
        );
    }
  }

  for (const name of ['dragenter', 'dragover'])
    drop.addEventListener(name, (event) => {
      event.preventDefault();
      drop.classList.add('over');
    });
  for (const name of ['dragleave', 'drop']) drop.addEventListener(name, () => drop.classList.remove('over'));
  draw();
  return { box, show, take };
}

/** What the model takes and gives. */
function signatureView({ inputs, outputs }: TryModel, t: Text): HTMLElement {
  const rows = [
    ...inputs.map((info) => [t('in'), info] as const),
    ...outputs.map((info) => [t('out'), info] as const),
  ];
  if (rows.length === 0) return element('p', 'muted small', t('What the model takes is not known yet.'));
  const table = element('table', 'signature');
  table.append(element('caption', 'unseen', t('Inputs and outputs of the model')));
  for (const [way, { name, type, shape }] of rows) {
    const head = element('th', 'mono', name);
    head.scope = 'row';
    table.append(
      around(
        'tr',
        '',
        element('td', 'muted', way),
        head,
        element('td', 'mono', `${type} [${shape.map((size) => size ?? '?').join(', ')}]`),
      ),
    );
  }
  return around('div', 'scroll', table);
}
