import { Worker } from 'node:worker_threads';
import { ServingError, messageOf } from '../../../schemas/errors.ts';
import type { RuntimeName } from '../../../schemas/runtimes.ts';
import { isStrings } from '../tensor/tensor.ts';
import type { ModelTensor } from './model.ts';
import type { ModelReply, ModelRequest, ModelWorkerData } from './modelWorker.ts';
import type { ModelSignature, SessionOptions } from './session.ts';

export interface ModelThreadOptions {
  readonly runtime: RuntimeName;
  readonly session: SessionOptions;
  /** The bundle of modelWorker.ts. */
  readonly workerFile: string;
  /** Called when the thread ends by itself: nothing can be run on it any more. */
  readonly onDeath: (error: ServingError) => void;
}

/** A copy of the model on a thread of its own, so that a run, which blocks its thread, blocks nothing else. */
export interface ModelThread {
  /** @throws ServingError "model-load-failed" or "model-unsupported" */
  readonly loaded: Promise<ModelSignature>;
  readonly busy: number;
  run(feeds: readonly ModelTensor[]): Promise<ModelTensor[]>;
  close(): Promise<void>;
}

export function startModelThread({ runtime, session, workerFile, onDeath }: ModelThreadOptions): ModelThread {
  const { file } = session.source;
  const workerData: ModelWorkerData = { runtime, options: session };
  const worker = new Worker(workerFile, { workerData });
  const waiting = new Map<
    number,
    { resolve: (outputs: ModelTensor[]) => void; reject: (error: unknown) => void }
  >();
  let lastId = 0;
  let closing = false;
  const ended = new Promise<void>((resolve) => worker.once('exit', () => resolve()));
  const post = (request: ModelRequest, transfer: ArrayBuffer[]) => {
    worker.postMessage(request, transfer);
  };

  const loaded = new Promise<ModelSignature>((resolve, reject) => {
    const fail = (error: ServingError) => {
      reject(error);
      for (const { reject: rejectRun } of waiting.values()) rejectRun(error);
      waiting.clear();
      if (!closing) onDeath(error);
    };
    worker.on('message', (message: ModelReply) => {
      if ('loaded' in message) resolve(message.loaded);
      else if ('loadFailed' in message) {
        // It ends by itself, and that is no death.
        closing = true;
        reject(new ServingError(message.code, message.loadFailed));
      } else {
        const run = waiting.get(message.id);
        waiting.delete(message.id);
        if ('error' in message)
          run?.reject(new ServingError('model-run-failed', `The model failed: ${message.error}`));
        else run?.resolve(message.outputs);
      }
    });
    worker.on('error', (error) => {
      fail(loadFailed(file, messageOf(error)));
    });
    worker.on('exit', (code) => {
      fail(loadFailed(file, `its thread ended with code ${code}`));
    });
  });
  // A copy that fails after another one did has no caller left.
  loaded.catch(() => undefined);

  return {
    loaded,
    get busy() {
      return waiting.size;
    },
    run: (feeds) =>
      new Promise((resolve, reject) => {
        const id = ++lastId;
        waiting.set(id, { resolve, reject });
        post({ id, feeds }, transferable(feeds));
      }),
    async close() {
      closing = true;
      post({ close: true }, []);
      await ended;
    },
  };
}

/** The memory of the feeds, each piece once: tensors of one record may lie in the same piece. */
function transferable(feeds: readonly ModelTensor[]): ArrayBuffer[] {
  const buffers = new Set<ArrayBuffer>();
  for (const { data } of feeds)
    if (!isStrings(data) && data.buffer instanceof ArrayBuffer) buffers.add(data.buffer);
  return [...buffers];
}

function loadFailed(file: string, why: string): ServingError {
  return new ServingError('model-load-failed', `${file} could not be loaded: ${why}`);
}
