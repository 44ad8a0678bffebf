import { Worker } from 'node:worker_threads';
import { ServingError, messageOf, type ErrorCode } from '../../../schemas/errors.ts';
import { isStrings } from '../tensor/tensor.ts';
import type { ModelTensor } from './model.ts';
import type { ModelSignature } from './onnxSession.ts';
import type { OnnxReply, OnnxRequest, OnnxWorkerData } from './onnxWorker.ts';

export interface OnnxThreadOptions {
  readonly file: string;
  /** Threads that one run may use. */
  readonly threads: number;
  /** The bundle of onnxWorker.ts. */
  readonly workerFile: string;
  /** Called when the thread ends by itself: nothing can be run on it any more. */
  readonly onDeath: (error: ServingError) => void;
}

/** A copy of the model on a thread of its own, so that a run, which blocks its thread, blocks nothing else. */
export interface OnnxThread {
  /** @throws ServingError "model-load-failed" */
  readonly loaded: Promise<ModelSignature>;
  readonly busy: number;
  run(feeds: readonly ModelTensor[]): Promise<ModelTensor[]>;
  close(): Promise<void>;
}

export function startOnnxThread({ file, threads, workerFile, onDeath }: OnnxThreadOptions): OnnxThread {
  const workerData: OnnxWorkerData = { file, threads };
  const worker = new Worker(workerFile, { workerData });
  const waiting = new Map<
    number,
    { resolve: (outputs: ModelTensor[]) => void; reject: (error: unknown) => void }
  >();
  let lastId = 0;
  let closing = false;
  const ended = new Promise<void>((resolve) => worker.once('exit', () => resolve()));
  const post = (request: OnnxRequest, transfer: ArrayBuffer[]) => {
    worker.postMessage(request, transfer);
  };

  const loaded = new Promise<ModelSignature>((resolve, reject) => {
    const fail = (error: ServingError) => {
      reject(error);
      for (const { reject: rejectRun } of waiting.values()) rejectRun(error);
      waiting.clear();
      if (!closing) onDeath(error);
    };
    worker.on('message', (message: OnnxReply) => {
      if ('loaded' in message) resolve(message.loaded);
      else if ('loadFailed' in message) reject(refusal(file, message));
      else {
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

/** What the model itself is refused for has its own code. */
function refusal(
  file: string,
  { loadFailed: why, code }: { loadFailed: string; code?: ErrorCode },
): ServingError {
  return code === undefined ? loadFailed(file, why) : new ServingError(code, why);
}

function loadFailed(file: string, why: string): ServingError {
  return new ServingError('model-load-failed', `${file} could not be loaded as an ONNX model: ${why}`);
}
