import { parentPort, workerData } from 'node:worker_threads';
import type { TensorInfo } from '../../../schemas/jobEvents.ts';
import { messageOf } from '../../../schemas/errors.ts';
import type { ModelTensor } from './model.ts';
import type { InferenceSession, Tensor } from 'onnxruntime-node';

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
  // Loaded only here, and late: a missing or foreign binary must be an answer, not the end of the process.
  const ort = await import('onnxruntime-node');
  const session = await ort.InferenceSession.create(file, {
    intraOpNumThreads: threads,
    interOpNumThreads: 1,
    executionMode: 'sequential',
    logSeverityLevel: 3,
  });
  const outputNames = session.outputNames;
  owner.on('message', (request: OnnxRequest) => {
    if ('close' in request) {
      void session.release().finally(() => {
        owner.close();
      });
      return;
    }
    const feeds: Record<string, Tensor> = {};
    const { id } = request;
    // The binding's run() works synchronously, so answers come in the order of the requests.
    (async () => {
      for (const { name, type, data, dims } of request.feeds)
        feeds[name] = new ort.Tensor(type as 'float32', data as Float32Array, dims);
      const results = await session.run(feeds);
      const outputs = outputNames.map((name) => {
        const { type, data, dims } = results[name] as Tensor;
        return { name, type, dims, data: data };
      });
      reply({ id, outputs });
    })().catch((error: unknown) => {
      reply({ id, error: messageOf(error) });
    });
  });
  reply({ loaded: { inputs: infos(session.inputMetadata), outputs: infos(session.outputMetadata) } });
}

serve().catch((error: unknown) => {
  reply({ loadFailed: messageOf(error) });
  owner.close();
});

function infos(metadata: readonly InferenceSession.ValueMetadata[]): TensorInfo[] {
  return metadata.map((value) =>
    value.isTensor
      ? {
          name: value.name,
          type: value.type,
          shape: value.shape.map((d) => (typeof d === 'number' && d >= 0 ? d : null)),
        }
      : { name: value.name, type: 'sequence or map', shape: [] },
  );
}
