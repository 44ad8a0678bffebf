import { dirname } from 'node:path';
import { modelTypeRow } from '../../../../schemas/runtimes.ts';
import { bytesOf, isElementType, viewOf, type NumericTypeName } from '../../tensor/elementTypes.ts';
import { isStrings } from '../../tensor/tensor.ts';
import type { ModelTensor } from '../model.ts';
import { requireCarriable } from '../runtimes/unsupported.ts';
import type { ModelSource, Precision, Session, SessionOptions } from '../session.ts';
import { readElementNumbers, type ElementNumbers } from './elementNumbers.ts';
import { selectPorts } from './graphMeta.ts';
import { openLibrary, type Library, type Pointer } from './library.ts';
import { infoOf, namePorts, type NamedPort } from './portNames.ts';
import { narrowedType, requireRange } from './requireRange.ts';

/** Loads a model into OpenVINO on the calling thread: one request, which runs as often as it is asked.
 *  @throws ServingError "model-unsupported" for what records and results cannot carry; else what the library says */
export function openOpenvinoSession({ source, threads, place, precision }: SessionOptions): Session {
  const library = openLibrary(place);
  /** The model uses the memory of its weights until it is released. */
  const inUse = { content: source.content };
  const held: (() => void)[] = [];
  const hold = (kind: Parameters<Library['free']>[0], pointer: Pointer) => {
    held.push(() => library.free(kind, pointer));
    return pointer;
  };
  const release = () => {
    // A request needs its compiled model, and that the core.
    for (const free of held.splice(0).reverse()) free();
    inUse.content = undefined;
  };
  try {
    const core = hold('core', library.createCore());
    const numbers = readElementNumbers(library, core);
    const weights = weightsTensor(library, numbers, source);
    if (weights !== null) hold('tensor', weights);
    const model = hold('model', readModel(library, core, source, weights));
    const ports = portsOf(library, model, source);
    const { images } = modelTypeRow(source.type);
    const describe = (port: NamedPort) => infoOf(port, numbers.nameOf(port.port.type), images);
    const inputs = ports.inputs.map(describe);
    const outputs = ports.outputs.map(describe);
    requireCarriable(source.file, { inputs, outputs }, (type) => isElementType(type) && type !== 'string');
    const compiled = hold('compiled_model', library.compile(core, model, settingsOf(threads, precision)));
    const request = hold('infer_request', library.createRequest(compiled));
    const notes = [...inputs, ...outputs].flatMap(({ name, type }) => {
      const narrowed = narrowedType(type);
      if (narrowed === undefined) return [];
      return [
        `"${name}" is ${type}, which OpenVINO computes in ${narrowed}; what that cannot hold is refused as an input`,
      ];
    });
    const run = createRun(library, request, ports, numbers);
    return {
      inputs,
      outputs,
      labels: new Map(),
      notes,
      // A promise is made of it, as the error of a run is that of its promise.
      run: (feeds) => new Promise((resolve) => resolve(run(feeds))),
      release() {
        release();
        return Promise.resolve();
      },
    };
  } catch (error) {
    release();
    throw error;
  }
}

/** The weights of a model that is in memory. The library goes on using that memory: the source is held as long. */
function weightsTensor(library: Library, numbers: ElementNumbers, { content }: ModelSource): Pointer | null {
  const weights = content?.weights;
  if (!weights || weights.length === 0) return null;
  return library.createTensor(numbers.numberOf('uint8'), [weights.length], weights);
}

/** The frontend of TensorFlow wants the folder of a SavedModel, and the file of everything else. */
function readModel(
  library: Library,
  core: Pointer,
  { type, file, weights, content }: ModelSource,
  weightsInMemory: Pointer | null,
): Pointer {
  if (content) return library.readModelFrom(core, content.file, weightsInMemory);
  const path = type === 'tensorflowSavedModel' ? dirname(file) : file;
  return library.readModel(core, path, weights ?? null);
}

interface Ports {
  readonly inputs: readonly NamedPort[];
  readonly outputs: readonly NamedPort[];
}

function portsOf(library: Library, model: Pointer, { type, file }: ModelSource): Ports {
  const inputs = namePorts(library.ports(model, 'input'), 'input');
  const outputs = namePorts(library.ports(model, 'output'), 'output');
  return type === 'tensorflowFrozenModel' ? selectPorts(file, inputs, outputs) : { inputs, outputs };
}

/** One stream, since each copy of a model has a thread of its own; copies must not be bound to the same processor. */
function settingsOf(threads: number, precision: Precision): Readonly<Record<string, string>> {
  return {
    NUM_STREAMS: '1',
    INFERENCE_NUM_THREADS: String(threads),
    ENABLE_CPU_PINNING: 'NO',
    // Some processors would compute in bfloat16 unasked, and answers differ from one machine to the next.
    ...(precision === 'f32' ? { INFERENCE_PRECISION_HINT: 'f32' } : {}),
  };
}

function createRun(
  library: Library,
  request: Pointer,
  { inputs, outputs }: Ports,
  numbers: ElementNumbers,
): (feeds: readonly ModelTensor[]) => ModelTensor[] {
  return (feeds) => {
    const tensors: Pointer[] = [];
    // The library keeps the addresses of the feeds only: the arrays must live until the run is over.
    const memory = inputs.map(({ name }) => memoryOf(name, feeds));
    try {
      inputs.forEach(({ index }, i) => {
        const { type, shape, data } = memory[i] as Memory;
        const tensor = library.createTensor(numbers.numberOf(type), shape, data);
        tensors.push(tensor);
        library.setInput(request, index, tensor);
      });
      library.infer(request);
      return outputs.map(({ index, name }) => {
        const { type, shape, bytes } = library.readOutput(request, index);
        const element = numbers.nameOf(type) as NumericTypeName;
        return { name, type: element, shape, data: viewOf(element, bytes) };
      });
    } finally {
      for (const tensor of tensors) library.free('tensor', tensor);
    }
  };
}

interface Memory {
  readonly type: ModelTensor['type'];
  readonly shape: readonly number[];
  readonly data: Uint8Array;
}

function memoryOf(name: string, feeds: readonly ModelTensor[]): Memory {
  const feed = feeds.find((one) => one.name === name);
  if (!feed) throw new Error(`the input "${name}" is missing`);
  const { type, shape, data } = feed;
  if (isStrings(data)) throw new Error(`the input "${name}" holds strings`);
  requireRange(feed);
  return { type, shape, data: bytesOf(data) };
}
