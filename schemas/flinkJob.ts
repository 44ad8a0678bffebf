import type { Filter, ImageSize } from './configKey.ts';

/** What the lifecycle hands to our job on Flink: the one program argument, base64url of the UTF-8 JSON of this. The job
 *  reads no config.yaml; names and units are those of the embedded engine. */
export interface FlinkJobSpec {
  readonly jobName: string;
  /** Flink's id of the job, chosen by who submits it. */
  readonly jobId: string;
  /** What its logger is called, see `flinkLogName`. */
  readonly logName: string;
  readonly configPath: string;
  readonly configDigest: string;
  /** The machine that submits. */
  readonly host: string;
  readonly redis: FlinkRedis;
  readonly model: FlinkModel;
  /** Copies of the model; the parallelism of the job. */
  readonly modelParallelism: number;
  readonly threadPerModel: number;
  readonly batchSize: number;
  readonly batchTimeoutMs: number;
  /** Of the config; `auto` is decided by samples on the cluster, unless the graph has refuted it: then it is `off`. */
  readonly batching: 'auto' | 'on' | 'off';
  readonly maxDeliveries: number;
  readonly claimIdleMs: number;
  readonly resultTtlSeconds: number;
  readonly imageResize: ImageSize | null;
  readonly postProcessing: Filter | null;
  readonly inputAlreadyBatched: boolean;
}

export interface FlinkRedis {
  readonly host: string;
  readonly port: number;
  readonly timeoutMs: number;
  /** null: the default user. */
  readonly username: string | null;
  readonly password: string | null;
  readonly tls: FlinkTls | null;
}

export interface FlinkTls {
  /** The certificates of the trust store, which only the submitting machine has, as PEM; null: those of the Java. */
  readonly certificates: string | null;
}

/** Either a folder that Flink's file systems read, or files that were uploaded beside the jar. */
export type FlinkModel =
  | { readonly path: string }
  | {
      /** The model, then the files that it keeps weights in. */
      readonly files: readonly FlinkUpload[];
    };

export interface FlinkUpload {
  /** The name of the upload; on the JobManager's disk `<uuid>_` stands before it. */
  readonly shipped: string;
  /** Its path in the model's folder; of the model itself, what heartbeats report. */
  readonly file: string;
}

/** The jar of our job, in dist/flink; the class in it that Flink runs. */
export const flinkJarName = 'cluster-serving-flink.jar';
export const flinkEntryClass = 'servings.flink.ServingJob';

/** What the jar of the original is started with. */
export const originalEntryClass = 'com.intel.analytics.bigdl.serving.ClusterServing';

/** Each subtask of a job is a worker of this name and its index: one that Flink has restarted takes its own place again,
 *  and finds the records that it had. */
export function flinkWorkerPrefix(jobId: string): string {
  return `flink-${jobId}-`;
}

/** A TaskManager has one log for all jobs: the lines of a job are found by the name of its logger. */
export function flinkLogName(jobName: string): string {
  return `cluster-serving.${jobName}`;
}
