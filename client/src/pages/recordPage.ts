import type { InputPreview, RecordPreview, Statistics } from '../../../schemas/redis/queueReports.ts';
import { putIn, span, type Translate } from '../views/figures.ts';

/** A page that shows a record. It runs no script and loads nothing: what it shows is in it.
 *  @param page.nonce  lets the page's own style through
 *  @param page.language  the editor's, such as `zh-cn` */
export function recordPage(
  record: RecordPreview,
  t: Translate,
  { nonce, language }: { readonly nonce: string; readonly language: string },
): string {
  const title = record.uri ?? record.id;
  return `<!doctype html>
<html lang="${language}">
<head>
<meta charset="utf-8">
<meta http-equiv="Content-Security-Policy" content="default-src 'none'; img-src data:; style-src 'nonce-${nonce}';">
<title>${escape(title)}</title>
<style nonce="${nonce}">${style}</style>
</head>
<body>
<main>
<h1>${escape(title)}</h1>
${facts(factsOf(record, t))}
${record.error === undefined ? '' : `<p class="error">${escape(record.error)}</p>`}
${record.inputs.map((input) => inputPart(input, t)).join('\n')}
</main>
</body>
</html>`;
}

const style = `
body { font: var(--vscode-font-size) var(--vscode-font-family); padding: 0 16px; color: var(--vscode-foreground); background: var(--vscode-editor-background); }
h1 { font-size: 1.4em; overflow-wrap: anywhere; } h2 { font-size: 1.15em; overflow-wrap: anywhere; }
dl { display: grid; grid-template-columns: max-content 1fr; gap: 2px 16px; } dt { font-weight: bold; } dd { margin: 0; overflow-wrap: anywhere; }
img { min-width: 96px; image-rendering: pixelated; border: 1px solid var(--vscode-foreground); }
pre { white-space: pre-wrap; overflow-wrap: anywhere; font-family: var(--vscode-editor-font-family); }
.error::before { content: "⚠ "; } .error { font-weight: bold; overflow-wrap: anywhere; }
`;

type Fact = readonly [name: string, value: string];

function factsOf(record: RecordPreview, t: Translate): readonly Fact[] {
  const { jobName, id, state, pending, dead, bytes } = record;
  const at = putIn(id);
  return [
    [t('Queue'), jobName],
    [t('Id'), id],
    ...(at ? ([[t('Put in'), at.toLocaleString()]] as const) : []),
    [t('State'), stateText(state, t)],
    ...(pending ? ([[t('Consumer'), pending.worker ?? pending.consumer]] as const) : []),
    ...(pending ? ([[t('Idle for'), span(pending.idleMs)]] as const) : []),
    ...(dead ? ([[t('Reason'), dead.reason]] as const) : []),
    ...(dead ? ([[t('Given up'), new Date(dead.at).toLocaleString()]] as const) : []),
    ...(dead?.consumer === undefined ? [] : ([[t('Consumer'), dead.worker ?? dead.consumer]] as const)),
    ...(pending || dead
      ? ([[t('Deliveries'), String(pending?.deliveries ?? dead?.deliveries ?? 0)]] as const)
      : []),
    [t('Size'), t('{0} bytes', bytes)],
  ];
}

function stateText(state: RecordPreview['state'], t: Translate): string {
  switch (state) {
    case 'waiting':
      return t('waiting');
    case 'pending':
      return t('pending');
    case 'answered':
      return t('answered');
    case 'dead':
      return t('dead');
  }
}

function inputPart(input: InputPreview, t: Translate): string {
  return `<section><h2>${escape(input.name)}</h2>\n${inputBody(input, t)}</section>`;
}

function inputBody(input: InputPreview, t: Translate): string {
  switch (input.kind) {
    case 'tensor':
    case 'sparse': {
      const rest = input.count > input.values.length ? ', …' : '';
      return (
        facts([
          [t('Type'), input.dtype],
          [t('Shape'), shapeText(input.shape)],
          ...(input.kind === 'sparse' ? ([[t('Stored values'), String(input.count)]] as const) : []),
          ...figures(input.statistics, t),
        ]) + `<pre>${input.values.map(short).join(', ')}${rest}</pre>`
      );
    }
    case 'text':
      return `${facts([[t('Shape'), shapeText(input.shape)]])}<pre>${input.texts.map(escape).join('\n')}${input.count > input.texts.length ? '\n…' : ''}</pre>`;
    case 'image':
      return (
        `<img src="${escape(input.thumbnail)}" alt="${escape(t('The image of {0}', input.name))}">` +
        facts([
          [
            t('File'),
            t('{0}, {1} × {2} pixels, {3} bytes', input.format, input.width, input.height, input.bytes),
          ],
          [t('The model gets'), t('float32 {0}, blue, green, red', shapeText(input.shape))],
          ...figures(input.statistics, t),
        ])
      );
    case 'undecodable':
      return `<p class="error">${escape(input.error)}</p>${input.text === undefined ? '' : `<pre>${escape(input.text)}</pre>`}`;
  }
}

function figures(statistics: Statistics | undefined, t: Translate): readonly Fact[] {
  if (!statistics) return [];
  const { min, max, mean, notFinite } = statistics;
  return [
    [t('Smallest'), short(min)],
    [t('Largest'), short(max)],
    [t('Mean'), short(mean)],
    ...(notFinite > 0 ? ([[t('Not finite'), String(notFinite)]] as const) : []),
  ];
}

function facts(rows: readonly Fact[]): string {
  return `<dl>${rows.map(([name, value]) => `<dt>${escape(name)}</dt><dd>${escape(value)}</dd>`).join('')}</dl>`;
}

function shapeText(shape: readonly number[]): string {
  return `[${shape.join(', ')}]`;
}

function short(value: number | string): string {
  if (typeof value === 'string') return value;
  return String(Number(value.toPrecision(5)));
}

/** What a client wrote must stay text. */
function escape(text: string): string {
  return text
    .replaceAll('&', '&amp;')
    .replaceAll('<', '&lt;')
    .replaceAll('>', '&gt;')
    .replaceAll('"', '&quot;');
}
