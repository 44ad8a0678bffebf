import { parentPort, workerData } from 'node:worker_threads';
import { messageOf, type ErrorCode } from '../../../schemas/errors.ts';
import type { RuntimeName } from '../../../schemas/runtimes.ts';
import type { ModelTensor } from './model.ts';
import { runtimeTable } from './runtimes/runtimes.ts';
import { noHost, type ModelSignature, type SessionOptions } from './session.ts';

// This file is a thread of its own: a run blocks the thread that it is on for its whole length.

export interface ModelWorkerData {
  readonly runtime: RuntimeName;
  readonly options: SessionOptions;
}

export type ModelRequest =
  { readonly id: number; readonly feeds: readonly ModelTensor[] } | { readonly close: true };

export type ModelReply =
  | { readonly loaded: ModelSignature }
  | { readonly loadFailed: string; readonly code: ErrorCode }
  | { readonly id: number; readonly outputs: ModelTensor[] }
  | { readonly id: number; readonly error: string };

const port = parentPort;
if (!port) throw new Error('modelWorker runs as a worker thread only');

const { runtime, options } = workerData as ModelWorkerData;
const row = runtimeTable[runtime];

const owner = port;
const reply = (message: ModelReply) => {
  owner.postMessage(message);
};

async function serve(): Promise<void> {
  const session = await row.load(options, noHost);
  owner.on('message', (request: ModelRequest) => {
    if ('close' in request) {
      void session.release().finally(() => {
        owner.close();
      });
      return;
    }
    const { id, feeds } = request;
    // The runtimes work synchronously, so answers come in the order of the requests.
    session.run(feeds).then(
      (outputs) => reply({ id, outputs }),
      (error: unknown) => reply({ id, error: messageOf(error) }),
    );
  });
  const { inputs, outputs, labels, notes } = session;
  reply({ loaded: { inputs, outputs, labels, notes } });
}

serve().catch((error: unknown) => {
  const { code, message } = row.explain(error, options.source);
  reply({ loadFailed: message, code });
  owner.close();
});
