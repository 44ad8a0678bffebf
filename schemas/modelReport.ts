import type { SharingReport, TensorInfo } from './jobEvents.ts';

/** What `cluster-serving model` prints of a model. */
export interface ModelReport {
  /** Absolute path of its definition. */
  readonly file: string;
  /** Its files with their sizes: the definition, and the weights where they are another file. */
  readonly files: readonly { readonly path: string; readonly bytes: number }[];
  /** For people, such as `ONNX`. */
  readonly type: string;
  /** For people, such as `ONNX Runtime`; absent where nothing runs such models. */
  readonly runtime?: string;
  /** Where that is on this machine; absent where it comes with the package, or is missing. */
  readonly runtimePlace?: string;
  /** What the runtime says of it; absent where it was not loaded. */
  readonly loaded?: LoadedReport;
  /** Why it was not loaded, and what to do. */
  readonly trouble?: { readonly code?: string; readonly message: string };
  /** What it consists of; absent where its format is not read. */
  readonly structure?: ModelStructure;
}

export interface LoadedReport {
  readonly inputs: readonly TensorInfo[];
  readonly outputs: readonly TensorInfo[];
  /** Whether rows of several records may share a run, and why or why not. */
  readonly sharing: SharingReport;
  /** What people should know of how it is computed. */
  readonly notes: readonly string[];
}

/** What the file of a model says of its operators. */
export interface ModelStructure {
  /** How often each stands in the model, the most frequent first. */
  readonly operators: readonly { readonly name: string; readonly count: number }[];
  /** The version of each set of operators, or of the format: `ONNX` 17, `ai.onnx.ml` 3, `IR` 11. */
  readonly versions: readonly { readonly name: string; readonly version: number }[];
  /** How many numbers its weights are; absent where the format is not asked for them. */
  readonly parameters?: number;
}

/** What the editor sends to the page of a model. */
export type ModelMessage =
  | { readonly kind: 'loading'; readonly name: string }
  | { readonly kind: 'report'; readonly name: string; readonly report: ModelReport }
  | { readonly kind: 'failed'; readonly name: string; readonly message: string };

/** What that page asks of the editor: to look at the file, again, or to open it as the editor usually would. */
export type ModelQuestion = 'ready' | 'again' | 'text';
