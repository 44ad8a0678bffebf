import { ViewColumn, l10n, window, workspace, type WebviewPanel } from 'vscode';
import { ServingError, messageOf } from '../../../schemas/errors.ts';
import type { TryAnswer, TryMessage, TryQuestion, TryTarget } from '../../../schemas/pages.ts';
import type { App } from '../app.ts';
import { frontendsOf, isReachable, knownFrontends } from '../jobs/http/knownFrontends.ts';
import { tryAnswerOf, tryModelOf } from '../jobs/tryModel.ts';
import { loadPage } from './webPage.ts';

const viewType = 'clusterServing.try';

/** The pages that try a job, one for each: what they send goes through the command line into the job's queue. */
export function createTryPanels(app: App): { show(target: TryTarget): void } {
  const panels = new Map<string, WebviewPanel>();

  function show(target: TryTarget): void {
    const open = panels.get(keyOf(target));
    if (open) open.reveal();
    else
      setUp(
        window.createWebviewPanel(viewType, l10n.t('Try {0}', target.jobName), ViewColumn.Active),
        target,
      );
  }

  function setUp(panel: WebviewPanel, target: TryTarget): void {
    const key = keyOf(target);
    panels.set(key, panel);
    const { webview } = panel;
    const aborts = new Map<number, AbortController>();
    let last = '';
    loadPage(app.context, webview, 'try');
    const post = (message: TryMessage) => void webview.postMessage(message);

    /** @param isAsked  otherwise only what is new is sent */
    function sendModel(isAsked: boolean): void {
      const job = jobOf(app, target);
      const model = tryModelOf(target.jobName, job, (message, ...args) => l10n.t(message, ...args));
      const message = { kind: 'model', model, url: urlOf(app, target), target } as const;
      const text = JSON.stringify({ ...message, model: { ...model, typicalMs: undefined } });
      if (!isAsked && text === last) return;
      last = text;
      post(message);
    }

    async function answer(id: number, body: string): Promise<void> {
      const abort = new AbortController();
      aborts.set(id, abort);
      post({ kind: 'answer', id, answer: await ask(app, target, body, abort.signal) });
      aborts.delete(id);
    }

    const want = () => app.watcher.setWanted(`try ${key}`, panel.visible && window.state.focused);
    const subscriptions = [
      panel.onDidChangeViewState(want),
      window.onDidChangeWindowState(want),
      app.store.onChange(() => sendModel(false)),
      webview.onDidReceiveMessage((question: TryQuestion) => {
        if (question.kind === 'model') sendModel(true);
        else if (question.kind === 'ask') void answer(question.id, question.body);
        else aborts.get(question.id)?.abort();
      }),
    ];
    want();
    panel.onDidDispose(() => {
      panels.delete(key);
      app.watcher.setWanted(`try ${key}`, false);
      for (const abort of aborts.values()) abort.abort();
      for (const one of subscriptions) one.dispose();
    });
  }

  app.context.subscriptions.push(
    window.registerWebviewPanelSerializer(viewType, {
      deserializeWebviewPanel: (panel, state: { readonly target?: TryTarget } | undefined) => {
        if (state?.target) setUp(panel, state.target);
        else panel.dispose();
        return Promise.resolve();
      },
    }),
  );
  return { show };
}

function keyOf({ configPath, jobName }: TryTarget): string {
  return JSON.stringify([configPath, jobName]);
}

function jobOf(app: App, { jobName, redis }: TryTarget) {
  return app.store
    .jobs()
    .find((job) => job.jobName === jobName && (redis === undefined || job.redis === redis));
}

async function ask(app: App, target: TryTarget, input: string, signal: AbortSignal): Promise<TryAnswer> {
  try {
    const lines = await app.cli.run(['predict', '--json', '-c', target.configPath, '--', '-'], {
      input,
      signal,
    });
    if (!signal.aborted) return tryAnswerOf(lines);
    return {
      records: [],
      error: { message: l10n.t('Cancelled; a record that no worker had yet was taken back.') },
    };
  } catch (error) {
    const code = error instanceof ServingError ? { code: error.code } : {};
    return { records: [], error: { message: messageOf(error), ...code } };
  }
}

/** Where the job answers HTTP, else where a frontend would that is started from here. */
function urlOf(app: App, target: TryTarget): string {
  const job = jobOf(app, target);
  const own = job?.workers.find(({ heartbeat }) => heartbeat?.httpUrl)?.heartbeat?.httpUrl;
  const address = {
    jobName: target.jobName,
    redis: target.redis ?? job?.redis ?? '',
    configPath: target.configPath,
  };
  const [frontend] = frontendsOf(address, knownFrontends(app.store.frontends(), app.http.all())).filter(
    isReachable,
  );
  const port = workspace.getConfiguration('clusterServing').get('http.port', 10_020);
  return own ?? frontend?.url ?? `http://127.0.0.1:${port}`;
}
