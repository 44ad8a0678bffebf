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
:root { color-scheme: light dark; --card: color-mix(in srgb, CanvasText 6%, Canvas); }
body { font: 14px/1.45 system-ui, sans-serif; margin: 0 auto; padding: 16px; max-width: 900px; }
h1 { font-size: 20px; } details { background: var(--card); border-radius: 8px; padding: 8px 14px; margin: 8px 0; }
summary { cursor: pointer; } code, pre, textarea { font: 12px/1.4 ui-monospace, monospace; }
.method { display: inline-block; min-width: 44px; font-weight: 700; color: #2f7de1; } .method.post { color: #2c9a4b; }
textarea { width: 100%; min-height: 110px; box-sizing: border-box; } pre { overflow: auto; max-height: 320px; white-space: pre-wrap; word-break: break-all; }
button { margin: 6px 0; }
`;

async function start(): Promise<void> {
  const sheet = new CSSStyleSheet();
  sheet.replaceSync(style);
  document.adoptedStyleSheets = [sheet];
  const root = document.getElementById('docs');
  if (!root) return;
  const api = (await (await fetch('/openapi.json')).json()) as OpenApi;
  root.append(text('h1', `${api.info.title} ${api.info.version}`), text('p', api.info.description));
  for (const [path, operations] of Object.entries(api.paths))
    for (const [method, operation] of Object.entries(operations)) root.append(show(method, path, operation));
}

function show(method: string, path: string, operation: Operation): HTMLElement {
  const box = document.createElement('details');
  const summary = document.createElement('summary');
  const name = text('span', method.toUpperCase());
  name.className = `method ${method}`;
  summary.append(name, text('code', path), document.createTextNode(` ${operation.summary}`));
  box.append(summary);
  if (operation.description) box.append(text('p', operation.description));
  const [type, content] = Object.entries(operation.requestBody?.content ?? {})[0] ?? [];
  const body = document.createElement('textarea');
  if (type !== undefined) {
    const example = content?.example;
    body.value = typeof example === 'string' ? example : JSON.stringify(example);
    body.setAttribute('aria-label', `body of ${method} ${path}`);
    box.append(body);
  }
  const answer = text('pre', '');
  const button = text('button', 'Try it');
  button.addEventListener('click', () => {
    const request: RequestInit =
      type === undefined ? { method } : { method, body: body.value, headers: { 'content-type': type } };
    void send(path, request, answer);
  });
  box.append(button, answer);
  box.open = path === '/predict';
  return box;
}

async function send(path: string, request: RequestInit, answer: HTMLElement): Promise<void> {
  answer.textContent = '…';
  try {
    const response = await fetch(path, { ...request, method: request.method?.toUpperCase() ?? 'GET' });
    answer.textContent = `${response.status} ${response.statusText}\n${await response.text()}`;
  } catch (error) {
    answer.textContent = error instanceof Error ? error.message : String(error);
  }
}

function text(name: string, content: string): HTMLElement {
  const made = document.createElement(name);
  made.textContent = content;
  return made;
}

void start();
