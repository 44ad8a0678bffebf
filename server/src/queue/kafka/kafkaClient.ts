import type { HostPort } from '../../../../schemas/config/configKey.ts';
import { readFetched, type FetchedPartition } from './fetched.ts';
import type { KafkaAddress } from './kafkaAddress.ts';
import { apis } from './kafkaApis.ts';
import { createKafkaCluster, replyOf, whereText, type Of, type TopicFacts } from './kafkaCluster.ts';
import { textOf, type KafkaConnections, type KafkaRequest } from './kafkaConnections.ts';
import { explainReply, type KafkaTrouble } from './kafkaTrouble.ts';
import { batchesOf, partitionOf, toLibrary, type NewMessage } from './messages.ts';

export interface NewTopic {
  readonly name: string;
  readonly partitions: number;
  readonly configs: Readonly<Record<string, string>>;
}

/** A place in a partition. */
export interface Place extends Of {
  readonly offset: bigint;
}

export interface FetchOptions {
  /** How long the brokers wait for messages where there are none, in ms. */
  readonly waitMs: number;
  /** About how much comes at most, in bytes; one message comes whatever its size. */
  readonly maxBytes: number;
  /** Fetches of one lane wait for each other; each lane has connections of its own. */
  readonly lane?: string | undefined;
}

/** What a group has committed for a partition. */
export interface Committed {
  readonly offset: bigint;
  readonly metadata: string;
}

/** Speaks with a Kafka cluster. What fails is not repeated here: only the caller knows whether it may be. Nothing that fails is
 *  kept either: the next call connects again and asks who leads what.
 *  Every method throws ServingError "kafka-…": whatever the cluster or a connection refused, in a sentence. */
export interface KafkaClient {
  /** Of those topics the ones that are there. */
  topics(names: readonly string[]): Promise<ReadonlyMap<string, TopicFacts>>;
  /** All topics that this user may see. */
  topicNames(): Promise<readonly string[]>;
  /** Makes topics; those that are there stay as they are. */
  createTopics(topics: readonly NewTopic[]): Promise<void>;
  /** Writes messages in order, each acknowledged by all replicas. After an error some may be written.
   *  A message without a partition goes where Kafka's own clients put its key.
   *  @returns where each is */
  produce(messages: readonly NewMessage[]): Promise<readonly Place[]>;
  /** What is there, from each of these places on. A partition that Kafka refuses has its error. */
  fetch(places: readonly Place[], options: FetchOptions): Promise<readonly FetchedPartition[]>;
  /** By partition, the offset of the first message at or after a time in ms since 1970, the end where there is none.
   *  A topic that is not there has no partitions. */
  offsets(topic: string, when: When): Promise<ReadonlyMap<number, bigint>>;
  /** What the group has committed, by partition. */
  committed(group: string, topic: string): Promise<ReadonlyMap<number, Committed>>;
  /** Asks the broker that coordinates a group, which is found first. */
  askCoordinator<T>(
    group: string,
    ask: (send: KafkaConnections['ask'], request: KafkaRequest) => Promise<T>,
  ): Promise<T>;
  /** Forgets who leads what, for when a reply says that it has changed. */
  forget(): void;
  /** Connections made in place of lost ones. */
  readonly reconnects: number;
  close(): void;
}

type When = 'earliest' | 'end' | number;

/** How much longer than it asked for a fetch may take before its connection is given up. */
const watchdogMs = 2_000;

/** What was committed by transactions only. */
const readCommitted = 1;

