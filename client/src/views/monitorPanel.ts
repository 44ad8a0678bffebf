import { randomBytes } from 'node:crypto';
import { Uri, ViewColumn, env, l10n, window, type WebviewPanel } from 'vscode';
import type { App } from '../app.ts';

const viewType = 'clusterServing.monitor';
const intervalMs = 1_000;

/** The monitor: a page that draws what it is sent. It talks by messages only and reaches no network: in a remote window
 *  it would reach the wrong machine's. */
export function createMonitorPanel(app: App): { show(): void } {
  let panel: WebviewPanel | undefined;

  function show(): void {
    if (panel) {
      panel.reveal();
      return;
    }
    setUp(window.createWebviewPanel(viewType, l10n.t('Cluster Serving Monitor'), ViewColumn.Active));
  }

  function setUp(shown: WebviewPanel): void {
    panel = shown;
    const { webview } = shown;
    const folder = Uri.joinPath(app.context.extensionUri, 'dist', 'web');
    webview.options = { enableScripts: true, localResourceRoots: [folder] };
    webview.html = page(
      webview.asWebviewUri(Uri.joinPath(folder, 'monitorPanel.js')).toString(),
      webview.cspSource,
    );
    const send = () => {
      if (!shown.visible) return;
      void webview.postMessage({
        at: Date.now(),
        jobs: app.store.jobs(),
        trouble: [...app.store.trouble().values()],
      });
    };
    const timer = setInterval(send, intervalMs);
    const want = () => app.watcher.setWanted('monitor', shown.visible && window.state.focused);
    const subscriptions = [
      shown.onDidChangeViewState(want),
      window.onDidChangeWindowState(want),
      // The page says when it listens; what was sent before is lost.
      webview.onDidReceiveMessage(send),
    ];
    want();
    shown.onDidDispose(() => {
      panel = undefined;
      clearInterval(timer);
      app.watcher.setWanted('monitor', false);
      for (const one of subscriptions) one.dispose();
    });
  }

  app.context.subscriptions.push(
    window.registerWebviewPanelSerializer(viewType, {
      deserializeWebviewPanel: (restored) => {
        setUp(restored);
        return Promise.resolve();
      },
    }),
  );
  return { show };
}

function page(script: string, source: string): string {
  const nonce = randomBytes(16).toString('base64url');
  return `<!doctype html>
<html lang="${env.language}">
<head>
<meta charset="utf-8">
<meta http-equiv="Content-Security-Policy" content="default-src 'none'; script-src 'nonce-${nonce}'; style-src ${source};">
<title>Cluster Serving</title>
</head>
<body>
<main><h1>Cluster Serving</h1><p id="note" role="status"></p><div id="monitor"></div></main>
<script nonce="${nonce}" src="${script}"></script>
</body>
</html>`;
}
