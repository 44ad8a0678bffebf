/** What workers say of themselves in Redis, and what `watch --json` prints. Times are ms since 1970. */

import type { DurationCounts } from './config/durations.ts';
import type { RecordForm } from './redis/redisKeys.ts';
import type { RolloutReport, RolloutWish } from './rollout.ts';

export type Backend = 'embedded' | 'flink';

/** What a worker waits for before it can load its model, and what to do. */
export interface SecretNeeded {
  readonly code: 'model-secret-missing' | 'model-secret-wrong';
  readonly message: string;
}

/** What a worker reports in place of a heartbeat while it waits for the secret of its model, and while it loads the model after
 *  that: it is not dead, and nothing can be asked of it. */
export interface EarlyBeat {
  readonly workerId: string;
  readonly jobName: string;
  readonly at: number;
  readonly state: 'waiting-for-secret' | 'starting';
  /** Present while it waits. */
  readonly needs?: SecretNeeded;
}

/** `full`: Redis has reached its maxmemory; the worker goes on, clients are refused. */
export type WorkerState = 'starting' | 'ready' | 'full' | 'stopping';

/** The element type of an input or output that the model does not say: whatever is sent reaches it. */
export const anyType = 'any';

/** A model's input or output; a dimension that is not fixed is null. */
export interface TensorInfo {
  readonly name: string;
  /** An element type, or `anyType`. */
  readonly type: string;
  readonly shape: readonly (number | null)[];
  /** Only where `shape` is empty: true where the model does not say how many axes it has, false for a single value;
   *  absent where it is not known which. */
  readonly openRank?: boolean;
  /** Other names under which a record may have it. */
  readonly aliases?: readonly string[];
  /** Where the colours of an image stand; absent where the shape shows it. */
  readonly layout?: 'hwc';
}

export interface Percentiles {
  readonly p50: number;
  readonly p95: number;
  readonly p99: number;
}

/** Where the time of a record goes, in ms. */
export interface StageLatencies {
  readonly queueWait: Percentiles;
  readonly decode: Percentiles;
  readonly inference: Percentiles;
  readonly write: Percentiles;
}

/** What is known of a worker from its start; stays in Redis when it dies. */
export interface Registration {
  readonly workerId: string;
  readonly jobName: string;
  readonly backend: Backend;
  readonly host: string;
  readonly pid: number;
  readonly configPath: string;
  /** Digest of the effective config: workers of one job should agree on it. */
  readonly configDigest: string;
  readonly logFile: string;
  readonly startedAt: number;
  /** Names of the classes of an output, by output; absent where there are none, or too many to be kept here. */
  readonly labels?: Readonly<Record<string, readonly string[]>>;
  /** Why the worker ended by itself, once it has. */
  readonly failure?: string;
}

/** Whether rows of several records share a run, and why. */
export interface SharingReport {
  readonly shared: boolean;
  /** For people: what it rests upon, or what is against it; no full stop at its end. */
  readonly reason: string;
}

/** What asks a worker for a reload: a change of its config or of the model's files, the command line, SIGHUP, or a client over
 *  HTTP; or for one step back; or for a rollout and one of its two ends. */
export const reloadCauses = [
  'change',
  'command',
  'signal',
  'http',
  'rollback',
  'rollout',
  'promote',
  'abort',
] as const;
export type ReloadCause = (typeof reloadCauses)[number];
/** Those that concern a rollout: what is refused then is not in the config. */
export const rolloutCauses: readonly ReloadCause[] = ['rollout', 'promote', 'abort'];

export interface ReloadRequest {
  readonly by: ReloadCause;
  /** By this id who asked finds the answer in the heartbeat. */
  readonly asked?: string;
  /** Of the cause rollout. */
  readonly rollout?: RolloutWish;
}

/** What one program asks of the workers of another. */
export type ReloadWish =
  | { readonly by: 'command' | 'rollback' | 'promote' | 'abort' }
  | { readonly by: 'rollout'; readonly rollout: RolloutWish };

/** Why what is in the config or in the model's folder now is not served. */
export interface ReloadRefusal {
  readonly code: string;
  /** The key of config.yaml that it is about. */
  readonly key?: string;
  /** For people: what is wrong, and what to do. */
  readonly message: string;
}

export const reloadChanges = ['model', 'settings', 'nothing', 'rollout'] as const;

