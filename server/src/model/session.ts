import type { ServingError } from '../../../schemas/errors.ts';
import type { ModelType } from '../../../schemas/runtimes.ts';
import type { TensorInfo } from '../../../schemas/jobEvents.ts';
import type { ModelTensor } from './model.ts';

/** What a runtime loads. */
export interface ModelSource {
  readonly type: ModelType;
  /** Absolute path of the definition. */
  readonly file: string;
  /** Absolute path of the weights, where they are another file. */
  readonly weights?: string;
  /** The file is a pickle of Python, which runs code when it is loaded. */
  readonly isPickle?: boolean;
  /** What both files hold, where they are encrypted: loaded from here, and named by their paths. */
  readonly content?: ModelContent;
}

/** The files of a model in memory. */
export interface ModelContent {
  readonly file: Uint8Array;
  readonly weights?: Uint8Array;
}

export interface SessionOptions {
  readonly source: ModelSource;
  /** Threads that one run may use. */
  readonly threads: number;
  /** Where the runtime is, as its `find` says. */
  readonly place: string;
  /** What the runtime may compute in. */
  readonly precision: Precision;
  /** Whether a pickle may be loaded. */
  readonly allowPickle: boolean;
  /** How long one run may take, in ms, where the runtime holds the model in a process of its own. */
  readonly runTimeoutMs: number;
}

/** What a runtime that holds its models in processes of their own reports to. */
export interface SessionHost {
  /** A line that such a process printed; or, as trouble, what became of it. */
  readonly onPrint: (line: string, isTrouble?: boolean) => void;
  /** The model is lost: nothing can be run any more. */
  readonly onDeath: (error: ServingError) => void;
  /** Aborted where the start is given up. */
  readonly signal: AbortSignal;
}

/** What is loaded on a thread of this process has none of its own to report of. */
export const noHost: SessionHost = {
  onPrint: () => undefined,
  onDeath: () => undefined,
  signal: new AbortController().signal,
};

/** `f32`: the same numbers on every machine. `auto`: what the runtime takes to be fast on this one. */
export type Precision = 'f32' | 'auto';

/** What a model takes and answers. */
export interface ModelSignature {
  readonly inputs: readonly TensorInfo[];
  readonly outputs: readonly TensorInfo[];
  /** Names of the classes of an output's last axis, by output, where the model has them. */
  readonly labels: ReadonlyMap<string, readonly string[]>;
  /** What people should know of how the runtime computes it; for the log. */
  readonly notes: readonly string[];
}

/** A model, loaded on the thread that asked for it; a run blocks that thread for its whole length. */
export interface Session extends ModelSignature {
  /** @returns the outputs in the model's order. @throws what the runtime throws */
  run(feeds: readonly ModelTensor[]): Promise<ModelTensor[]>;
  release(): Promise<void>;
}
