import { ViewColumn, l10n, window, type WebviewPanel } from 'vscode';
import type { ConfigFix, MonitorSnapshot } from '../../../schemas/pages.ts';
import type { App } from '../app.ts';
import { loadPage } from './webPage.ts';

const viewType = 'clusterServing.monitor';
const intervalMs = 1_000;

/** The monitor: a page that draws what it is sent.
 *  @param onFix  called when the user wants what the monitor advises */
export function createMonitorPanel(app: App, onFix: (fix: ConfigFix) => void): { show(): void } {
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
    loadPage(app.context, webview, 'monitor');
    const send = () => {
      if (!shown.visible) return;
      void webview.postMessage({
        at: Date.now(),
        jobs: app.store.jobs(),
        trouble: [...app.store.trouble().values()],
      } satisfies MonitorSnapshot);
    };
    const timer = setInterval(send, intervalMs);
    const want = () => app.watcher.setWanted('monitor', shown.visible && window.state.focused);
    const subscriptions = [
      shown.onDidChangeViewState(want),
      window.onDidChangeWindowState(want),
      // The page says when it listens; what was sent before is lost.
      webview.onDidReceiveMessage((message: ConfigFix | 'ready') => {
        if (message === 'ready') send();
        else onFix(message);
      }),
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
