import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import {
  Position,
  Range,
  StreamMessageReader,
  StreamMessageWriter,
  createMessageConnection,
  type MessageConnection,
  type PublishDiagnosticsParams,
} from 'vscode-languageserver/node';
import { root } from './serving.ts';

/** What a client does with the requests of the server. */
export type Manner = 'answers' | 'refuses' | 'is silent';

export interface StrictClient {
  readonly connection: MessageConnection;
  /** Requests that the server sent. */
  readonly asked: readonly string[];
  readonly logged: readonly string[];
  /** Edits that the server asked to make. */
  readonly edits: readonly unknown[];
  initialize(params: object): Promise<unknown>;
  open(uri: string, text: string): Promise<void>;
  request(method: string, params?: object): Promise<unknown>;
  /** Waits until problems of these codes were sent for a file. */
  codes(uri: string, wanted: readonly string[]): Promise<void>;
  /** Ends without farewell. */
  kill(): Promise<void>;
  /** Of the process; null while it runs. */
  exitCode(): number | null;
}

/** A client that takes the protocol at its word: it holds every answer against the types of positions and ranges.
 *  @param manner  how it deals with what the server asks of it */
export function startStrictClient(manner: Manner = 'answers'): StrictClient {
  const program = join(root, 'bin', 'cluster-serving-language-server.cjs');
  const child = spawn(process.execPath, [program, '--stdio'], { stdio: ['pipe', 'pipe', 'inherit'] });
  const connection = createMessageConnection(
    new StreamMessageReader(child.stdout),
    new StreamMessageWriter(child.stdin),
  );
  const [asked, logged, edits]: [string[], string[], unknown[]] = [[], [], []];
  const sent = new Map<string, readonly string[]>();
  const waiting = new Set<() => void>();
  connection.onRequest((method: string, params: unknown) => {
    asked.push(method);
    if (method === 'workspace/applyEdit') edits.push(params);
    if (manner === 'refuses') throw new Error('not here');
    if (manner === 'is silent') return new Promise(() => undefined);
    return method === 'workspace/configuration'
      ? [null]
      : method === 'workspace/applyEdit'
        ? { applied: true }
        : null;
  });
  connection.onNotification((method: string, params: unknown) => {
    check(params, method);
    if (method === 'window/logMessage') logged.push((params as { message: string }).message);
    if (method !== 'textDocument/publishDiagnostics') return;
    const { uri, diagnostics } = params as PublishDiagnosticsParams;
    sent.set(uri, diagnostics.map(({ code }) => String(code)).sort());
    for (const look of waiting) look();
  });
  connection.listen();
  let version = 0;
  const request = async (method: string, params?: object) => {
    const answer: unknown = await connection.sendRequest(method, params);
    check(answer, method);
    return answer;
  };
  return {
    connection,
    asked,
    logged,
    edits,
    request,
    async initialize(params) {
      const answer = await request('initialize', { processId: null, capabilities: {}, ...params });
      await connection.sendNotification('initialized', {});
      return answer;
    },
    open: (uri, text) =>
      connection.sendNotification('textDocument/didOpen', {
        textDocument: { uri, languageId: 'yaml', version: ++version, text },
      }),
    codes: (uri, wanted) =>
      new Promise((resolve, reject) => {
        const isThere = () => JSON.stringify(sent.get(uri)) === JSON.stringify([...wanted].sort());
        const late = () => reject(new Error(`not in time: ${JSON.stringify([...sent])}`));
        const timer = setTimeout(late, 20_000);
        const look = () => {
          if (!isThere()) return;
          clearTimeout(timer);
          waiting.delete(look);
          resolve();
        };
        waiting.add(look);
        look();
      }),
    async kill() {
      connection.dispose();
      if (child.exitCode !== null) return;
      const exit = once(child, 'exit');
      child.kill();
      await exit;
    },
    exitCode: () => child.exitCode,
  };
}

/** Whatever is called a position or a range is one; nothing is NaN or of the wrong type. */
function check(value: unknown, where: string): void {
  if (typeof value !== 'object' || value === null) return;
  for (const [name, part] of Object.entries(value)) {
    const isRange = /^(?:range|selectionRange|targetRange|originSelectionRange)$/.test(name);
    if (isRange && !Range.is(part)) throw new Error(`${where}: ${name} is no range: ${JSON.stringify(part)}`);
    if (/^(?:position|start|end)$/.test(name) && !Position.is(part))
      throw new Error(`${where}: ${name} is no position: ${JSON.stringify(part)}`);
    check(part, `${where}.${name}`);
  }
}
