import { typedSerde } from '../../../schemas/redis/redisKeys.ts';
import type { TensorInfo } from '../../../schemas/jobEvents.ts';
import { encodeRecord } from '../codec/encodeRecord.ts';
import { imagesText } from '../codec/instances.ts';
import { encodeTypedRecord, typedRecordPieces } from '../codec/typedForm.ts';
import { Pieces } from '../queue/payload.ts';
import type { NewRecord } from '../queue/recordClient.ts';
import type { RecordInput, RecordInputs } from '../tensor/tensor.ts';
import type { Prepared } from './prepare.ts';
import { joinShares, type Share } from './shares.ts';

/** What a record holds, and in which form its result is wanted. */
export type Content = Pick<NewRecord, 'data' | 'serde' | 'wantsTyped'>;

/** A record that fits the model, for workers that read the typed form or the original's only.
 *  @throws ServingError "record-undecodable", naming the element that the original's form cannot carry exactly */
export function contentOf({ tensors, inputs }: Prepared, typed: boolean): Content {
  if (typed && tensors)
    return { data: new Pieces(typedRecordPieces(tensors)), serde: typedSerde, wantsTyped: true };
  const content = originalContent(inputs);
  return typed ? { ...content, wantsTyped: true } : content;
}

/** A record of which it is not known what its model takes. */
export function originalContent(inputs: RecordInputs): Content {
  const text = imagesText(inputs);
  return text === undefined ? { data: encodeRecord(inputs) } : { data: text, serde: 'stream' };
}

/** The rows of several requests in one record. */
export function joinedContent(
  inputs: readonly TensorInfo[],
  shares: readonly Share[],
  typed: boolean,
): Content {
  const tensors = joinShares(inputs, shares);
  if (typed) return { data: encodeTypedRecord(tensors), serde: typedSerde, wantsTyped: true };
  const dense = new Map<string, RecordInput>();
  for (const [name, tensor] of tensors) dense.set(name, { kind: 'dense', ...tensor });
  return { data: encodeRecord(dense) };
}
