import { describeGroupsV5 } from '@platformatic/kafka';
import { ServingError } from '../../../../schemas/errors.ts';
import { kafkaGroup } from '../../../../schemas/kafka/kafkaTopics.ts';
import { createKafkaClient, type KafkaClient } from './kafkaClient.ts';
import type { KafkaAddress } from './kafkaAddress.ts';
import { assignedTo } from './groupAssignment.ts';
import { isKafkaReply } from './kafkaTrouble.ts';
import type { FetchedPartition } from './fetched.ts';
import type { Member, Part, Place, Position, Range, ReadLimits, TopicLog } from './topicLog.ts';

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

  async function readSome(
    topic: string,
    from: readonly Position[],
    { waitMs = 0, maxBytes = readBytes }: ReadLimits = {},
  ): Promise<readonly Part[]> {
    const places = from.map(({ partition, offset }) => ({ topic, partition, offset }));
    const lane = waitMs > 0 ? `${waitingLane} ${topic}` : 'read';
    try {
      const parts = await client.fetch(places, { waitMs, maxBytes, lane });
      return await Promise.all(
        places.map((place) => {
          const part = parts.find(({ partition }) => partition === place.partition);
          if (!part) return Promise.resolve(nothing(place));
          return part.error ? againFrom(place, part.error) : Promise.resolve(partOf(part));
        }),
      );
    } catch (error) {
      if (isKafkaReply(error, ...missing)) return places.map(nothing);
      throw error;
    }
  }

  /** What was there is deleted by its age, or the topic was made again: then it goes on with what is there. */
  async function againFrom(place: Place, error: unknown): Promise<Part> {
    if (isKafkaReply(error, ...missing)) return nothing(place);
    if (!isKafkaReply(error, 'OFFSET_OUT_OF_RANGE')) throw error;
    const range = (await ranges(place.topic))[place.partition];
    return range ? { messages: [], next: range.from, end: range.to } : nothing(place);
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
    readSome,
    async read({ topic, ...from }, limits) {
      const [part] = await readSome(topic, [from], limits);
      return part ?? { messages: [], next: from.offset, end: from.offset };
    },
    ranges,
    async offsetsAt(topic, time) {
      const found = await client.offsets(topic, time);
      return [...found.keys()].sort((a, b) => a - b).map((partition) => found.get(partition) ?? 0n);
    },
    committed: (topic) => client.committed(kafkaGroup, topic),
    members: (topic) =>
      client.askCoordinator(kafkaGroup, async (send, request) => {
        const { groups } = await send(request, describeGroupsV5.api, [kafkaGroup], false);
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

function partOf({ messages, partition, next, end }: FetchedPartition): Part {
  const plain = messages.map(({ timestamp, key, value, ...rest }) => ({
    ...rest,
    partition,
    time: timestamp,
    key: key ?? null,
    value: value ?? null,
  }));
  return { messages: plain, next, end };
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
