import type { Filter, ImageSize } from './config/configKey.ts';
import type { RuntimeName } from './runtimes.ts';

/** What a worker needs to know of its job: a config, resolved by who starts the worker. It is JSON and holds no secret. */
export interface WorkerJob {
  readonly jobName: string;
  readonly configPath: string;
  readonly configDigest: string;
  /** Copies of the model in one worker. */
  readonly copies: number;
  /** Threads that one run of one copy may use. */
  readonly threads: number;
  readonly batchSize: number;
  readonly batchTimeoutMs: number;
  readonly batching: 'auto' | 'on' | 'off';
  /** What runs the model; `auto`: the usual runtime of its type. */
  readonly runtime: 'auto' | RuntimeName;
  /** The Python that runs models, as the config names it; empty: the usual one of the machine. */
  readonly python: string;
  /** What the runtime may compute in. */
  readonly precision: 'f32' | 'auto';
  readonly allowPickle: boolean;
  /** How long one run of a model in a process of its own may take, in ms. */
  readonly runTimeoutMs: number;
  readonly maxDeliveries: number;
  readonly imageResize: ImageSize | null;
  readonly postProcessing: Filter | null;
  readonly labelResults: boolean;
  readonly inputAlreadyBatched: boolean;
  /** The files of the model are encrypted; the secret is in Redis. */
  readonly modelEncrypted: boolean;
  /** So are the images of records. */
  readonly recordEncrypted: boolean;
}
