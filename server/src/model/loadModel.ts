import { statSync } from 'node:fs';
import { configKeys } from '../../../schemas/config/configKeys.ts';
import { ServingError } from '../../../schemas/errors.ts';
import type { TensorInfo } from '../../../schemas/jobEvents.ts';
import type { RuntimeName } from '../../../schemas/runtimes.ts';
import { findSharing, type SharingQuestion } from './findSharing.ts';
import type { Model } from './model.ts';
import { startModelApart } from './modelApart.ts';
import { startModelThread, type ModelThread } from './modelThread.ts';
import { readFacts, type FileFacts } from './judgeFile.ts';
import { createQuickModel, quickRuns, timeOf, type QuickModel, type QuickRuns } from './quickModel.ts';
import { runtimeTable } from './runtimes/runtimes.ts';
import { sampleFeeds } from './samples.ts';
import {
  noHost,
  type ModelSignature,
  type ModelSource,
  type Precision,
  type SessionHost,
  type SessionOptions,
} from './session.ts';

export interface LoadModelOptions {
  readonly source: ModelSource;
  readonly runtime: RuntimeName;
  /** Where the runtime is, as its `find` says. */
  readonly place: string;
  readonly precision?: Precision;
  /** Copies of the model, each on a thread of its own. */
  readonly copies: number;
  /** Threads that one run of one copy may use. */
  readonly threads: number;
  /** The most rows of one run. */
  readonly batchSize: number;
  /** What the config says of runs that records share. */
  readonly batching?: SharingQuestion['batching'];
  /** The bundle of modelWorker.ts. */
  readonly workerFile: string;
  /** Whether a pickle may be loaded. */
  readonly allowPickle?: boolean;
  /** How long one run may take of a model in a process of its own, in ms. */
  readonly runTimeoutMs?: number;
  /** Called with what such a process prints. */
  readonly onPrint?: SessionHost['onPrint'];
  /** Called when every copy is loaded; the runs that warm them come next. */
  readonly onLoaded?: () => void;
  /** Called when a copy ends by itself: nothing can be run any more. */
  readonly onDeath: (error: ServingError) => void;
  /** What is run without a thread. */
  readonly quick?: QuickRuns;
}

/** A copy works on one run; one more waits beside it, so that it never idles while we assemble the next. */
const runsPerCopy = 2;
/** Larger files are not loaded a second time only to see whether they are quick. */
const maxQuickBytes = 16 * 1024 * 1024;
/** Nor are models whose largest batch has more elements: to copy that many takes longer than a quick run. */
const maxQuickElements = 256 * 1024;
/** A single row that takes longer, the thread's round trip included, needs no second look. */
const maxQuickRowMs = 2;

/** Loads a model, warms every copy with one run, and finds out whether rows of several records may share a run.
 *  A model so small that handing a run to a thread costs more than the run is run where it is asked, until it turns out
 *  to be slow after all.
 *  @throws ServingError "model-load-failed" or "model-unsupported" */
