import { around, button, element } from '../design/element.ts';
import { pageBar } from '../design/frame.ts';
import { dressPage } from '../design/host.ts';
import { createKeyedFetch, type KeyedFetch } from '../design/keyedFetch.ts';

/** The page /docs in a browser: shows /openapi.json, each operation with an example that can be sent as it is. */

interface Operation {
  readonly summary: string;
  readonly description?: string;
  readonly requestBody?: { readonly content: Readonly<Record<string, { readonly example?: unknown }>> };
}

interface OpenApi {
  readonly info: { readonly title: string; readonly version: string; readonly description: string };
  readonly paths: Readonly<Record<string, Readonly<Record<string, Operation>>>>;
}

const style = `
main { max-width: 940px; } .lead { margin: var(--space-1) 0 var(--space-4); } details.card { padding: 0; } details.card > summary { padding: var(--space-3) var(--space-4); font-size: var(--text-m); }
details.card > .stack { padding: 0 var(--space-4) var(--space-4); } .method { display: inline-block; min-width: 3.4em; font-weight: 700; font-size: var(--text-s); color: var(--line-0); }
.method.post { color: var(--good); } summary code { font-weight: 600; margin-right: var(--space-2); } pre:empty { display: none; }
pre.answer { background: var(--control); border: 1px solid var(--border); border-radius: var(--radius-s); padding: var(--space-2) var(--space-3); }
`;

async function start(): Promise<void> {
  dressPage(undefined, style, () => undefined);
  const place = element('div');
  const title = element('h1', '', 'Cluster Serving');
  const main = around('main', '', title, place);
  document.body.append(pageBar('docs', document.documentElement.lang), main);
  const ask = createKeyedFetch(place, document.documentElement.lang);
  try {
    const response = await ask('/openapi.json');
    const api = (await response.json()) as OpenApi;
    title.replaceChildren(`${api.info.title} `, element('span', 'muted small', api.info.version));
    main.append(element('p', 'muted lead', api.info.description));
    for (const [path, operations] of Object.entries(api.paths))
      for (const [method, operation] of Object.entries(operations))
        main.append(show(method, path, operation, ask));
  } catch (error) {
    main.append(element('p', 'notice bad', textOf(error)));
  }
}

function show(method: string, path: string, operation: Operation, ask: KeyedFetch): HTMLElement {
  const box = element('details', 'card');
  const summary = element('summary');
  summary.append(
    element('span', `method ${method}`, method.toUpperCase()),
    element('code', '', path),
    operation.summary,
  );
  const content = element('div', 'stack');
  box.append(summary, content);
  if (operation.description) content.append(element('p', '', operation.description));
  const [type, body] = Object.entries(operation.requestBody?.content ?? {})[0] ?? [];
  const text = element('textarea');
  if (type !== undefined) {
    const example = body?.example;
    text.value = typeof example === 'string' ? example : JSON.stringify(example);
    text.setAttribute('aria-label', `body of ${method} ${path}`);
    text.spellcheck = false;
    content.append(text);
  }
  const answer = element('pre', 'answer scroll');
  answer.tabIndex = 0;
  answer.setAttribute('aria-label', `answer of ${method} ${path}`);
  answer.setAttribute('role', 'region');
  const send = button('Try it', () => {
    const request: RequestInit =
      type === undefined ? { method } : { method, body: text.value, headers: { 'content-type': type } };
    void sendTo(path, request, answer, ask);
  });
  content.append(around('div', '', send), answer);
  box.open = path === '/predict';
  return box;
}

async function sendTo(
  path: string,
  request: RequestInit,
  answer: HTMLElement,
  ask: KeyedFetch,
): Promise<void> {
  answer.textContent = '…';
  try {
    const response = await ask(path, { ...request, method: request.method?.toUpperCase() ?? 'GET' });
    answer.textContent = `${response.status} ${response.statusText}\n${await response.text()}`;
  } catch (error) {
    answer.textContent = textOf(error);
  }
}

function textOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}

void start();
