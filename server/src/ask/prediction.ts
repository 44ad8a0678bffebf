import { ServingError, errorCodes, type ErrorCode } from '../../../schemas/errors.ts';
import { unanswerable } from '../../../schemas/redis/redisKeys.ts';
import { decodeResult } from '../codec/decodeResult.ts';
import { decodeTypedResult } from '../codec/typedForm.ts';
import type { Payload } from '../queue/payload.ts';
import type { Tensor } from '../tensor/tensor.ts';

/** The outputs of one record in the model's order, with their names where the form of the result has them; a string where
 *  it is a filter's, or `NaN` for what could not be answered and has its reason elsewhere. */
export type Prediction = readonly (Tensor & { readonly name?: string })[] | string;

/** @throws ServingError with the worker's reason why the record could not be answered; "record-undecodable" for what is no
 *  result */
export function predictionOf(value: Payload): Prediction {
  if (typeof value !== 'string') return decodeTypedResult(value);
  return isFiltered(value) ? value : decodeResult(value);
}

/** A filter's text or the mark of a record that could not be answered; anything else holds tensors. */
export function isFiltered(value: Payload): boolean {
  return typeof value === 'string' && (value === unanswerable || value.startsWith('['));
}

/** The reason of a dead letter, "code: message", as the error that it was. */
export function failureOf(reason: string): ServingError {
  const [, code = '', message = ''] = /^([a-z-]+): (.*)$/s.exec(reason) ?? [];
  return Object.hasOwn(errorCodes, code)
    ? new ServingError(code as ErrorCode, message)
    : new ServingError('model-run-failed', reason);
}
