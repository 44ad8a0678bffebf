import type { Heartbeat, JobReport, Percentiles, TensorInfo } from './jobEvents.ts';

/** What pages and the programs behind them exchange, over HTTP or by messages of the editor. */

/** The languages that pages are in, as `lang` says them. */
export type PageLanguage = 'en' | 'zh-CN';

/** @param language  as `lang` says it, or as an editor does: `zh-cn` */
export function pageLanguageOf(language: string): PageLanguage {
  return /^zh\b/i.test(language) ? 'zh-CN' : 'en';
}

/** What the monitor draws: the jobs at one moment, and the HTTP frontend if there is one. */
export interface MonitorSnapshot {
  /** ms since 1970. */
  readonly at: number;
  readonly jobs: readonly JobReport[];
  /** Each Redis that cannot be asked, and why. */
  readonly trouble: readonly string[];
  readonly frontend?: {
    /** Since the start. */
    readonly predictions: number;
    readonly failed: number;
    readonly inFlight: number;
    readonly latencyMs: Percentiles;
  };
}

/** Where the time of a record goes, in ms: the medians of a job's last records. */
export type StageMedians = Readonly<Record<'queueWait' | 'decode' | 'inference' | 'write', number>>;

/** The medians of the slowest worker; undefined until one has answered a record. */
export function typicalOf(
  beats: readonly Pick<Heartbeat, 'processed' | 'latencyMs'>[],
): StageMedians | undefined {
  const medians = beats
    .filter(({ processed }) => processed > 0)
    .map(({ latencyMs: { queueWait, decode, inference, write } }) => ({
      queueWait: queueWait.p50,
      decode: decode.p50,
      inference: inference.p50,
      write: write.p50,
    }));
  const sum = (of: StageMedians) => of.queueWait + of.decode + of.inference + of.write;
  return medians.sort((a, b) => sum(b) - sum(a))[0];
}

/** A model that can be tried. */
export interface TryModel {
  readonly name: string;
  readonly version: string;
  /** Where predictions are asked for over HTTP, from the root of the server: `/predict`. */
  readonly path: string;
  /** Why it cannot be asked now, if so. */
  readonly refusal?: string;
  /** Empty while the model is unknown, or where it does not say what it takes. */
  readonly inputs: readonly TensorInfo[];
  readonly outputs: readonly TensorInfo[];
  /** The first axis of the inputs counts records. */
  readonly batched: boolean;
  /** Names of the classes of an output, by output. */
  readonly labels: Readonly<Record<string, readonly string[]>>;
  /** Absent until a record was answered. */
  readonly typicalMs?: StageMedians;
}

/** Present in a request that wants to know where its time went: the answer then has `Server-Timing`. */
export const timingHeader = 'x-timing';

/** A message of the page that tries a job, to the editor. */
export type TryQuestion =
  | { readonly kind: 'model' }
  | {
      readonly kind: 'ask';
      readonly id: number;
      /** JSON: `{"instances": [...]}`. */
      readonly body: string;
    }
  | { readonly kind: 'cancel'; readonly id: number };

/** The job that a page of the editor tries. */
export interface TryTarget {
  readonly jobName: string;
  readonly configPath: string;
  /** host:port, of a job that was known when the page was opened. */
  readonly redis?: string;
}

/** What the editor sends to that page. */
export type TryMessage =
  | {
      readonly kind: 'model';
      readonly model: TryModel;
      /** Where the job answers HTTP, or would. */
      readonly url: string;
      /** Kept with the page, which is restored by it. */
      readonly target: TryTarget;
    }
  | { readonly kind: 'answer'; readonly id: number; readonly answer: TryAnswer };

/** What the command line printed for a request. */
export interface TryAnswer {
  /** One for each record, as `predict --json` prints them. */
  readonly records: readonly Readonly<Record<string, unknown>>[];
  /** Why there is none. */
  readonly error?: { readonly code?: string; readonly message: string };
  /** From the first record's way to the queue until the last result, in ms; absent where none was sent. */
  readonly queueMs?: number;
}

/** The keys that the monitor may advise to raise. */
export type AdvisedKey = 'batchSize' | 'threadPerModel' | 'modelParallelism';

/** What the monitor asks of the editor: to raise a value in the config of a job. */
export interface ConfigFix {
  readonly kind: 'fix';
  readonly jobName: string;
  readonly redis: string;
  readonly key: AdvisedKey;
}
