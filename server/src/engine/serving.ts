import type { WorkerJob } from '../../../schemas/workerJob.ts';
import type { ImageDecoder } from '../codec/image/imageThread.ts';
import type { Labels } from '../model/labels.ts';
import type { Model } from '../model/model.ts';
import type { ResolvedModel } from '../model/resolveModel.ts';
import type { BatchTrust } from './flow/batchTrust.ts';
import type { Generation } from './flow/generation.ts';
import { createDecoder, createInputsDecoder } from './records/decodeRecord.ts';
import { createEncoder, createNamer } from './records/encodeOutputs.ts';
import type { ImageKeys } from './records/imageKeys.ts';
import type { LastInputs } from './reload/lastInputs.ts';

/** A model in memory, and what stays with it whatever the settings are that it is served by. */
export interface LoadedModel {
  readonly model: Model;
  readonly resolved: ResolvedModel;
  /** Names of the classes of its outputs. */
  readonly labels: Labels;
  /** What its batches have shown. */
  readonly trust: BatchTrust;
  readonly lastInputs: LastInputs;
  /** Aborted with the reason when it cannot run any more. */
  readonly dying: AbortSignal;
  close(): Promise<void>;
}

/** What a worker serves: a model by the settings of a job. One value, which a reload exchanges as a whole. */
export interface Serving extends Generation {
  readonly loaded: LoadedModel;
  readonly job: WorkerJob;
}

export interface ServingParts {
  readonly images: ImageDecoder;
  /** Set where the images of records are encrypted. */
  readonly imageKeys: ImageKeys | undefined;
  readonly takesRequests: boolean;
}

export function servingOf(
  loaded: LoadedModel,
  job: WorkerJob,
  { images, imageKeys, takesRequests }: ServingParts,
): Serving {
  const { model, labels, trust, lastInputs } = loaded;
  const fit = {
    inputs: model.inputs,
    batched: model.sharing.shared,
    inputAlreadyBatched: job.inputAlreadyBatched,
    imageResize: job.imageResize ?? undefined,
    images,
  };
  const filter = job.postProcessing ?? undefined;
  const names = job.labelResults ? labels : undefined;
  return {
    loaded,
    job,
    model,
    version: loaded.resolved.found.version,
    trust,
    lastInputs,
    decode: createDecoder({ ...fit, decrypt: imageKeys?.decrypt }),
    encode: createEncoder(filter, model.outputs, names),
    // Images that come over HTTP are as their clients have them: what frontends encrypt is on its way through Redis.
    requests: takesRequests
      ? { decode: createInputsDecoder(fit), name: createNamer(filter, model.outputs, names) }
      : undefined,
    batchSize: job.batchSize,
    batchTimeoutMs: job.batchTimeoutMs,
    maxDeliveries: job.maxDeliveries,
  };
}