export async function loadModel(options: LoadModelOptions): Promise<Model> {
  const { runtime, place, threads, precision = 'f32', workerFile, onDeath } = options;
  const source = await readableSource(options.source);
  const { allowPickle = false, runTimeoutMs = configKeys.inferenceTimeoutMs.default } = options;
  const session: SessionOptions = { source, threads, place, precision, allowPickle, runTimeoutMs };
  const { isApart } = runtimeTable[runtime];
  const { onPrint = () => undefined } = options;
  const copies = Array.from({ length: options.copies }, () =>
    isApart
      ? startModelApart({ runtime, session, onDeath, onPrint })
      : startModelThread({ runtime, session, workerFile, onDeath }),
  );
  try {
    // The graph is read while the threads load it.
    const [{ verdict, openRanks }, ...loaded] = await Promise.all([
      factsOf(source),
      ...copies.map((copy) => copy.loaded),
    ]);
    options.onLoaded?.();
    const { labels, notes, ...signature } = loaded[0] as ModelSignature;
    const inputs = withRanks(signature.inputs, openRanks);
    const outputs = withRanks(signature.outputs, openRanks);
    const onThread: Model['run'] = (feeds) => leastBusy(copies).run(feeds);
    const { batching = 'auto' } = options;
    const sharing = await findSharing({ inputs, outputs, run: onThread, batching, verdict });
    const rows = sharing.shared ? options.batchSize : 1;
    const here =
      copies.length === 1 && !isApart
        ? await openIfQuick(options, session, onThread, inputs, rows)
        : undefined;
    return {
      inputs,
      outputs,
      labels,
      notes,
      sharing,
      get slots() {
        return here?.model.isQuick ? 1 : copies.length * runsPerCopy;
      },
      run: (feeds) => (here?.model.isQuick ? here.model.run(feeds) : onThread(feeds)),
      close: async () => {
        await here?.close();
        await Promise.all(copies.map((copy) => copy.close()));
      },
    };
  } catch (error) {
    await Promise.all(copies.map((copy) => copy.close()));
    throw error;
  }
}

/** What no runtime reads is made into what one does, in memory. @throws ServingError "model-unsupported" or "model-damaged" */
async function readableSource(source: ModelSource): Promise<ModelSource> {
  if (source.type !== 'caffe') return source;
  const { convertCaffe } = await import('./caffe/convertCaffe.ts');
  const file = await convertCaffe(source.file, source.weights ?? '');
  return { type: 'onnx', file: source.file, content: { file } };
}

/** The graphs of other formats are not read: samples decide about their batches. */
function factsOf({ type, file, content }: ModelSource): Promise<FileFacts> {
  if (type === 'onnx') return readFacts(content?.file ?? file);
  const reason = 'the graph of the model is not read';
  return Promise.resolve({ verdict: { kind: 'unknown', reason }, openRanks: new Map() });
}

function bytesOf({ file, weights, content }: ModelSource): number {
  if (content) return content.file.length + (content.weights?.length ?? 0);
  return [file, weights].reduce((sum, part) => sum + (part === undefined ? 0 : statSync(part).size), 0);
}

/** The runtime has no axes both for a single value and for a tensor whose axes the file leaves open. */
function withRanks(
  infos: readonly TensorInfo[],
  openRanks: ReadonlyMap<string, boolean>,
): readonly TensorInfo[] {
  return infos.map((info) => {
    const openRank = openRanks.get(info.name);
    return info.shape.length > 0 || openRank === undefined ? info : { ...info, openRank };
  });
}

interface Here {
  readonly model: QuickModel;
  close(): Promise<void>;
}

async function openIfQuick(
  { runtime, quick = quickRuns }: LoadModelOptions,
  options: SessionOptions,
  onThread: Model['run'],
  inputs: readonly TensorInfo[],
  rows: number,
): Promise<Here | undefined> {
  if (bytesOf(options.source) > maxQuickBytes) return undefined;
  try {
    const rowMs = await timeOf(onThread, () => sampleFeeds(inputs, 1));
    if (rowMs > quick.quickMs + maxQuickRowMs) return undefined;
    const rowElements = sampleFeeds(inputs, 1).reduce((sum, { data }) => sum + data.length, 0);
    if (rows * rowElements > maxQuickElements) return undefined;
    const session = await runtimeTable[runtime].load(options, noHost);
    const batch = sampleFeeds(inputs, rows);
    const ms = await timeOf(
      (feeds) => session.run(feeds),
      () => batch.map((feed) => ({ ...feed, data: feed.data.slice() })),
    );
    if (ms <= quick.quickMs)
      return { model: createQuickModel(session, quick), close: () => session.release() };
    await session.release();
  } catch {
    // The samples do not suit the model; the records will, on its thread.
  }
  return undefined;
}

function leastBusy(copies: readonly ModelThread[]): ModelThread {
  return copies.reduce((least, copy) => (copy.busy < least.busy ? copy : least));
}
