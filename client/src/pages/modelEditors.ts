import { basename } from 'node:path';
import {
  Uri,
  commands,
  l10n,
  window,
  workspace,
  type CustomReadonlyEditorProvider,
  type WebviewPanel,
} from 'vscode';
import { modelEditorIds } from '../../../schemas/editor/modelEditors.ts';
import { messageOf } from '../../../schemas/errors.ts';
import type { ModelMessage, ModelQuestion, ModelReport } from '../../../schemas/modelReport.ts';
import type { App } from '../app.ts';
import type { Disposing } from '../disposing.ts';
import { configOfModel } from '../jobs/configOfModel.ts';
import { loadPage } from './webPage.ts';

/** Shows files of models: what they take, give and consist of, by the command line. */
export function registerModelEditors(app: App): readonly Disposing[] {
  const provider: CustomReadonlyEditorProvider = {
    openCustomDocument: (uri) => ({ uri, dispose: () => undefined }),
    resolveCustomEditor: ({ uri }, panel) => setUp(app, uri, panel),
  };
  return modelEditorIds.map((id) => window.registerCustomEditorProvider(id, provider));
}

function setUp(app: App, uri: Uri, panel: WebviewPanel): void {
  const { webview } = panel;
  const name = basename(uri.path);
  const post = (message: ModelMessage) => void webview.postMessage(message);
  let abort: AbortController | undefined;

  async function look(): Promise<void> {
    abort?.abort();
    const mine = new AbortController();
    abort = mine;
    post({ kind: 'loading', name });
    try {
      const report = await reportOf(app, uri, mine.signal);
      if (!mine.signal.aborted) post({ kind: 'report', name, report });
    } catch (error) {
      if (!mine.signal.aborted) post({ kind: 'failed', name, message: messageOf(error) });
    }
  }

  loadPage(app.context, webview, 'model');
  const asked = webview.onDidReceiveMessage((question: ModelQuestion) => {
    if (question === 'text') void commands.executeCommand('vscode.openWith', uri, 'default');
    else void look();
  });
  panel.onDidDispose(() => {
    abort?.abort();
    asked.dispose();
  });
}

async function reportOf(app: App, uri: Uri, signal: AbortSignal): Promise<ModelReport> {
  if (!workspace.isTrusted)
    throw new Error(l10n.t('To load a model, a program is started: trust the workspace first.'));
  if (uri.scheme !== 'file') throw new Error(l10n.t('The file is not on this machine.'));
  const config = configOfModel(uri.fsPath, await app.configs.all());
  const [line] = await app.cli.run(
    ['model', '--json', ...(config ? ['-c', config.path] : []), '--', uri.fsPath],
    { signal },
  );
  return (line as unknown as { readonly model: ModelReport }).model;
}
