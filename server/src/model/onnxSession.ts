import type { TensorInfo } from '../../../schemas/jobEvents.ts';
import type { ModelTensor } from './model.ts';
import type { InferenceSession, Tensor } from 'onnxruntime-node';

/** An ONNX file, loaded on the thread that asked for it; a run blocks that thread for its whole length. */
export interface OnnxSession {
  readonly inputs: TensorInfo[];
  readonly outputs: TensorInfo[];
  /** @returns the outputs in the model's order. @throws what the runtime throws */
  run(feeds: readonly ModelTensor[]): Promise<ModelTensor[]>;
  release(): Promise<void>;
}

/** @param threads  that one run may use. @throws what the runtime throws, also for a missing or foreign binary */
export async function openOnnxSession(file: string, threads: number): Promise<OnnxSession> {
  // Where JavaScript has halves the runtime's JavaScript hands them over, but its native part takes their bits only, and
  // when it finds none it hands over bits.
  Reflect.deleteProperty(globalThis, 'Float16Array');
  // Loaded only here, and late: a binary that does not load must be an answer, not the end of the process.
  const ort = await import('onnxruntime-node');
  const session = await ort.InferenceSession.create(file, {
    intraOpNumThreads: threads,
    interOpNumThreads: 1,
    executionMode: 'sequential',
    logSeverityLevel: 3,
  });
  const { outputNames } = session;
  return {
    inputs: infos(session.inputMetadata),
    outputs: infos(session.outputMetadata),
    async run(given) {
      const feeds: Record<string, Tensor> = {};
      for (const { name, type, data, shape } of given)
        feeds[name] = new ort.Tensor(type as 'float32', data as Float32Array, shape);
      const results = await session.run(feeds);
      return outputNames.map((name) => {
        const { type, data, dims } = results[name] as Tensor;
        return { name, type: type as ModelTensor['type'], shape: dims, data: data };
      });
    },
    release: () => session.release(),
  };
}

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
