import { env, l10n, window } from 'vscode';
import { modelEditorIds } from '../../../schemas/editor/modelEditors.ts';
import type { Disposing } from '../disposing.ts';

/** Where there is no machine that could load a model, its file says so in place of a page. */
export function registerNoModelEditors(): readonly Disposing[] {
  return modelEditorIds.map((id) =>
    window.registerCustomEditorProvider(id, {
      openCustomDocument: (uri) => ({ uri, dispose: () => undefined }),
      resolveCustomEditor(_, { webview }) {
        const text = l10n.t('An editor in a browser cannot load models. Open the folder on a machine.');
        webview.html = `<!doctype html><html lang="${env.language}"><head><meta charset="utf-8"><meta http-equiv="Content-Security-Policy" content="default-src 'none'"><title>Cluster Serving</title></head><body><main><p>${text}</p></main></body></html>`;
      },
    }),
  );
}
