import {
  EventEmitter,
  window,
  workspace,
  type Event,
  type LogOutputChannel,
  type TextDocument,
  type Uri,
} from 'vscode';
import type { LanguageClient } from 'vscode-languageclient/node';
import { commandId, type CommandName } from '../../../schemas/commands.ts';
import {
  configFactsRequest,
  jobsNotification,
  configLanguageId,
  recogniseRequest,
  type ConfigFacts,
  type ConfigQuestion,
  type JobsMessage,
  type OpenText,
  type Recognised,
} from '../../../schemas/languageMessages.ts';
import type { Disposing } from '../disposing.ts';
import type { JobStore } from '../jobs/jobStore.ts';
import { mayBeConfig } from './mayBeConfig.ts';
import { createLastError, hearErrors } from './serverLog.ts';

/** `reading`: it answers, and reads the configs of the workspace that are not open. */
export type ServerState = 'off' | 'starting' | 'reading' | 'ready' | 'ended';

/** The language server of the configs. */
export interface ConfigLanguage extends Disposing {
  readonly state: ServerState;
  /** Why it ended the last time, if it did. */
  readonly lastError: string | undefined;
  readonly onChange: Event<ServerState>;
  /** Starts it when the first file is open that may be a config: most YAML is not. */
  startWhenNeeded(): void;
  /** Whether a text is worth a question. */
  mayBeConfig(document: TextDocument): boolean;
  /** @returns undefined while it does not run */
  recognise(document: TextDocument): Promise<Recognised | undefined>;
  /** What a config says, open or not; undefined for a text that names no model. Starts the server if it is off. */
  facts(uri: Uri, text: string): Promise<ConfigFacts | undefined>;
  restart(): Promise<void>;
  stop(): Promise<void>;
}

export interface ConfigLanguageSetup {
  /** The server's bundle. */
  readonly program: string;
  readonly store: JobStore;
  /** Says whether a config is visible: its lenses show the state of its job. */
  readonly want: (isSeen: boolean) => void;
  readonly log: (message: string) => void;
}

/** What the server may offer above a config. */
const lensCommands: readonly CommandName[] = ['startJob', 'stopJob', 'showLogs', 'tryJob'];

export function createConfigLanguage({ program, store, want, log }: ConfigLanguageSetup): ConfigLanguage {
  const changed = new EventEmitter<ServerState>();
  const disposables: Disposing[] = [changed];
  const lastError = createLastError();
  let channel: LogOutputChannel | undefined;
  let client: LanguageClient | undefined;
  let starting: Promise<void> | undefined;
  let state: ServerState = 'off';
  /** What the server was sent last; undefined before anything is known. */
  let lastSent: string | undefined;

  function become(next: ServerState): void {
    if (next === state) return;
    state = next;
    changed.fire(state);
  }

  function isAnswering(): boolean {
    return state === 'ready' || state === 'reading';
  }

  function isCandidate(document: TextDocument): boolean {
    const named = workspace.getConfiguration('clusterServing', document).get<unknown[]>('files.include', []);
    return mayBeConfig(document, named.length > 0);
  }

  function consider(document: TextDocument): void {
    if (client || state !== 'off' || !isCandidate(document)) return;
    started().catch((error: unknown) => log(`The language server did not start: ${String(error)}`));
  }

  /** Many may ask at once. */
  function started(): Promise<void> {
    starting ??= start().catch((error: unknown) => {
      starting = undefined;
      throw error;
    });
    return starting;
  }

  async function start(): Promise<void> {
    become('starting');
    const { LanguageClient, State, TransportKind } = await import('vscode-languageclient/node');
    channel ??= window.createOutputChannel('Cluster Serving Language Server', { log: true });
    const made = new LanguageClient(
      'clusterServing',
      'Cluster Serving',
      { module: program, transport: TransportKind.ipc },
      {
        documentSelector: [{ language: configLanguageId }],
        outputChannel: hearErrors(channel, (text) => lastError.see(text)),
        middleware: {
          handleWorkDoneProgress: (_token, { kind }) => {
            if (client === made && isAnswering()) become(kind === 'end' ? 'ready' : 'reading');
          },
        },
        initializationOptions: {
          commands: workspace.isTrusted ? lensCommands.map(commandId) : [],
          opensSuggestions: true,
        },
      },
    );
    client = made;
    made.onDidChangeState(({ newState }) => {
      if (client !== made) return;
      // A server that has crashed is started again by the client, and knows of no jobs.
      if (newState === State.Running && lastSent !== undefined) send(lastSent);
      become(newState === State.Running ? 'ready' : newState === State.Starting ? 'starting' : 'ended');
    });
    try {
      await made.start();
    } catch (error) {
      become('ended');
      throw error;
    }
  }

  function sendJobs(): void {
    const jobs = store.jobs().map(({ jobName, redis, state: now }) => ({ jobName, redis, state: now }));
    const message = JSON.stringify({ jobs } satisfies JobsMessage);
    if (message === lastSent) return;
    lastSent = message;
    if (isAnswering()) send(message);
  }

  function send(message: string): void {
    client
      ?.sendNotification(jobsNotification, JSON.parse(message) as JobsMessage)
      .catch((error: unknown) => log(`The jobs could not be sent to the language server: ${String(error)}`));
  }

  function reportVisible(): void {
    const isSeen = window.visibleTextEditors.some(({ document }) => document.languageId === configLanguageId);
    want(isSeen && window.state.focused && workspace.isTrusted);
  }

  return {
    get state() {
      return state;
    },
    get lastError() {
      return lastError.line;
    },
    onChange: changed.event,
    startWhenNeeded() {
      disposables.push(
        store.onChange(sendJobs),
        window.onDidChangeVisibleTextEditors(reportVisible),
        window.onDidChangeWindowState(reportVisible),
        workspace.onDidOpenTextDocument((document) => {
          consider(document);
          reportVisible();
        }),
        workspace.onDidChangeTextDocument(({ document }) => consider(document)),
        // A workspace that becomes trusted gets the lenses at once.
        workspace.onDidGrantWorkspaceTrust(() => {
          reportVisible();
          if (client) void this.restart();
        }),
      );
      workspace.textDocuments.forEach(consider);
      reportVisible();
    },
    mayBeConfig: isCandidate,
    async recognise(document) {
      if (!isAnswering()) return undefined;
      const { uri, languageId } = document;
      const text: OpenText = { uri: uri.toString(), languageId, text: document.getText() };
      return client?.sendRequest<Recognised>(recogniseRequest, text);
    },
    async facts(uri, text) {
      await started();
      const question: ConfigQuestion = { uri: uri.toString(), text };
      return (await client?.sendRequest<ConfigFacts | null>(configFactsRequest, question)) ?? undefined;
    },
    async restart() {
      await this.stop();
      await started();
    },
    async stop() {
      const ending = client;
      client = undefined;
      starting = undefined;
      await ending?.dispose();
      become('off');
    },
    dispose: () => {
      for (const one of disposables) one.dispose();
      channel?.dispose();
    },
  };
}
