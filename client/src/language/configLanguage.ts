import {
  EventEmitter,
  window,
  workspace,
  type Event,
  type LogOutputChannel,
  type TextDocument,
  type Uri,
} from 'vscode';
import type { BaseLanguageClient, LanguageClientOptions } from 'vscode-languageclient';
import { commandId, type CommandName } from '../../../schemas/editor/commands.ts';
import {
  configFactsRequest,
  convertRequest,
  jobsNotification,
  configLanguageId,
  recogniseRequest,
  setValuesRequest,
  type ConfigFacts,
  type ConfigQuestion,
  type ConvertQuestion,
  type JobsMessage,
  type OpenText,
  type Recognised,
  type ValuesQuestion,
} from '../../../schemas/editor/languageMessages.ts';
import type { Registration } from '../../../schemas/jobEvents.ts';
import type { Disposing } from '../disposing.ts';
import type { JobStore } from '../jobs/jobStore.ts';
import { mayBeConfig } from './mayBeConfig.ts';
import { refusedConfigs } from './refusedConfigs.ts';
import { restartsOnly } from './serverErrors.ts';
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
  /** A config's text with other values; undefined where only a person should change it. */
  setValues(text: string, values: ValuesQuestion['values']): Promise<string | undefined>;
  /** A config's text as one writes it now. */
  converted(text: string): Promise<string>;
  restart(): Promise<void>;
  stop(): Promise<void>;
}

export interface ConfigLanguageSetup {
  /** Makes the client of a server that is yet to start. */
  readonly makeClient: (options: LanguageClientOptions) => Promise<BaseLanguageClient>;
  /** The jobs whose states the lenses over configs show; none where nothing can be started. */
  readonly jobs?: {
    readonly store: JobStore;
    /** Whether a worker runs where the extension does. */
    readonly isHere: (registration: Registration) => boolean;
    /** Says whether a config is being looked at. */
    readonly want: (isSeen: boolean) => void;
  };
  /** Whether a document may be a file of the user's, by its URI. */
  readonly isFile: (uri: Uri) => boolean;
  readonly log: (message: string) => void;
}

/** What the server may offer above a config, and to correct it. */
const offeredCommands: readonly CommandName[] = [
  'startJob',
  'stopJob',
  'showLogs',
  'openTry',
  'installRuntime',
];

/** The values of the client's `State`, whose module is loaded late. */
const running = 2;
const startingUp = 3;

export function createConfigLanguage({ makeClient, jobs, isFile, log }: ConfigLanguageSetup): ConfigLanguage {
  const changed = new EventEmitter<ServerState>();
  const disposables: Disposing[] = [changed];
  const lastError = createLastError();
  let channel: LogOutputChannel | undefined;
  let client: BaseLanguageClient | undefined;
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
    return isFile(document.uri) && mayBeConfig(document, named.length > 0);
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
    channel ??= window.createOutputChannel('Cluster Serving Language Server', { log: true });
    const made: BaseLanguageClient = await makeClient({
      documentSelector: [{ language: configLanguageId }],
      outputChannel: hearErrors(channel, (text) => lastError.see(text)),
      errorHandler: restartsOnly(() => made.createDefaultErrorHandler()),
      middleware: {
        handleWorkDoneProgress: (_token, { kind }) => {
          if (client === made && isAnswering()) become(kind === 'end' ? 'ready' : 'reading');
        },
      },
      initializationOptions: {
        commands: jobs && workspace.isTrusted ? offeredCommands.map(commandId) : [],
        opensSuggestions: true,
      },
    });
    client = made;
    made.onDidChangeState((change) => {
      const newState: number = change.newState;
      if (client !== made) return;
      // A server that has crashed is started again by the client, and knows of no jobs.
      if (newState === running && lastSent !== undefined) send(lastSent);
      become(newState === running ? 'ready' : newState === startingUp ? 'starting' : 'ended');
    });
    try {
      await made.start();
    } catch (error) {
      become('ended');
      throw error;
    }
  }

  /** Starts the server if it is off. */
  async function ask<Answer>(request: string, question: object): Promise<Answer> {
    await started();
    if (!client) throw new Error('The language server has been stopped.');
    return client.sendRequest<Answer>(request, question);
  }

  function sendJobs(): void {
    if (!jobs) return;
    const states = jobs.store
      .jobs()
      .map(({ jobName, redis, state: now }) => ({ jobName, redis, state: now }));
    const refused = jobs.store.jobs().flatMap((job) => refusedConfigs(job, jobs.isHere));
    const message = JSON.stringify({ jobs: states, refused } satisfies JobsMessage);
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
    jobs?.want(isSeen && window.state.focused && workspace.isTrusted);
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
        ...(jobs ? [jobs.store.onChange(sendJobs)] : []),
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
      const question: ConfigQuestion = { uri: uri.toString(), text };
      return (await ask<ConfigFacts | null>(configFactsRequest, question)) ?? undefined;
    },
    async setValues(text, values) {
      return (
        (await ask<string | null>(setValuesRequest, { text, values } satisfies ValuesQuestion)) ?? undefined
      );
    },
    converted: (text) => ask<string>(convertRequest, { text } satisfies ConvertQuestion),
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
