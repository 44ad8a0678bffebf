import type { Config } from '../../../schemas/config/configKeys.ts';
import type { ModelType } from '../../../schemas/runtimes.ts';
import type { WorkerJob } from '../../../schemas/workerJob.ts';
import { effectiveConfig } from './effectiveConfig.ts';

export interface WorkerJobOptions {
  readonly configPath: string;
  readonly configDigest: string;
  /** As detectModel names it; undefined where it is not known. */
  readonly modelType: ModelType | undefined;
  /** Overrides threadPerModel. */
  readonly threads: number | undefined;
}

/** What a worker needs of a config. */
export function workerJob(config: Config, options: WorkerJobOptions): WorkerJob {
  const { modelParallelism, threadPerModel } = effectiveConfig(config, options.modelType);
  return {
    jobName: config.jobName,
    configPath: options.configPath,
    configDigest: options.configDigest,
    copies: modelParallelism,
    threads: options.threads ?? threadPerModel,
    batchSize: config.batchSize,
    batchTimeoutMs: config.batchTimeoutMs,
    batching: config.batching,
    runtime: config.runtime,
    python: config.python,
    precision: config.inferencePrecision,
    allowPickle: config.allowPickle,
    runTimeoutMs: config.inferenceTimeoutMs,
    maxDeliveries: config.maxDeliveries,
    imageResize: config.imageResize ?? null,
    postProcessing: config.postProcessing ?? null,
    labelResults: config.labelResults,
    inputAlreadyBatched: config.inputAlreadyBatched,
    modelEncrypted: config.modelEncrypted,
    recordEncrypted: config.recordEncrypted,
  };
}
