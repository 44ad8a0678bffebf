import type { QueuedRecord } from '../queue/recordQueue.ts';
import type { Clock } from './clock.ts';
import type { Encoder } from './records/encodeOutputs.ts';
import { isExpired, type Item, type Source } from './records/item.ts';
import type { Writer } from './flow/writer.ts';

/** The records of the queue: their answers are encoded and written into it. */
export function createQueueSource(writer: Writer, encode: Encoder, clock: Clock): Source {
  return {
    isOver: (item) => isExpired(recordOf(item), clock.storeMs()),
    skip: (item) => writer.skip(recordOf(item)),
    answer(item, outputs) {
      const record = recordOf(item);
      writer.answer(record, encode(outputs, record.wantsTyped));
    },
    giveUp: (item, error) => writer.giveUp(recordOf(item), error),
  };
}

function recordOf({ record }: Item): QueuedRecord {
  return record as QueuedRecord;
}
