import { join } from 'node:path';
import { window, workspace, type ExtensionContext } from 'vscode';
import type { JobEvent } from '../../schemas/jobEvents.ts';
import { registerLanguageTools } from './agents/registerLanguageTools.ts';
import { registerMcpServer } from './agents/registerMcpServer.ts';
import type { App } from './app.ts';
import { registerCommands } from './commands/register.ts';
import { createCli } from './jobs/cli.ts';
import { createHttpFrontends } from './jobs/http/httpFrontends.ts';
import { createJobStore } from './jobs/jobStore.ts';
import { createQueues } from './jobs/queues/queues.ts';
import { createWatcher, watchCommands } from './jobs/watcher.ts';
import { createWorkspaceConfigs } from './jobs/workspaceConfigs.ts';
import { createConfigLanguage } from './language/configLanguage.ts';
import { createFileLanguages } from './language/fileLanguages.ts';
import { createLanguageStatus } from './language/languageStatus.ts';
import { createArrangement } from './views/arrange/arrangement.ts';
import { createDeathNotice } from './views/deathNotice.ts';
import { createJobsTree } from './views/jobsTree.ts';
import { createQueuesTree } from './views/queuesTree.ts';
import { registerModelEditors } from './pages/modelEditors.ts';
import { createRecordPanel } from './pages/recordPanel.ts';
import { isHere, onePerRedis } from './jobs/places.ts';
import { createSecrets } from './jobs/secrets.ts';
import { registerTasks } from './tasks/taskProvider.ts';
import { createPins } from './views/pins.ts';
import { createReports } from './views/reports.ts';
import { createSelections } from './views/selections.ts';
import { createStatusBar } from './views/statusBar.ts';

let running: App | undefined;

/** Wires everything; starts no process and reads no file: that waits until a view is seen or a command is run. */
export function activate(context: ExtensionContext): void {
  const log = window.createOutputChannel('Cluster Serving', { log: true });
  const program = (name: string) => join(context.extensionPath, 'dist', name);
  const secrets = createSecrets(context.secrets, context.globalState);
  const cli = createCli({
    program: program('cli.mjs'),
    log: (line) => log.info(line),
    env: () => secrets.environment(),
  });
  const store = createJobStore();
  const configs = createWorkspaceConfigs((uri, text) => language.facts(uri, text));
  const intervalMs = () => workspace.getConfiguration('clusterServing').get('jobs.refreshInterval', 2_000);
  const watcher = createWatcher<JobEvent>({
    cli,
    commands: () => watchCommands(onePerRedis(configs.known()), intervalMs()),
    emit: (event) => store.apply(event),
    onUnwatched: () => store.unwatched(Date.now()),
    log: (message) => log.warn(message),
  });
  const queues = createQueues({
    cli,
    configs: () => configs.known(),
    intervalMs,
    log: (message) => log.warn(message),
  });
  const http = createHttpFrontends(cli, (line) => log.info(line));
  const language = createConfigLanguage({
    makeClient: async (options) => {
      const { LanguageClient, TransportKind } = await import('vscode-languageclient/node');
      const server = { module: program('languageServer.cjs'), transport: TransportKind.ipc };
      return new LanguageClient('clusterServing', 'Cluster Serving', server, options);
    },
    jobs: { store, isHere, want: (isSeen) => watcher.setWanted('lenses', isSeen) },
    // Documents of git, and of file systems that are not here, are no config to start.
    isFile: ({ scheme }) => ['file', 'untitled'].includes(scheme),
    log: (message) => log.error(message),
  });
  const files = createFileLanguages(language, (message) => log.error(message));
  const reports = createReports();
  const pins = createPins(context.workspaceState);
  running = {
    context,
    log,
    cli,
    store,
    configs,
    watcher,
    queues,
    http,
    language,
    files,
    reports,
    secrets,
    pins,
    arrangement: createArrangement(context.workspaceState),
    selections: createSelections(),
    recordPanel: createRecordPanel(),
  };
  context.subscriptions.push(
    log,
    configs,
    files,
    createLanguageStatus(language, files),
    language,
    reports,
    createJobsTree(running),
    createQueuesTree(running),
    createStatusBar(store),
    createDeathNotice(running),
    ...registerCommands(running),
    registerTasks(running),
    ...registerModelEditors(running),
    ...registerMcpServer({
      program: program('cli.mjs'),
      version: (context.extension.packageJSON as { version: string }).version,
      environment: () => secrets.environment(),
    }),
    ...registerLanguageTools(cli, context.extension.packageJSON),
    workspace.onDidChangeConfiguration((change) => {
      if (change.affectsConfiguration('clusterServing.jobs')) {
        watcher.restart();
        queues.watcher.restart();
      }
    }),
  );
  language.startWhenNeeded();
}

/** Ends what belongs to the window. Jobs go on: the next window finds them again. */
export async function deactivate(): Promise<void> {
  if (!running) return;
  const { watcher, queues, http, language } = running;
  running = undefined;
  await Promise.all([watcher.dispose(), queues.watcher.dispose(), http.dispose(), language.stop()]);
}
