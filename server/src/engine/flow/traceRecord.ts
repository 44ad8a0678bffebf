import { readTraceparents } from '../../../../schemas/traceContext.ts';
import type { RecordTimes } from '../../queue/recordQueue.ts';
import type { SpanAttributes, Tracing } from '../../tracing/spans.ts';
import type { Clock } from '../clock.ts';

/** What has become of a record or a request that belongs to traces. */
export interface TracedRecord {
  readonly traceparent: string;
  readonly times: RecordTimes;
  /** When it came, by the clock of the store. */
  readonly arrivedAt: number;
  readonly attributes: SpanAttributes;
  /** A code, if it was given up. */
  readonly error?: string | undefined;
}

/** Makes the spans of a record that is answered just now: one for its whole way in each trace that it belongs to, and below it
 *  one for each part that it came to. All times are by the clock of the store, which the queue's are. */
export function traceRecord(tracing: Tracing, clock: Clock, record: TracedRecord): void {
  const { times, arrivedAt, attributes } = record;
  const now = clock.storeMs();
  const byStore = (steadyMs: number | undefined) =>
    steadyMs === undefined ? undefined : now - (clock.steadyMs() - steadyMs);
  const taken = byStore(times.takenAt);
  const decoded = byStore(times.decodedAt);
  const begun = byStore(times.runAt);
  const run = byStore(times.ranAt);
  const parts = [
    ['queue', arrivedAt, taken],
    ['decode', taken, decoded],
    ['batch wait', decoded, begun],
    ['inference', begun, run],
    ['write', run, now],
  ] as const;
  for (const parent of readTraceparents(record.traceparent)) {
    const whole = tracing.begin({
      name: 'process',
      kind: 'consumer',
      parent,
      startMs: arrivedAt,
      attributes,
    });
    if (!whole) continue;
    for (const [name, startMs, endMs] of parts)
      if (startMs !== undefined && endMs !== undefined)
        tracing
          .begin({ name, kind: 'internal', parent: whole.traceparent, startMs })
          ?.end(endMs, name === 'inference' ? batchOf(times) : {});
    whole.end(now, {}, record.error);
  }
}

function batchOf({ batchRecords }: RecordTimes): SpanAttributes {
  return batchRecords === undefined ? {} : { 'messaging.batch.message_count': batchRecords };
}
