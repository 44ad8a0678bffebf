import { messageOf, ServingError } from '../../../schemas/errors.ts';
import { loadModel } from '../../../server/src/model/loadModel.ts';
import { isElementType } from '../../../server/src/tensor/elementTypes.ts';
import type { Tensor } from '../../../server/src/tensor/tensor.ts';
import { modelOf, readDataSets, type Case } from './cases.ts';
import { differsAtAll, differsFrom, firstDifference } from './compare.ts';
import { tryRecord, type Inputs } from './service.ts';
import type { InferenceSession, Tensor as OrtTensor } from 'onnxruntime-node';

/** How a case has ended.
 *  - "exact": every answer of every form is the runtime's, and is what the ONNX project expects;
 *  - "as the runtime": every answer is the runtime's, which is not what the ONNX project expects;
 *  - "refused": the engine says at its start that it does not serve such a model;
 *  - "nan", "wrong", "crash": records were not answered, or with something else, or the process has ended;
 *  - "not run": the runtime itself cannot run the case, or does not answer the same twice;
 *  - "no tensors": its inputs are not all tensors, or there are none. */
export type Outcome =
  'exact' | 'as the runtime' | 'refused' | 'nan' | 'wrong' | 'crash' | 'not run' | 'no tensors';

export interface CaseResult {
  readonly outcome: Outcome;
  readonly why: string;
  /** Whether the engine let records share runs. */
  readonly shared?: boolean;
}

/** One data set, and what the runtime answers to it. */
interface Asked {
  readonly inputs: Inputs;
  readonly outputs: readonly Tensor[];
}

/** @param modelWorkerFile  the bundle of modelWorker.ts
 *  @param onEngine  called when the runtime has done its part, and the engine's begins */
export async function runCase(one: Case, modelWorkerFile: string, onEngine: () => void): Promise<CaseResult> {
  const known = await askRuntime(one);
  if ('outcome' in known) {
    onEngine();
    // The engine must refuse it too, or stay alive at least.
    return { ...known, why: `${known.why}${await describeStart(one, modelWorkerFile)}` };
  }
  onEngine();
  let model;
  try {
    model = await load(one, modelWorkerFile);
  } catch (error) {
    return { outcome: 'refused', why: messageOf(error) };
  }
  const { shared } = model.sharing;
  try {
    for (const { inputs, outputs } of known.asked) {
      const fault = await tryRecord(model, inputs, outputs);
      if (fault) return { outcome: fault.kind, why: fault.what, shared };
    }
    return { outcome: known.differs === '' ? 'exact' : 'as the runtime', why: known.differs, shared };
  } finally {
    await model.close();
  }
}

async function describeStart(one: Case, modelWorkerFile: string): Promise<string> {
  try {
    await (await load(one, modelWorkerFile)).close();
    return '; the engine starts';
  } catch (error) {
    const code = error instanceof ServingError ? error.code : 'unexpected';
    return `; the engine refuses it: ${code}`;
  }
}

function load(one: Case, workerFile: string) {
  return loadModel({
    source: { type: 'onnx', file: modelOf(one) },
    runtime: 'onnxruntime',
    place: '',
    copies: 1,
    threads: 1,
    batchSize: 8,
    workerFile,
    // What was asked of it is answered with the reason.
    onDeath: () => undefined,
  });
}

interface Known {
  readonly asked: readonly Asked[];
  /** What the ONNX project expects otherwise; '' where it expects the same. */
  readonly differs: string;
}

async function askRuntime(one: Case): Promise<CaseResult | Known> {
  Reflect.deleteProperty(globalThis, 'Float16Array');
  const ort = await import('onnxruntime-node');
  let session: InferenceSession;
  try {
    session = await ort.InferenceSession.create(modelOf(one), {
      intraOpNumThreads: 1,
      interOpNumThreads: 1,
      logSeverityLevel: 4,
    });
  } catch (error) {
    return { outcome: 'not run', why: `the runtime does not load it: ${firstLine(error)}` };
  }
  const { inputMetadata } = session;
  if (inputMetadata.length === 0) return { outcome: 'no tensors', why: 'it has no inputs' };
  const asked: Asked[] = [];
  let differs = '';
  for (const set of readDataSets(one)) {
    const inputs = new Map<string, Tensor>();
    for (const [i, meta] of inputMetadata.entries()) {
      const tensor = set.inputs[i];
      if (!meta.isTensor) return { outcome: 'no tensors', why: `input ${meta.name} is no tensor` };
      if (!tensor || !isElementType(meta.type))
        return { outcome: 'not run', why: `the runtime's binding has no ${meta.type}` };
      inputs.set(meta.name, tensor);
    }
    try {
      const outputs = await runPlain(ort.Tensor, session, inputs);
      // Random numbers may be the same in the first runs.
      for (let run = 1; run < 4; run++)
        if (firstDifference(await runPlain(ort.Tensor, session, inputs), outputs, differsAtAll))
          return { outcome: 'not run', why: 'it is random' };
      differs ||= firstDifference(outputs, set.outputs, differsFrom) ?? '';
      asked.push({ inputs, outputs });
    } catch (error) {
      return { outcome: 'not run', why: `the runtime does not run it: ${firstLine(error)}` };
    }
  }
  await session.release();
  return { asked, differs };
}

async function runPlain(
  TensorOf: typeof OrtTensor,
  session: InferenceSession,
  inputs: Inputs,
): Promise<readonly Tensor[]> {
  const feeds: Record<string, OrtTensor> = {};
  for (const [name, { type, shape, data }] of inputs)
    feeds[name] = new TensorOf(type as 'float32', data.slice() as Float32Array, shape);
  const results = await session.run(feeds);
  return session.outputNames.map((name) => {
    const { type, dims, data } = results[name] as OrtTensor;
    return { type: type as Tensor['type'], shape: dims, data };
  });
}

function firstLine(error: unknown): string {
  return messageOf(error).split('\n')[0] ?? '';
}
