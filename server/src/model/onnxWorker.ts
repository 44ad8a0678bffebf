import { parentPort, workerData } from 'node:worker_threads';
import { ServingError, messageOf, type ErrorCode } from '../../../schemas/errors.ts';
import type { ModelTensor } from './model.ts';
import { openOnnxSession, type ModelSignature } from './onnxSession.ts';

// This file is a thread of its own: a run blocks the thread that it is on for its whole length.

export interface OnnxWorkerData {
  readonly file: string;
  readonly threads: number;
}

export type OnnxRequest =
  { readonly id: number; readonly feeds: readonly ModelTensor[] } | { readonly close: true };

export type OnnxReply =
  | { readonly loaded: ModelSignature }
  | { readonly loadFailed: string; readonly code?: ErrorCode }
  | { readonly id: number; readonly outputs: ModelTensor[] }
  | { readonly id: number; readonly error: string };

const port = parentPort;
if (!port) throw new Error('onnxWorker runs as a worker thread only');

const { file, threads } = workerData as OnnxWorkerData;

const owner = port;
const reply = (message: OnnxReply) => {
  owner.postMessage(message);
};

async function serve(): Promise<void> {
  const session = await openOnnxSession(file, threads);
  owner.on('message', (request: OnnxRequest) => {
    if ('close' in request) {
      void session.release().finally(() => {
        owner.close();
      });
      return;
    }
    const { id, feeds } = request;
    // The binding's run() works synchronously, so answers come in the order of the requests.
    session.run(feeds).then(
      (outputs) => reply({ id, outputs }),
      (error: unknown) => reply({ id, error: messageOf(error) }),
    );
  });
  const { inputs, outputs, labels } = session;
  reply({ loaded: { inputs, outputs, labels } });
}

serve().catch((error: unknown) => {
  reply({ loadFailed: messageOf(error), ...(error instanceof ServingError ? { code: error.code } : {}) });
  owner.close();
});
