import { parentPort, workerData } from 'node:worker_threads';
import type { TensorInfo } from '../../../schemas/jobEvents.ts';
import { messageOf } from '../../../schemas/errors.ts';
import type { ModelTensor } from './model.ts';
import { openOnnxSession } from './onnxSession.ts';

// This file is a thread of its own: a run blocks the thread that it is on for its whole length.

export interface OnnxWorkerData {
  readonly file: string;
  readonly threads: number;
}

export type OnnxRequest =
  { readonly id: number; readonly feeds: readonly ModelTensor[] } | { readonly close: true };

export type OnnxReply =
  | { readonly loaded: { readonly inputs: TensorInfo[]; readonly outputs: TensorInfo[] } }
  | { readonly loadFailed: string }
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
  reply({ loaded: { inputs: session.inputs, outputs: session.outputs } });
}

serve().catch((error: unknown) => {
  reply({ loadFailed: messageOf(error) });
  owner.close();
});
