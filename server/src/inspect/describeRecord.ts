import { messageOf } from '../../../schemas/errors.ts';
import { typedSerde } from '../../../schemas/redis/redisKeys.ts';
import type { InputPreview, RecordPreview } from '../../../schemas/redis/queueReports.ts';
import { decodeArrow } from '../codec/decodeArrow.ts';
import { parseInstances } from '../codec/instances.ts';
import { isTyped, typedInputs } from '../codec/typedForm.ts';
import type { RecordInputs } from '../tensor/tensor.ts';
import type { StoredRecord } from '../queue/readQueue.ts';
import { describeInput, type ModelFacts } from './describeInput.ts';

const shownInstances = 8;

/** Describes a record for people: each input with its type, shape and statistics, images small. It never throws for
 *  what the record holds: a payload that cannot be decoded is what one looks at most. */
export function describeRecord(jobName: string, record: StoredRecord, model: ModelFacts): RecordPreview {
  const { id, state, uri, data, pending, dead } = record;
  const known = {
    jobName,
    id,
    state,
    ...(uri === undefined ? {} : { uri }),
    ...(pending ? { pending } : {}),
    ...(dead ? { dead } : {}),
    bytes: data?.length ?? 0,
  };
  try {
    return { ...known, inputs: describeInputs(record, model) };
  } catch (error) {
    return { ...known, inputs: [], error: messageOf(error) };
  }
}

/** As the engine reads them. */
function textInstances(data: string, serde: string | undefined): readonly RecordInputs[] {
  if (serde === undefined || serde === '') return [decodeArrow(data)];
  if (serde === 'stream') return parseInstances(data);
  throw new Error(`The record's field "serde" is "${serde}"; known are "stream" and "${typedSerde}".`);
}

function describeInputs({ data, serde }: StoredRecord, model: ModelFacts): readonly InputPreview[] {
  if (data === undefined) throw new Error('The record has no field "data".');
  const instances: readonly RecordInputs[] = isTyped(data) ? [typedInputs(data)] : textInstances(data, serde);
  return instances.slice(0, shownInstances).flatMap((inputs, i) =>
    [...inputs].map(([name, input]) => {
      const preview = describeInput(name, input, model);
      return instances.length === 1 ? preview : { ...preview, name: `instances[${i}].${name}` };
    }),
  );
}
