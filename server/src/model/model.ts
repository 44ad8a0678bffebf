import type { TensorInfo } from '../../../schemas/jobEvents.ts';
import type { Sharing } from './sharing.ts';

/** What a model is fed with and answers: row-major data of one ONNX element type. bool is Uint8Array, float16 its bits. */
export interface ModelTensor {
  readonly name: string;
  readonly type: string;
  readonly dims: readonly number[];
  readonly data: ModelData;
}

export type ModelData =
  | Float32Array
  | Float64Array
  | Int8Array
  | Int16Array
  | Int32Array
  | BigInt64Array
  | Uint8Array
  | Uint16Array
  | Uint32Array
  | BigUint64Array
  | string[];

/** A loaded model. Another runtime (OpenVINO in a Python process) can stand behind it. */
export interface Model {
  readonly inputs: readonly TensorInfo[];
  readonly outputs: readonly TensorInfo[];
  /** Whether rows of several records may share one run: then the first dimension of all inputs and outputs is the batch. */
  readonly sharing: Sharing;
  /** How many runs the model takes at once without making one of them wait for long. */
  readonly slots: number;

  /** Runs once; the feeds' memory belongs to the model from here on.
   *  @returns the outputs in the model's order @throws ServingError "model-run-failed" */
  run(feeds: readonly ModelTensor[]): Promise<ModelTensor[]>;

  close(): Promise<void>;
}