export function createKafkaClient(address: KafkaAddress): KafkaClient {
  const cluster = createKafkaCluster(address);
  const { ask, request, attempt } = cluster;
  const { timeoutMs } = address;

  async function createTopics(topics: readonly NewTopic[]): Promise<void> {
    const wanted = topics.map(({ name, partitions, configs }) => ({
      name,
      numPartitions: partitions,
      replicationFactor: -1,
      assignments: [],
      configs: Object.entries(configs).map(([key, value]) => ({ name: key, value })),
    }));
    const to = { ...request(await cluster.controller()), byPart: true };
    const made = await ask(to, apis.createTopics, wanted, timeoutMs, false);
    for (const { name, errorCode, errorMessage } of made.topics) {
      const reply = replyOf(errorCode);
      if (reply !== 'NONE' && reply !== 'TOPIC_ALREADY_EXISTS')
        throw explainReply(whereText(address), { topic: name }, reply, errorMessage ?? undefined);
    }
    cluster.forget();
  }

  /** @param places  what is written is noted here, and not written again by the next attempt */
  async function produce(messages: readonly NewMessage[], places: Place[]): Promise<readonly Place[]> {
    const placed: Placed[] = [];
    for (const [at, message] of messages.entries()) {
      if (places[at] !== undefined) continue;
      const partitions = (await cluster.topic(message.topic)).leaders.length;
      placed.push({ ...message, at, partition: message.partition ?? partitionOf(message.key, partitions) });
    }
    const groups = await cluster.byLeader(placed);
    await Promise.all(
      groups.map(async ({ broker, items }) => {
        for (const batch of batchesOf(items)) await writeBatch(broker, batch, places);
      }),
    );
    return places;
  }

  async function writeBatch(broker: HostPort, batch: readonly Placed[], places: Place[]): Promise<void> {
    const topic = batch[0]?.topic;
    const to = { ...request(broker, { topic }), byPart: true };
    const response = await ask(to, apis.produce, -1, timeoutMs, batch.map(toLibrary));
    // It is a boolean where no acknowledgement is wanted.
    const responses = typeof response === 'boolean' ? [] : response.responses;
    let trouble: KafkaTrouble | undefined;
    for (const { name, partitionResponses } of responses)
      for (const { index, errorCode, errorMessage, baseOffset } of partitionResponses) {
        const written = batch.filter((item) => item.partition === index && item.topic === name);
        if (errorCode === 0)
          for (const [i, { at }] of written.entries())
            places[at] = { topic: name, partition: index, offset: baseOffset + BigInt(i) };
        else
          trouble ??= explainReply(
            `Kafka at ${textOf(broker)}`,
            { topic: name },
            replyOf(errorCode),
            errorMessage ?? undefined,
          );
      }
    if (trouble) throw trouble;
  }

  async function fetch(
    places: readonly Place[],
    { waitMs, maxBytes, lane = 'fetch' }: FetchOptions,
  ): Promise<readonly FetchedPartition[]> {
    const ids = new Map<string, string>();
    for (const { topic } of places) ids.set(topic, (await cluster.topic(topic)).id);
    const deadlineMs = waitMs + watchdogMs + timeoutMs;
    const groups = await cluster.byLeader(places);
    const fetched = await Promise.all(
      groups.map(async ({ broker, items }) => {
        const topics = items.map((place) => fetchPartition(place, ids.get(place.topic) ?? '', maxBytes));
        const to = { ...request(broker, { topic: items[0]?.topic }), lane, deadlineMs, byPart: true };
        const response = await ask(to, apis.fetch, waitMs, 1, maxBytes, readCommitted, 0, -1, topics, [], '');
        const errorOf = (topic: string, code: number) =>
          code === 0 ? undefined : explainReply(`Kafka at ${textOf(broker)}`, { topic }, replyOf(code));
        const error = errorOf('', response.errorCode);
        if (error) throw error;
        return readFetched(response, items, ids, errorOf);
      }),
    );
    const all = fetched.flat();
    if (all.some(({ error }) => error)) cluster.forget();
    return all;
  }

  async function offsets(topic: string, when: When): Promise<ReadonlyMap<number, bigint>> {
    const facts = (await cluster.topics([topic])).get(topic);
    const found = new Map<number, bigint>();
    const timestamp = when === 'earliest' ? -2n : when === 'end' ? -1n : BigInt(Math.floor(when));
    const partitions = [...(facts?.leaders.keys() ?? [])].map((partition) => ({ topic, partition }));
    for (const { broker, items } of await cluster.byLeader(partitions)) {
      const wanted = items.map(({ partition }) => ({
        partitionIndex: partition,
        currentLeaderEpoch: -1,
        timestamp,
      }));
      const asked = [{ name: topic, partitions: wanted }];
      const { topics } = await ask(request(broker, { topic }), apis.listOffsets, -1, readCommitted, asked);
      for (const one of topics[0]?.partitions ?? []) found.set(one.partitionIndex, one.offset);
    }
    if ([...found.values()].every((offset) => offset >= 0n)) return found;
    // Nothing is that new.
    const ends = await offsets(topic, 'end');
    return new Map([...found].map(([at, offset]) => [at, offset < 0n ? (ends.get(at) ?? 0n) : offset]));
  }

  async function committed(group: string, topic: string): Promise<ReadonlyMap<number, Committed>> {
    const facts = (await cluster.topics([topic])).get(topic);
    const partitionIndexes = [...(facts?.leaders.keys() ?? [])];
    const topics = [{ name: topic, partitionIndexes }];
    const asked = [{ groupId: group, memberId: null, memberEpoch: -1, topics }];
    const to = request(await cluster.coordinator(group), { group, topic });
    const { groups } = await ask(to, apis.offsetFetch, asked, false);
    const found = new Map<number, Committed>();
    for (const { partitionIndex, committedOffset, metadata } of groups[0]?.topics[0]?.partitions ?? [])
      if (committedOffset >= 0n)
        found.set(partitionIndex, { offset: committedOffset, metadata: metadata ?? '' });
    return found;
  }

  return {
    topics: (names) => attempt(() => cluster.topics(names)),
    topicNames: () => attempt(() => cluster.topicNames()),
    createTopics: (topics) => attempt(() => createTopics(topics)),
    produce(messages) {
      const places: Place[] = [];
      return attempt(() => produce(messages, places));
    },
    fetch: (places, options) => attempt(() => fetch(places, options)),
    offsets: (topic, when) => attempt(() => offsets(topic, when)),
    committed: (group, topic) => attempt(() => committed(group, topic)),
    askCoordinator: (group, use) =>
      attempt(async () => use(ask, request(await cluster.coordinator(group), { group }))),
    forget: () => cluster.forget(),
    get reconnects() {
      return cluster.reconnects;
    },
    close: () => cluster.close(),
  };
}

/** A message whose partition is chosen. */
interface Placed extends NewMessage {
  readonly partition: number;
  /** Its place in the list that was given. */
  readonly at: number;
}

function fetchPartition({ partition, offset }: Place, topicId: string, maxBytes: number) {
  return {
    topicId,
    partitions: [
      {
        partition,
        currentLeaderEpoch: -1,
        fetchOffset: offset,
        lastFetchedEpoch: -1,
        partitionMaxBytes: maxBytes,
      },
    ],
  };
}
