import { maxWaitMs, sharedByBounds, timeBounds } from '../../../../schemas/redis/recordLimits.ts';
import {
  deadlineField,
  replyField,
  sharedByField,
  typedSerde,
  versionField,
} from '../../../../schemas/redis/redisKeys.ts';
import { readTraceparents, traceparentName } from '../../../../schemas/traceContext.ts';
import { numberOf, timeOfId } from '../fields.ts';
import type { Payload } from '../payload.ts';
import type { QueuedRecord } from '../recordQueue.ts';

/** Words of which records are made besides what is theirs alone. */
export const recordWords = [
  'uri',
  'data',
  'serde',
  typedSerde,
  replyField,
  deadlineField,
  sharedByField,
  traceparentName,
  versionField,
];

type RecordFields = Pick<
  QueuedRecord,
  'uri' | 'data' | 'serde' | 'wantsTyped' | 'deadline' | 'sharedBy' | 'traceparent' | 'version'
>;

/** What a client has said of a record, in one pass over its fields: this is done for every record that is served.
 *  Where a name comes twice the first counts. A number that cannot be read, or is absurd, is none: the record is answered.
 *  @param fields  names and values in turn; values are strings but for payloads of the typed form */
export function recordFieldsOf(fields: readonly Payload[]): RecordFields {
  let uri: Payload | undefined;
  let data: Payload | undefined;
  let serde: Payload | undefined;
  let reply: Payload | undefined;
  let deadline: Payload | undefined;
  let sharedBy: Payload | undefined;
  let traceparent: Payload | undefined;
  let version: Payload | undefined;
  for (let i = 0; i + 1 < fields.length; i += 2) {
    const value = fields[i + 1];
    switch (fields[i]) {
      case 'uri':
        uri ??= value;
        break;
      case 'data':
        data ??= value;
        break;
      case 'serde':
        serde ??= value;
        break;
      case replyField:
        reply ??= value;
        break;
      case deadlineField:
        deadline ??= value;
        break;
      case sharedByField:
        sharedBy ??= value;
        break;
      case traceparentName:
        traceparent ??= value;
        break;
      case versionField:
        version ??= value;
        break;
      default:
    }
  }
  return {
    uri: textOf(uri),
    data,
    serde: textOf(serde),
    wantsTyped: textOf(reply) === typedSerde,
    deadline: deadline === undefined ? undefined : numberOf(textOf(deadline), timeBounds),
    sharedBy: sharedBy === undefined ? 1 : (numberOf(textOf(sharedBy), sharedByBounds) ?? 1),
    ...(traceparent === undefined ? undefined : tracesOf(traceparent)),
    ...(version === undefined ? undefined : { version: textOf(version) ?? '' }),
  };
}

/** What names no trace is left out. */
function tracesOf(value: Payload): { readonly traceparent: string } | undefined {
  const names = readTraceparents(textOf(value) ?? '');
  return names.length === 0 ? undefined : { traceparent: names.join(',') };
}

function textOf(value: Payload | undefined): string | undefined {
  return typeof value === 'object' ? value.toString() : value;
}

/** How a record came to a worker. */
interface Delivery {
  /** The store's time, in ms since 1970. */
  readonly storeMs: number;
  readonly deliveries: number;
  /** -1: no worker died while its model had it. */
  readonly deaths: number;
}

/** What a worker is given of an entry of a stream. */
export function recordOf(
  id: string,
  fields: readonly Payload[],
  { storeMs, deliveries, deaths }: Delivery,
): QueuedRecord {
  return {
    id,
    enqueuedAt: enqueuedAt(id, storeMs),
    ...recordFieldsOf(fields),
    deliveries,
    deaths: Math.max(0, deaths),
    alone: deaths >= 0,
  };
}

/** An id whose time lies too far away was chosen by its client. */
function enqueuedAt(id: string, now: number): number {
  const at = timeOfId(id);
  return Math.abs(now - at) > maxWaitMs ? now : at;
}
