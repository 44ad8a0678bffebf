import { ServingError } from '../../../schemas/errors.ts';

/** A run met the death of the process that has the model, which is started again. The feeds are as they were; it may or may
 *  not have been for what was run. */
export function isProcessDeath(error: unknown): error is ServingError {
  return error instanceof ServingError && error.code === 'model-process-died';
}

/** The model is lost to this worker, for which no record is to blame: another worker may run them. */
export function isModelLost(error: unknown): error is ServingError {
  return error instanceof ServingError && error.code === 'model-load-failed';
}
