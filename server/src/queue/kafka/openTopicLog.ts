import { describeGroupsV5 } from '@platformatic/kafka';
import { ServingError } from '../../../../schemas/errors.ts';
import { kafkaGroup } from '../../../../schemas/kafka/kafkaTopics.ts';
import { createKafkaClient, type KafkaClient } from './kafkaClient.ts';
import type { KafkaAddress } from './kafkaAddress.ts';
import { assignedTo } from './groupAssignment.ts';
import { isKafkaReply } from './kafkaTrouble.ts';
import type { Member, Part, Place, Range, ReadLimits, TopicLog } from './topicLog.ts';

/** One answer holds about this much, and at least one message. */
const readBytes = 4 * 1024 * 1024;
/** A fetch that waits goes over a connection of its own. */
const waitingLane = 'wait';

const missing = ['UNKNOWN_TOPIC_OR_PARTITION', 'UNKNOWN_TOPIC_ID', 'INCONSISTENT_TOPIC_ID'] as const;

/** Connects to a Kafka. @param signal  aborting ends the waiting for one that does not answer
 *  @throws ServingError "kafka-…" */
export async function openTopicLog(address: KafkaAddress, signal?: AbortSignal): Promise<TopicLog> {
  const client = createKafkaClient(address);
  const close = () => client.close();
  signal?.addEventListener('abort', close, { once: true });
  try {
    await client.topics([]);
    await client.topicNames();
    return topicLog(client, address.timeoutMs);
  } catch (error) {
    close();
    throw error;
  } finally {
    signal?.removeEventListener('abort', close);
  }
}

/** @param timeoutMs  how long a new topic may take until it can be written */
export function topicLog(client: KafkaClient, timeoutMs: number): TopicLog {
  async function ranges(topic: string): Promise<readonly Range[]> {
    const [from, to] = await Promise.all([client.offsets(topic, 'earliest'), client.offsets(topic, 'end')]);
    return [...to.keys()]
      .sort((a, b) => a - b)
      .map((partition) => ({ from: from.get(partition) ?? 0n, to: to.get(partition) ?? 0n }));
  }

  async function read(place: Place, { waitMs = 0, maxBytes = readBytes }: ReadLimits): Promise<Part> {
    const lane = waitMs > 0 ? `${waitingLane} ${place.topic}` : undefined;
    const [part] = await client.fetch([place], { waitMs, maxBytes }, lane);
    if (!part) return nothing(place);
    if (part.error) throw part.error;
    const messages = part.messages.map(({ offset, timestamp, key, value, headers }) => ({
      partition: place.partition,
      offset,
      time: timestamp,
      key: key ?? null,
      value: value ?? null,
      headers,
    }));
    return { messages, next: part.next, end: part.end };
  }

  return {
    close: () => client.close(),
    append: (messages) =>
      client.produce(
        messages.map(({ key, value, ...rest }) => ({
          ...rest,
          key: key ?? undefined,
          value: value ?? undefined,
        })),
      ),
    async read(place, limits = {}) {
      try {
        return await read(place, limits);
      } catch (error) {
        if (isKafkaReply(error, ...missing)) return nothing(place);
        if (!isKafkaReply(error, 'OFFSET_OUT_OF_RANGE')) throw error;
        // What was there is deleted by its age, or the topic was made again.
        const range = (await ranges(place.topic))[place.partition];
        return range ? read({ ...place, offset: range.from }, limits) : nothing(place);
      }
    },
    ranges,
    async offsetsAt(topic, time) {
      const found = await client.offsets(topic, time);
      return [...found.keys()].sort((a, b) => a - b).map((partition) => found.get(partition) ?? 0n);
    },
    committed: (topic) => client.committed(kafkaGroup, topic),
    members: (topic) =>
      client.askCoordinator(kafkaGroup, async (send, request) => {
        const { groups } = await send(
          { ...request, lane: 'main' },
          describeGroupsV5.api,
          [kafkaGroup],
          false,
        );
        return (groups[0]?.members ?? []).flatMap(({ clientId, clientHost, memberAssignment }): Member[] => {
          const partitions = assignedTo(memberAssignment, topic);
          return partitions.length === 0
            ? []
            : [{ clientId, host: clientHost.replace(/^\//, ''), partitions }];
        });
      }),
    async ensure(topic, partitions, configs) {
      await client.createTopics([{ name: topic, partitions, configs }]);
      const until = performance.now() + timeoutMs;
      for (;;) {
        const leaders = (await client.topics([topic])).get(topic)?.leaders ?? [];
        if (leaders.length > 0 && leaders.length < partitions)
          throw tooFew(topic, leaders.length, partitions);
        // A topic is made before its partitions have a leader.
        if (leaders.length > 0 && leaders.every((leader) => leader >= 0)) return;
        if (performance.now() > until)
          throw new ServingError('kafka-unavailable', `No broker leads the new topic "${topic}" yet.`);
        client.forget();
        await new Promise((resolve) => setTimeout(resolve, 20));
      }
    },
    topics: () => client.topicNames(),
  };
}

function nothing({ offset }: Place): Part {
  return { messages: [], next: offset, end: offset };
}

function tooFew(topic: string, has: number, needs: number): ServingError {
  return new ServingError(
    'kafka-failed',
    `The topic "${topic}" has ${has} ${has === 1 ? 'partition' : 'partitions'}, and ${needs} are needed: another program made it. ` +
      `Add them: kafka-topics.sh --bootstrap-server … --alter --topic ${topic} --partitions ${needs}`,
  );
}
