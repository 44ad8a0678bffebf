import { ViewColumn, l10n, window, type WebviewPanel } from 'vscode';
import { messageOf } from '../../../schemas/errors.ts';
import type {
  RecordChange,
  RecordsMessage,
  RecordsQuestion,
  RecordsTarget,
} from '../../../schemas/recordsPage.ts';
import type { QueueReport } from '../../../schemas/redis/queueReports.ts';
import type { App } from '../app.ts';
import { jobId } from '../jobs/jobStore.ts';
import { hasMoved } from '../jobs/queues/hasMoved.ts';
import { loadPage } from './webPage.ts';

const viewType = 'clusterServing.records';

/** What the page asks for that is not its own: the same as the commands on rows of the queues. */
export interface RecordsActions {
  open(queue: RecordsTarget, id: string): Promise<void>;
  change(queue: RecordsTarget, kind: RecordChange, ids: readonly string[]): Promise<void>;
}

/** The tables of records, one for each queue. They ask for records by the page, and for what is in view. */
export function createRecordsPanels(
  app: App,
  actions: RecordsActions,
): { show(target: RecordsTarget): void } {
  const panels = new Map<string, WebviewPanel>();
  const { store, watcher } = app.queues;

  function show(target: RecordsTarget): void {
    const open = panels.get(jobId(target));
    if (open) open.reveal();
    else {
      const title = l10n.t('Records of {0}', target.jobName);
      setUp(window.createWebviewPanel(viewType, title, ViewColumn.Active), target);
    }
  }

  function setUp(panel: WebviewPanel, target: RecordsTarget): void {
    const id = jobId(target);
    panels.set(id, panel);
    const { webview } = panel;
    let seen: QueueReport | undefined;
    loadPage(app.context, webview, 'records');
    const post = (message: RecordsMessage) => void webview.postMessage(message);

    function sendQueue(): void {
      const queue = store.queue(id);
      const trouble = store.trouble().get(target.redis);
      const moved = seen !== undefined && queue !== undefined && hasMoved(seen, queue);
      seen = queue ?? seen;
      post({
        kind: 'queue',
        target,
        ...(queue ? { counts: { waiting: queue.waiting, pending: queue.pending, dead: queue.dead } } : {}),
        ...(trouble === undefined ? {} : { trouble }),
        hasMoved: moved,
      });
    }

    async function answer(asked: Extract<RecordsQuestion, { readonly question: number }>): Promise<void> {
      const { question } = asked;
      try {
        // They have the sign-in of the Redis.
        await app.configs.all();
        if (asked.kind === 'page')
          post({ kind: 'page', question, page: await app.queues.listed(target, asked.list) });
        else post({ kind: 'previews', question, records: await app.queues.previews(target, asked.ids) });
      } catch (error) {
        post({ kind: 'failed', question, message: messageOf(error) });
      }
    }

    // Whose queues are followed is known with the configs.
    let knowsConfigs = false;
    const want = () =>
      watcher.setWanted(`records ${id}`, knowsConfigs && panel.visible && window.state.focused);
    const subscriptions = [
      panel.onDidChangeViewState(want),
      window.onDidChangeWindowState(want),
      store.onChange((changed) => {
        if (changed === undefined || changed === id) sendQueue();
      }),
      webview.onDidReceiveMessage((asked: RecordsQuestion) => {
        if (asked.kind === 'ready') sendQueue();
        else if ('question' in asked) void answer(asked);
        else if (asked.kind === 'open') void actions.open(target, asked.id);
        else void actions.change(target, asked.kind, asked.ids);
      }),
    ];
    void app.configs.all().then(() => {
      knowsConfigs = true;
      want();
    });
    panel.onDidDispose(() => {
      panels.delete(id);
      watcher.setWanted(`records ${id}`, false);
      for (const one of subscriptions) one.dispose();
    });
  }

  app.context.subscriptions.push(
    window.registerWebviewPanelSerializer(viewType, {
      deserializeWebviewPanel: (panel, state: { readonly target?: RecordsTarget } | undefined) => {
        if (state?.target) setUp(panel, state.target);
        else panel.dispose();
        return Promise.resolve();
      },
    }),
  );
  return { show };
}
