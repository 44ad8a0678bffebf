import type { TensorInfo } from '../../../../schemas/jobEvents.ts';
import type { ModelTensor } from '../../model/model.ts';
import type { FittedPart, FittedRecord } from '../../tensor/fit.ts';
import { joinRows } from '../../tensor/rows.ts';
import { isStrings, type Tensor, type TensorData } from '../../tensor/tensor.ts';

/** Memory of at least this size is not shared with other records: Node pools smaller pieces, and the socket's chunks are
 *  smaller. */
const leastOwnBytes = 128 * 1024;

/** What the model is fed with for the rows of several records, laid behind each other.
 *  @param last  whether these records are not needed again: then large tensors are handed over instead of copied, and
 *    what is left of the records is unusable */
export function feedsOf(
  inputs: readonly TensorInfo[],
  records: readonly FittedRecord[],
  last: boolean,
): ModelTensor[] {
  // Records of a model that does not say its inputs share a run only where they have the same names.
  const names = inputs.length > 0 ? inputs : (records[0]?.parts ?? []);
  return names.map(({ name = '' }, i) => {
    const parts = records.map((record) => record.parts[i] as FittedPart);
    const [first] = parts as [FittedPart];
    if (parts.length > 1 && !first.isConstant) return { name, ...joinRows(parts) };
    return { name, ...single(first, last && parts.length === 1) };
  });
}

/** A run takes the memory of its feeds with it. */
function single({ type, shape, data }: Tensor, last: boolean): Tensor {
  return { type, shape, data: last && isOwn(data) ? data : data.slice() };
}

function isOwn(data: TensorData): boolean {
  return !isStrings(data) && data.byteLength >= leastOwnBytes;
}
