import { protocolErrorsCodesById } from '@platformatic/kafka';
import type { HostPort } from '../../../../schemas/config/configKey.ts';
import type { KafkaAddress } from './kafkaAddress.ts';
import { apis } from './kafkaApis.ts';
import {
  createKafkaConnections,
  textOf,
  type KafkaConnections,
  type KafkaRequest,
} from './kafkaConnections.ts';
import { KafkaTrouble, explainReply, isMoving, type Subject } from './kafkaTrouble.ts';

/** A topic as the cluster has it now. */
export interface TopicFacts {
  readonly name: string;
  readonly id: string;
  /** By partition, the node that leads it; -1 while none does. */
  readonly leaders: readonly number[];
}

export interface Of {
  readonly topic: string;
  readonly partition: number;
}

/** Which broker does what. It is asked once, and again after whatever fails: a broker may have gone and another lead.
 *  Every method throws ServingError "kafka-…". */
export interface KafkaCluster {
  readonly ask: KafkaConnections['ask'];
  /** A request that is answered at once. */
  readonly request: (broker: HostPort, subject?: Subject) => KafkaRequest;
  /** Runs what uses the cluster, and forgets what is known of it if that fails. Where only a leader or a coordinator has moved,
   *  it is run again, for as long as a request may take. */
  readonly attempt: <T>(work: () => Promise<T>) => Promise<T>;
  forget(): void;
  /** Of those topics the ones that are there. */
  topics(names: readonly string[]): Promise<ReadonlyMap<string, TopicFacts>>;
  topic(name: string): Promise<TopicFacts>;
  /** All topics that this user may see. */
  topicNames(): Promise<readonly string[]>;
  /** The broker that takes what changes the cluster. */
  controller(): Promise<HostPort>;
  /** The broker that coordinates a group. */
  coordinator(group: string): Promise<HostPort>;
  /** Those together whose partition the same broker leads. */
  byLeader<T extends Of>(
    items: readonly T[],
  ): Promise<readonly { readonly broker: HostPort; readonly items: readonly T[] }[]>;
  readonly reconnects: number;
  close(): void;
}

/** Between two attempts while a leader or a coordinator moves. */
const movingMs = 50;

/** The lane of what is answered at once. */
const mainLane = 'main';

export function createKafkaCluster(address: KafkaAddress): KafkaCluster {
  const connections = createKafkaConnections(address);
  const nodes = new Map<number, HostPort>();
  const known = new Map<string, TopicFacts>();
  const coordinators = new Map<string, HostPort>();
  const where = whereText(address);

  function request(broker: HostPort, subject: Subject = {}): KafkaRequest {
    return { broker, lane: mainLane, deadlineMs: address.timeoutMs, subject };
  }

  function forget(): void {
    nodes.clear();
    known.clear();
    coordinators.clear();
  }

  /** Asks whichever broker answers, those first that were found last. */
  async function askAny<T>(ask: (broker: HostPort) => Promise<T>): Promise<T> {
    let first: unknown;
    const places = new Map([...nodes.values(), ...address.brokers].map((one) => [textOf(one), one]));
    for (const broker of places.values())
      try {
        return await ask(broker);
      } catch (error) {
        first ??= error;
        if (error instanceof KafkaTrouble && error.reply !== undefined) throw error;
      }
    throw first;
  }

  /** @param names  undefined for all topics */
  async function describe(names: readonly string[] | undefined) {
    // No names at all are all topics to Kafka, if not to the type.
    const asked = (names ? [...names] : null) as string[];
    const response = await askAny((broker) =>
      connections.ask({ ...request(broker), byPart: true }, apis.metadata, asked),
    );
    for (const { nodeId, host, port } of response.brokers) nodes.set(nodeId, { host, port });
    return response;
  }

  async function topics(names: readonly string[]): Promise<ReadonlyMap<string, TopicFacts>> {
    const missing = names.filter((name) => !known.has(name));
    const described = missing.length === 0 ? [] : (await describe(missing)).topics;
    for (const { name, topicId, errorCode, partitions } of described) {
      if (name === null || name === undefined) continue;
      const reply = replyOf(errorCode);
      if (reply === 'NONE' || reply === 'LEADER_NOT_AVAILABLE')
        known.set(name, { name, id: topicId, leaders: leadersOf(partitions) });
      else if (reply !== 'UNKNOWN_TOPIC_OR_PARTITION') throw explainReply(where, { topic: name }, reply);
    }
    const found = new Map<string, TopicFacts>();
    for (const name of names) {
      const facts = known.get(name);
      if (facts) found.set(name, facts);
    }
    return found;
  }

  async function topic(name: string): Promise<TopicFacts> {
    const facts = (await topics([name])).get(name);
    if (facts) return facts;
    throw explainReply(where, { topic: name }, 'UNKNOWN_TOPIC_OR_PARTITION');
  }

  async function leaderOf({ topic: name, partition }: Of): Promise<HostPort> {
    const { leaders } = await topic(name);
    const broker = nodes.get(leaders[partition] ?? -1);
    if (broker) return broker;
    const reply = partition < leaders.length ? 'LEADER_NOT_AVAILABLE' : 'UNKNOWN_TOPIC_OR_PARTITION';
    throw explainReply(where, { topic: name }, reply);
  }

  return {
    ask: (...args) => connections.ask(...args),
    request,
    forget,
    async attempt(work) {
      const end = performance.now() + address.timeoutMs;
      for (;;)
        try {
          return await work();
        } catch (error) {
          forget();
          if (!isMoving(error) || performance.now() > end) throw error;
          await new Promise((resolve) => setTimeout(resolve, movingMs));
        }
    },
    topics,
    topic,
    topicNames: async () => (await describe(undefined)).topics.flatMap(({ name }) => name ?? []),
    async controller() {
      const { controllerId, brokers } = await describe([]);
      const [first] = brokers;
      const broker = nodes.get(controllerId) ?? first;
      if (!broker) throw explainReply(where, {}, 'BROKER_NOT_AVAILABLE');
      return broker;
    },
    async coordinator(group) {
      const cached = coordinators.get(group);
      if (cached) return cached;
      const found = await askAny((broker) =>
        connections.ask(request(broker, { group }), apis.findCoordinator, 0, [group]),
      );
      const [one] = found.coordinators;
      if (!one) throw explainReply(where, { group }, 'COORDINATOR_NOT_AVAILABLE');
      const broker = { host: one.host, port: one.port };
      coordinators.set(group, broker);
      return broker;
    },
    async byLeader<T extends Of>(items: readonly T[]) {
      const groups = new Map<string, { broker: HostPort; items: T[] }>();
      for (const item of items) {
        const broker = await leaderOf(item);
        const group = groups.get(textOf(broker)) ?? { broker, items: [] };
        groups.set(textOf(broker), group);
        group.items.push(item);
      }
      return [...groups.values()];
    },
    get reconnects() {
      return connections.reconnects;
    },
    close: () => connections.close(),
  };
}

function leadersOf(
  partitions: readonly { readonly partitionIndex: number; readonly leaderId: number }[],
): readonly number[] {
  const leaders: number[] = partitions.map(() => -1);
  for (const { partitionIndex, leaderId } of partitions) leaders[partitionIndex] = leaderId;
  return leaders;
}

export function whereText(address: Pick<KafkaAddress, 'brokers'>): string {
  return `Kafka at ${address.brokers.map(textOf).join(',')}`;
}

/** Kafka's name of an error, by its number. */
export function replyOf(code: number): string {
  return protocolErrorsCodesById[code] ?? `error ${code}`;
}
