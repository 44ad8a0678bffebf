import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import {
  StreamMessageReader,
  StreamMessageWriter,
  createProtocolConnection,
  type ClientCapabilities,
  type Diagnostic,
  type ProtocolConnection,
  type PublishDiagnosticsParams,
} from 'vscode-languageserver/node';
import { root } from './serving.ts';

export interface ClientOptions {
  /** What the server's heap may grow to; it dies of more. */
  readonly heapMb?: number;
  readonly folder?: string;
  /** Else the one that was built last. */
  readonly program?: string;
  readonly capabilities?: ClientCapabilities;
  readonly initializationOptions?: unknown;
}

/** An editor that has nothing but the protocol. */
export interface LanguageClient {
  readonly connection: ProtocolConnection;
  readonly capabilities: Readonly<Record<string, unknown>>;
  /** Begins and ends of what the server says it is doing, in order. */
  readonly progress: readonly string[];
  /** Everything that the server wrote to stdout. */
  stdout(): string;
  open(uri: string, text: string): Promise<void>;
  change(uri: string, text: string): Promise<void>;
  /** Waits until the problems that were last sent for a file are as wanted. */
  problems(
    uri: string,
    wanted: (diagnostics: readonly Diagnostic[]) => boolean,
  ): Promise<readonly Diagnostic[]>;
  /** shutdown and exit. @returns the exit code */
  close(): Promise<number | null>;
}

const waitMs = 20_000;

/** What editors of today can do with an answer. */
const modern: ClientCapabilities['textDocument'] = {
  hover: { contentFormat: ['markdown', 'plaintext'] },
  documentSymbol: { hierarchicalDocumentSymbolSupport: true },
  codeAction: { codeActionLiteralSupport: { codeActionKind: { valueSet: ['quickfix', 'source.fixAll'] } } },
};

export async function startLanguageClient(options: ClientOptions = {}): Promise<LanguageClient> {
  const program = options.program ?? join(root, 'bin', 'cluster-serving-language-server.cjs');
  const heap = options.heapMb === undefined ? [] : [`--max-old-space-size=${options.heapMb}`];
  const child = spawn(process.execPath, [...heap, program, '--stdio'], {
    stdio: ['pipe', 'pipe', 'inherit'],
  });
  let written = '';
  child.stdout.on('data', (chunk: Buffer) => (written += chunk.toString()));
  const connection = createProtocolConnection(
    new StreamMessageReader(child.stdout),
    new StreamMessageWriter(child.stdin),
  );
  const sent = new Map<string, readonly Diagnostic[]>();
  const waiting = new Set<() => void>();
  connection.onNotification('textDocument/publishDiagnostics', (params: PublishDiagnosticsParams) => {
    sent.set(params.uri, params.diagnostics);
    for (const look of waiting) look();
  });
  const progress: string[] = [];
  connection.onRequest('window/workDoneProgress/create', () => null);
  connection.onNotification('$/progress', ({ value }: { value: { kind: string } }) => {
    progress.push(value.kind);
  });
  connection.onRequest('client/registerCapability', () => null);
  connection.onRequest('workspace/configuration', () => [null]);
  connection.onRequest('workspace/diagnostic/refresh', () => null);
  connection.listen();
  const uri = options.folder === undefined ? undefined : pathToFileURL(options.folder).href;
  const { capabilities } = await connection.sendRequest<{ capabilities: Record<string, unknown> }>(
    'initialize',
    {
      processId: process.pid,
      rootUri: uri ?? null,
      workspaceFolders: uri === undefined ? null : [{ uri, name: 'workspace' }],
      capabilities: {
        ...options.capabilities,
        textDocument: { ...modern, ...options.capabilities?.textDocument },
      },
      initializationOptions: options.initializationOptions,
    },
  );
  await connection.sendNotification('initialized', {});
  let version = 0;
  return {
    connection,
    capabilities,
    progress,
    stdout: () => written,
    open: (file, text) =>
      connection.sendNotification('textDocument/didOpen', {
        textDocument: { uri: file, languageId: 'yaml', version: ++version, text },
      }),
    change: (file, text) =>
      connection.sendNotification('textDocument/didChange', {
        textDocument: { uri: file, version: ++version },
        contentChanges: [{ text }],
      }),
    problems: (file, wanted) =>
      new Promise((resolve, reject) => {
        const timer = setTimeout(() => {
          waiting.delete(look);
          reject(new Error(`not in time; last sent: ${JSON.stringify(sent.get(file))}`));
        }, waitMs);
        const look = () => {
          const diagnostics = sent.get(file);
          if (!diagnostics || !wanted(diagnostics)) return;
          clearTimeout(timer);
          waiting.delete(look);
          resolve(diagnostics);
        };
        waiting.add(look);
        look();
      }),
    async close() {
      await connection.sendRequest('shutdown');
      const exit = once(child, 'exit');
      await connection.sendNotification('exit');
      const [code] = (await exit) as [number | null];
      connection.dispose();
      return code;
    },
  };
}
