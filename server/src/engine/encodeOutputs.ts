import type { Config } from '../../../schemas/configKeys.ts';
import { applyFilter } from '../codec/applyFilter.ts';
import { encodeResult } from '../codec/encodeResult.ts';
import { ServingError } from '../../../schemas/errors.ts';
import type { OutputTensor } from './assemble.ts';

/** Makes the function that turns a record's outputs into what its client reads: Arrow in base64, one batch for each
 *  output in the model's order, or the text of the filter over the first output. */
export function createEncoder(
  filter: Config['postProcessing'],
): (outputs: readonly OutputTensor[]) => string {
  if (!filter) return encodeResult;
  return ([first]) => {
    if (!first) throw new ServingError('model-run-failed', 'The model has no output.');
    return applyFilter(filter, first);
  };
}
