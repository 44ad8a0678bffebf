import type { SecretNeeded } from '../../../schemas/jobEvents.ts';
import { runtimeRow } from '../../../schemas/runtimes.ts';
import type { WorkerJob } from '../../../schemas/workerJob.ts';
import { readLabels } from '../model/labels.ts';
import { loadModel } from '../model/loadModel.ts';
import type { ResolvedModel } from '../model/resolveModel.ts';
import type { ModelSource } from '../model/session.ts';
import type { WorkerStore } from '../queue/recordQueue.ts';
import { lossyOutputs } from '../tensor/lossyOutputs.ts';
import { createBatchTrust } from './flow/batchTrust.ts';
import type { Log } from './log.ts';
import { createLastInputs } from './reload/lastInputs.ts';
import { warmUp, type WarmUpOptions } from './reload/warmUp.ts';
import type { LoadedModel } from './serving.ts';
import { unlockModel } from './unlockModel.ts';

export interface LoadServingOptions {
  readonly job: WorkerJob;
  readonly resolved: ResolvedModel;
  /** What is loaded: the files of the model, or what they hold once they are decrypted. */
  readonly source: ModelSource;
  /** The bundle of modelWorker.ts. */
  readonly modelWorkerFile: string;
  readonly images: WarmUpOptions['images'];
  readonly log: Log;
  /** Every copy is loaded, and is warmed next. */
  readonly onLoaded: () => void;
  /** Called with each sample of the folder `warmup` that the model does not answer, and why. */
  readonly onUnfitSample: (sentence: string) => void;
}

/** Loads a model, and warms it: by runs that find out how its batches behave, and by the samples beside it.
 *  @throws ServingError "model-…", and what `onUnfitSample` throws */
export async function loadServing(options: LoadServingOptions): Promise<LoadedModel> {
  const { job, resolved, source, log } = options;
  const { found, runtime, place } = resolved;
  const dying = new AbortController();
  const model = await loadModel({
    source,
    runtime,
    place: place.place,
    precision: job.precision,
    copies: job.copies,
    threads: job.threads,
    batchSize: job.batchSize,
    batching: job.batching,
    allowPickle: job.allowPickle,
    runTimeoutMs: job.runTimeoutMs,
    onPrint: (line, isTrouble = false) => log[isTrouble ? 'warn' : 'info'](`model: ${line}`),
    workerFile: options.modelWorkerFile,
    onLoaded: options.onLoaded,
    onDeath: (error) => dying.abort(error),
  });
  try {
    const labels = readLabels(found.folder, model.outputs, model.labels);
    const { images, onUnfitSample } = options;
    const samples = await warmUp({ model, folder: found.folder, job, images, onUnfitSample });
    for (const line of [...lossyOutputs(model.outputs), ...(model.notes ?? [])]) log.warn(line);
    const { shared, reason } = model.sharing;
    const batches = shared ? `batches of up to ${job.batchSize}` : 'one record a run';
    const warmed = samples > 0 ? `, warmed with ${samples} samples` : '';
    log.info(`model ${source.file} loaded by ${runtimeRow(runtime).title}${warmed}, ${batches}: ${reason}`);
    return {
      model,
      resolved,
      labels,
      trust: createBatchTrust(model.sharing),
      lastInputs: createLastInputs(),
      dying: dying.signal,
      close: () => model.close(),
    };
  } catch (error) {
    await model.close();
    throw error;
  }
}

/** What to load: the files of the model, or what they hold once they are decrypted.
 *  @param wait  aborted when the secret is waited for no longer
 *  @returns undefined when that was so */
export async function sourceOf(
  resolved: ResolvedModel,
  { queue, log }: { readonly queue: Pick<WorkerStore, 'readSecret'>; readonly log: Log },
  wait: { readonly signal: AbortSignal; readonly onNeeds: (needs: SecretNeeded) => void },
): Promise<ModelSource | undefined> {
  if (!resolved.isEncrypted) return resolved.source;
  return unlockModel({ source: resolved.source, queue, log, ...wait });
}
