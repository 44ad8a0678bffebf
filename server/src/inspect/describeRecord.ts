import { messageOf } from '../../../schemas/errors.ts';
import type { InputPreview, RecordPreview } from '../../../schemas/queueReports.ts';
import { decodeArrow } from '../codec/decodeArrow.ts';
import { parseInstances } from '../codec/instances.ts';
import type { RecordInputs } from '../codec/tensor.ts';
import type { StoredRecord } from '../queue/readQueue.ts';
import { describeInput, type ModelFacts } from './describeInput.ts';

const shownInstances = 8;

/** Describes a record for people: each input with its type, shape and statistics, pictures small. It never throws for
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

function describeInputs({ data, serde }: StoredRecord, model: ModelFacts): readonly InputPreview[] {
  if (data === undefined) throw new Error('The record has no field "data".');
  const instances: readonly RecordInputs[] =
    serde === undefined || serde === '' ? [decodeArrow(data)] : parseInstances(data);
  return instances.slice(0, shownInstances).flatMap((inputs, i) =>
    [...inputs].map(([name, input]) => {
      const preview = describeInput(name, input, model);
      return instances.length === 1 ? preview : { ...preview, name: `instances[${i}].${name}` };
    }),
  );
}