/** What has become of the last reload. A refused one has changed nothing. */
export interface ReloadReport extends ReloadRequest {
  readonly state: 'loading' | 'done' | 'refused';
  /** When it began, or came to its end. */
  readonly at: number;
  /** In the state done; `rollout`: a version stands beside the one that is served, or does not any more. */
  readonly changed?: (typeof reloadChanges)[number];
  /** How many of the last inputs both models have answered, where the model has changed. */
  readonly compared?: number;
  /** The largest difference of two answers to them, by the largest number of an answer; null where it has no limit. */
  readonly difference?: number | null;
  /** In the state refused. */
  readonly refusal?: ReloadRefusal;
}

export interface Heartbeat {
  readonly workerId: string;
  readonly jobName: string;
  readonly at: number;
  readonly state: WorkerState;
  readonly modelType: string;
  readonly modelFile: string;
  /** Of the model, where its folder has versions. */
  readonly version?: string;
  /** Absent before the first. */
  readonly reload?: ReloadReport;
  /** How often the worker has exchanged what it serves; absent where it cannot. */
  readonly reloads?: number;
  /** Absent while there is none. */
  readonly rollout?: RolloutReport;
  readonly inputs: readonly TensorInfo[];
  readonly outputs: readonly TensorInfo[];
  readonly batched: boolean;
  /** Absent where it is not known. */
  readonly sharing?: SharingReport;
  /** Set where images of records are to be encrypted. */
  readonly recordsEncrypted?: boolean;
  /** The most rows that a record may have, with a row of the result for each; absent where that is not known. */
  readonly rowsPerRecord?: number;
  /** The forms of records that it reads and of results that it writes; absent: the original's only. */
  readonly forms?: readonly RecordForm[];
  /** Answered records; `failed` of them with NaN. */
  readonly processed: number;
  readonly failed: number;
  /** Records that were not answered, because their deadline had passed. */
  readonly expired: number;
  /** How many of both shared a record: each request of an HTTP frontend in a shared record counts as one record. */
  readonly shared?: number;
  /** How many of `processed` came to the worker over HTTP, without the queue; the clients of those that failed got the
   *  reason. */
  readonly overHttp?: number;
  /** Where the worker itself answers HTTP; where that is on all addresses, by the name of its machine. Absent where it
   *  does not. */
  readonly httpUrl?: string;
  readonly recordsPerSecond: number;
  readonly batchSize: { readonly mean: number; readonly max: number };
  /** Of the last records. */
  readonly latencyMs: StageLatencies;
  /** Of all records; not every kind of worker reports it. */
  readonly durations?: Readonly<Record<keyof StageLatencies, DurationCounts>>;
  /** Of all inferences; not every kind of worker reports it. */
  readonly inferences?: InferenceCounts;
  readonly inHand: number;
  readonly takenOver: number;
  readonly reconnects: number;
  readonly rssBytes: number;
  /** How far the clock of the worker's machine is ahead of Redis's, in ms; not every kind of worker reports it. */
  readonly clockAheadMs?: number;
}

/** How many, and how long they took together. */
export interface TimedCount {
  readonly count: number;
  readonly sumMs: number;
}

/** What a worker has run and answered since its start. */
export interface InferenceCounts {
  readonly runs: number;
  /** Of all runs. */
  readonly rows: number;
  /** When the last one ended; absent before the first. */
  readonly lastAt?: number;
  /** Records and requests that were run, each with the time of its run. */
  readonly ran: TimedCount;
  /** Records and requests that were answered, from their arrival to their answer. */
  readonly succeeded: TimedCount;
  /** Those that were given up. */
  readonly failed: TimedCount;
  /** The runs, by their rows; those of the first 256 sizes. */
  readonly batches: readonly (TimedCount & { readonly rows: number })[];
}

/** A job on a Flink cluster, as its starter wrote it into Redis; kept until the job is stopped. */
export interface FlinkJobRecord {
  /** Flink's own id of the job: 32 hexadecimal digits. */
  readonly jobId: string;
  readonly jobName: string;
  /** host:port of the cluster's REST interface, as the starter's config has it. */
  readonly flinkRestUrl: string;
  readonly parallelism: number;
  readonly configPath: string;
  readonly configDigest: string;
  /** The machine that started it. */
  readonly host: string;
  readonly startedAt: number;
  /** The user's jar, where it runs in place of the built-in one: its workers do not register. */
  readonly jar?: string;
}

/** The state of a job in Flink. Two are added here: `unreachable`, the cluster does not answer; `unknown`, it was not
 *  asked, or does not know the job. */
