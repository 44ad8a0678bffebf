import { recordHeaders } from '../../../../../schemas/kafka/kafkaTopics.ts';
import { sharedByBounds, timeBounds } from '../../../../../schemas/redis/recordLimits.ts';
import { typedSerde } from '../../../../../schemas/redis/redisKeys.ts';
import { numberOf } from '../../fields.ts';
import { payloadOf } from '../../payload.ts';
import type { QueuedRecord } from '../../recordQueue.ts';
import { fieldsOfMessage } from '../admin/storedMessage.ts';
import type { FetchedMessage } from '../fetched.ts';
import { idOf } from '../topicLog.ts';

/** How a message came to a worker. */
export interface Delivery {
  readonly partition: number;
  readonly deliveries: number;
  readonly deaths: number;
  readonly alone: boolean;
}

/** What a worker is given of a message. One without data, or that is no record at all, has none: the codec says what is wrong. */
export function recordOfMessage(message: FetchedMessage, delivery: Delivery): QueuedRecord {
  const { key, value, headers } = message;
  const position = { partition: delivery.partition, offset: message.offset };
  const fields = fieldsOfMessage({
    ...position,
    time: message.timestamp,
    key: key ?? null,
    value: value ?? null,
    headers,
  });
  const header = (name: string) => headers.get(name)?.toString();
  const version = header(recordHeaders.version);
  const deadline = numberOf(header(recordHeaders.deadline), timeBounds);
  return {
    id: idOf(position),
    enqueuedAt: message.timestamp,
    uri: fields.uri,
    data: Buffer.isBuffer(fields.data) ? payloadOf(fields.data) : fields.data,
    serde: fields.serde,
    wantsTyped: header(recordHeaders.reply) === typedSerde,
    deadline,
    sharedBy: numberOf(header(recordHeaders.sharedBy), sharedByBounds) ?? 1,
    ...(version === undefined ? {} : { version }),
    deliveries: delivery.deliveries,
    deaths: delivery.deaths,
    alone: delivery.alone,
  };
}
