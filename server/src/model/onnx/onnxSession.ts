import { readFileSync } from 'node:fs';
import { ServingError } from '../../../../schemas/errors.ts';
import type { TensorInfo } from '../../../../schemas/jobEvents.ts';
import { isElementType } from '../../tensor/elementTypes.ts';
import type { ModelTensor } from '../model.ts';
import { loadOnnxRuntime } from './onnxRuntime.ts';
import { requireInputs, unsupportedType } from '../runtimes/unsupported.ts';
import type { Session, SessionOptions } from '../session.ts';
import { withoutZipMaps } from './zipMap.ts';
import type { InferenceSession, Tensor } from 'onnxruntime-node';

/** Loads an ONNX file.
 *  @throws ServingError "model-unsupported" for what records and results cannot carry; else what the runtime throws, also
 *    for a missing or foreign binary */
export async function openOnnxSession({
  source: { file, content },
  threads,
}: SessionOptions): Promise<Session> {
  // Where JavaScript has halves the runtime's JavaScript hands them over, but its native part takes their bits only, and
  // when it finds none it hands over bits.
  Reflect.deleteProperty(globalThis, 'Float16Array');
  const ort = await loadOnnxRuntime();
  const options: InferenceSession.SessionOptions = {
    intraOpNumThreads: threads,
    interOpNumThreads: 1,
    executionMode: 'sequential',
    logSeverityLevel: 3,
  };
  let session = content
    ? await ort.InferenceSession.create(content.file, options)
    : await ort.InferenceSession.create(file, options);
  let labels: ReadonlyMap<string, readonly string[]> = new Map();
  if (session.outputMetadata.some(({ isTensor }) => !isTensor)) {
    const plain = withoutZipMaps(content?.file ?? readFileSync(file));
    if (plain) {
      await session.release();
      session = await ort.InferenceSession.create(plain.bytes, options);
      labels = plain.labels;
    }
  }
  // A run would abort the process: the binding does not know the types that it refuses.
  refuseUnservable(file, session);
  const { outputNames } = session;
  return {
    inputs: infos(session.inputMetadata),
    outputs: infos(session.outputMetadata),
    labels,
    notes: [],
    async run(given) {
      const feeds: Record<string, Tensor> = {};
      for (const { name, type, data, shape } of given)
        feeds[name] = new ort.Tensor(type as 'float32', data as Float32Array, shape);
      const results = await session.run(feeds);
      return outputNames.map((name) => {
        const { type, data, dims } = results[name] as Tensor;
        return { name, type: type as ModelTensor['type'], shape: dims, data };
      });
    },
    release: () => session.release(),
  };
}

function infos(metadata: readonly InferenceSession.ValueMetadata[]): TensorInfo[] {
  return metadata.map((value) => ({
    name: value.name,
    type: typeOf(value),
    shape: value.isTensor ? value.shape.map((d) => (typeof d === 'number' && d >= 0 ? d : null)) : [],
  }));
}

const notATensor = 'sequence, map or optional value';

function typeOf(value: InferenceSession.ValueMetadata): string {
  return value.isTensor ? value.type : notATensor;
}

function refuseUnservable(file: string, session: InferenceSession): void {
  const { inputMetadata, outputMetadata } = session;
  requireInputs(file, inputMetadata);
  const bad =
    inputMetadata.find((value) => !isElementType(typeOf(value))) ??
    outputMetadata.find((value) => !isElementType(typeOf(value)));
  if (!bad) return;
  const kind = inputMetadata.includes(bad) ? 'input' : 'output';
  const name = `${file}: the ${kind} "${bad.name}"`;
  if (!bad.isTensor)
    throw new ServingError(
      'model-unsupported',
      `${name} is a ${notATensor}, and only tensors can be sent and answered. Export the model with a tensor in its place.`,
    );
  throw unsupportedType(`${name} has`, bad.type);
}
