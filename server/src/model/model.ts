import type { TensorInfo } from '../../../schemas/jobEvents.ts';
import type { Tensor } from '../tensor/tensor.ts';
import type { Sharing } from './sharing.ts';

/** What a model is fed with and answers. */
export interface ModelTensor extends Tensor {
  readonly name: string;
}

/** A loaded model, whatever runtime stands behind it. */
export interface Model {
  readonly inputs: readonly TensorInfo[];
  readonly outputs: readonly TensorInfo[];
  /** Names of the classes of an output's last axis, by output, where the model has them. */
  readonly labels: ReadonlyMap<string, readonly string[]>;
  /** What people should know of how the runtime computes it; for the log. */
  readonly notes?: readonly string[];
  /** Whether rows of several records may share one run: then the first dimension of all inputs and outputs is the batch. */
  readonly sharing: Sharing;
  /** How many runs the model takes at once without making one of them wait for long. */
  readonly slots: number;

  /** Runs once; the feeds' memory belongs to the model from here on.
   *  @returns the outputs in the model's order @throws ServingError "model-run-failed"; "model-process-died" where the process
   *    that has the model died or hung, and the feeds are as they were; "model-load-failed" where the model is lost */
  run(feeds: readonly ModelTensor[]): Promise<ModelTensor[]>;

  close(): Promise<void>;
}
