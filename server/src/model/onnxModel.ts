import { Worker } from 'node:worker_threads';
import { ServingError, messageOf } from '../../../schemas/errors.ts';
import type { TensorInfo } from '../../../schemas/jobEvents.ts';
import type { Model, ModelTensor } from './model.ts';
import type { OnnxReply, OnnxRequest, OnnxWorkerData } from './onnxWorker.ts';
import { supportsBatches } from './probe.ts';

export interface OnnxModelOptions {
  readonly file: string;
  /** Copies of the model, each on a thread of its own. */
  readonly copies: number;
  /** Threads that one run of one copy may use. */
  readonly threads: number;
  /** The bundle of onnxWorker.ts. */
  readonly workerFile: string;
  /** Called when a copy ends by itself: nothing can be run any more. */
  readonly onDeath: (error: ServingError) => void;
}

/** A copy works on one run; one more waits beside it, so that it never idles while we assemble the next. */
const runsPerCopy = 2;

/** Loads an ONNX file, warms every copy with one run, and finds out whether rows of several records may share a run.
 *  @throws ServingError "model-load-failed" or "model-unsupported" */
export async function loadOnnxModel(options: OnnxModelOptions): Promise<Model> {
  const copies = Array.from({ length: options.copies }, () => startCopy(options));
  try {
    const loaded = await Promise.all(copies.map((copy) => copy.loaded));
    const { inputs, outputs } = loaded[0] ?? { inputs: [], outputs: [] };
    refuseUnservable(options.file, inputs, outputs);
    const run = (feeds: readonly ModelTensor[]) => leastBusy(copies).run(feeds);
    const batched = await supportsBatches(inputs, outputs, run);
    return {
      inputs,
      outputs,
      batched,
      slots: options.copies * runsPerCopy,
      run,
      close: async () => {
        await Promise.all(copies.map((copy) => copy.close()));
      },
    };
  } catch (error) {
    await Promise.all(copies.map((copy) => copy.close()));
    throw error;
  }
}

interface Copy {
  readonly loaded: Promise<{ inputs: TensorInfo[]; outputs: TensorInfo[] }>;
  readonly busy: number;
  run(feeds: readonly ModelTensor[]): Promise<ModelTensor[]>;
  close(): Promise<void>;
}

function startCopy({ file, threads, workerFile, onDeath }: OnnxModelOptions): Copy {
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

  const loaded = new Promise<{ inputs: TensorInfo[]; outputs: TensorInfo[] }>((resolve, reject) => {
    const fail = (error: ServingError) => {
      reject(error);
      for (const { reject: rejectRun } of waiting.values()) rejectRun(error);
      waiting.clear();
      if (!closing) onDeath(error);
    };
    worker.on('message', (message: OnnxReply) => {
      if ('loaded' in message) resolve(message.loaded);
      else if ('loadFailed' in message) reject(loadFailed(file, message.loadFailed));
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
  // A copy that fails after another one did has nobody left to tell.
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
        post({ id, feeds }, feeds.flatMap(transferable));
      }),
    async close() {
      closing = true;
      post({ close: true }, []);
      await ended;
    },
  };
}

function transferable({ data }: ModelTensor): ArrayBuffer[] {
  return Array.isArray(data) || !(data.buffer instanceof ArrayBuffer) ? [] : [data.buffer];
}

function leastBusy(copies: readonly Copy[]): Copy {
  return copies.reduce((least, copy) => (copy.busy < least.busy ? copy : least));
}

function loadFailed(file: string, why: string): ServingError {
  return new ServingError('model-load-failed', `${file} could not be loaded as an ONNX model: ${why}`);
}

/** A result carries numbers only. */
function refuseUnservable(file: string, inputs: readonly TensorInfo[], outputs: readonly TensorInfo[]): void {
  const bad =
    outputs.find(({ type }) => type === 'string' || type === 'sequence or map') ??
    inputs.find(({ type }) => type === 'sequence or map');
  if (!bad) return;
  throw new ServingError(
    'model-unsupported',
    `${file}: "${bad.name}" is a ${bad.type}, and only tensors of numbers can be results. ` +
      'Export the model without it (scikit-learn: options={"zipmap": False}, and leave out the label where it is a string).',
  );
}