export const flinkStates = [
  'INITIALIZING',
  'CREATED',
  'RUNNING',
  'FAILING',
  'FAILED',
  'CANCELLING',
  'CANCELED',
  'FINISHED',
  'RESTARTING',
  'SUSPENDED',
  'RECONCILING',
  'unreachable',
  'unknown',
] as const;
export type FlinkState = (typeof flinkStates)[number];

/** One job of a Flink cluster as `list` and `status` print it. */
export interface FlinkReport extends FlinkJobRecord {
  readonly state: FlinkState;
  /** The job's page in Flink's UI. */
  readonly url: string;
  /** The machines that its tasks run on. */
  readonly taskManagers: readonly string[];
  /** What the last failure means, in one line; where Flink cannot be asked, why. */
  readonly failure?: string;
}

/** A job on a known Flink cluster that was not started from here: it is shown, and never changed. */
export interface OtherFlinkJob {
  readonly flinkRestUrl: string;
  readonly jobId: string;
  readonly name: string;
  readonly state: FlinkState;
  readonly startedAt: number;
}

/** The figures of one job's queue; each costs O(1) of Redis. */
export interface QueueFigures {
  /** Entries that no worker has been given yet. */
  readonly waiting: number;
  /** Entries given to a worker and not yet answered. */
  readonly pending: number;
  readonly dead: number;
  /** Age of the oldest entry that is not answered, in ms; 0 when there is none. */
  readonly oldestAgeMs: number;
  /** Entries ever added, where Redis reports it (7.0 and newer), and what living workers have found to share them or answered
   *  over HTTP: its change is the rate at which clients put in. */
  readonly added?: number;
}

export type JobState =
  'starting' | 'waiting-for-secret' | 'running' | 'full' | 'stopping' | 'failed' | 'stopped';

export interface WorkerReport {
  readonly registration: Registration;
  /** Absent when the worker is dead, or has not loaded its model. */
  readonly heartbeat?: Heartbeat;
  /** Present while the worker waits for the secret of its model, or loads the model after that. */
  readonly early?: EarlyBeat;
}

/** One job as `list` and `status` print it. */
export interface JobReport {
  readonly jobName: string;
  readonly redis: string;
  readonly backend: Backend;
  readonly state: JobState;
  readonly failure?: string;
  /** In the state waiting-for-secret. */
  readonly needs?: SecretNeeded;
  readonly workers: readonly WorkerReport[];
  readonly queue: QueueFigures;
  /** For the backend flink: usually one; more where workers were added on purpose. */
  readonly flinkJobs?: readonly FlinkReport[];
}

/** What an HTTP frontend writes about itself into Redis once a second. */
export interface FrontendBeat {
  readonly frontendId: string;
  /** Where it listens; where that is on all addresses, by the name of its machine. */
  readonly url: string;
  readonly host: string;
  readonly pid: number;
  readonly startedAt: number;
  /** The jobs on this Redis that can be asked there. */
  readonly jobNames: readonly string[];
}

/** An HTTP frontend that lives, as `list` and `status` print it. */
export interface FrontendReport extends FrontendBeat {
  readonly redis: string;
}

/** A line of `watch --json`. */
export type JobEvent =
  | {
      /** All of them, whenever one comes or goes. */
      readonly event: 'frontends';
      readonly at: number;
      readonly redis: string;
      readonly frontends: readonly FrontendReport[];
    }
  | {
      /** Whether the current config says where its Redis is; if it does not, `error` says why. */
      readonly event: 'config';
      readonly at: number;
      readonly configPath: string;
      readonly error: string | null;
    }
  | { readonly event: 'job'; readonly at: number; readonly job: JobReport }
  | { readonly event: 'gone'; readonly at: number; readonly jobName: string; readonly redis: string }
  | {
      readonly event: 'redis';
      readonly at: number;
      readonly redis: string;
      readonly error: string | null;
      /** Of the error, in schemas/errors.ts. */
      readonly code?: string;
    };

/** What the engine reports to the process that started it, until it is ready. */
export type EngineMessage =
  | { readonly step: 'config' | 'redis' | 'model' | 'warm-up' }
  | { readonly needs: SecretNeeded }
  | {
      readonly ready: Registration;
      /** Where the worker answers HTTP, if it does. */
      readonly httpUrl?: string;
      readonly sharing: SharingReport;
      readonly lossyOutputs: readonly string[];
    }
  | { readonly failed: { readonly code: string; readonly message: string } };
