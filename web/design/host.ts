import { browserTheme, design, editorTheme } from './style.ts';

/** What the editor gives to a page of its own. */
export interface EditorHost {
  postMessage(message: unknown): void;
  getState(): unknown;
  setState(state: unknown): void;
}

declare const acquireVsCodeApi: (() => EditorHost) | undefined;

/** The editor that shows this page; undefined in a browser. An editor hands itself over once only. */
export function editorOfPage(): EditorHost | undefined {
  return typeof acquireVsCodeApi === 'function' ? acquireVsCodeApi() : undefined;
}

/** Dresses the page: its own style over the common design, in the colours of its host.
 *  @param onColors  called when the host has changed them */
export function dressPage(host: EditorHost | undefined, style: string, onColors: () => void): void {
  document.adoptedStyleSheets = [design, host ? editorTheme : browserTheme, style].map((text) => {
    const sheet = new CSSStyleSheet();
    sheet.replaceSync(text);
    return sheet;
  });
  if (host) {
    // The editor announces another theme by the attributes of the body.
    new MutationObserver(onColors).observe(document.body, { attributeFilter: ['data-vscode-theme-id'] });
    return;
  }
  for (const query of ['(prefers-color-scheme: dark)', '(prefers-contrast: more)', '(forced-colors: active)'])
    matchMedia(query).addEventListener('change', onColors);
}
