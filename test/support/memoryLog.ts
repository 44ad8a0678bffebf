import type {
  Committed,
  Member,
  Message,
  Position,
  TopicLog,
} from '../../server/src/queue/kafka/topicLog.ts';

/** Topics in memory, with a clock of their own. */
export interface MemoryLog extends TopicLog {
  /** The broker's clock, in ms since 1970; every message is written at it. */
  time: number;
  readonly commits: Map<string, Map<number, Committed>>;
  readonly groupMembers: Map<string, readonly Member[]>;
  /** All messages of a partition. */
  messages(topic: string, partition?: number): readonly Message[];
  deleteTopic(topic: string): void;
  /** Removes what compaction would: all but the newest of each key. */
  compact(topic: string, partition: number): void;
}

export function createMemoryLog(): MemoryLog {
  const topics = new Map<string, Message[][]>();
  const ends = new Map<string, bigint[]>();

  function partitionOf(topic: string, partition: number): Message[] {
    return topics.get(topic)?.[partition] ?? [];
  }

  function add(topic: string, partition: number, message: Omit<Message, keyof Position>): Position {
    const all = topics.get(topic);
    const next = ends.get(topic);
    if (!all || !next) throw new Error(`no topic ${topic}`);
    const offset = next[partition] ?? 0n;
    next[partition] = offset + 1n;
    all[partition]?.push({ ...message, partition, offset });
    return { partition, offset };
  }

  const log: MemoryLog = {
    time: 1_700_000_000_000,
    commits: new Map(),
    groupMembers: new Map(),
    messages: (topic, partition = 0) => partitionOf(topic, partition),
    deleteTopic(topic) {
      topics.delete(topic);
      ends.delete(topic);
    },
    compact(topic, partition) {
      const all = partitionOf(topic, partition);
      const newest = new Map(all.map((message) => [String(message.key), message]));
      const parts = topics.get(topic);
      if (parts) parts[partition] = all.filter((message) => newest.get(String(message.key)) === message);
    },
    append(messages) {
      return Promise.resolve(
        messages.map(({ topic, partition = 0, key, value, headers }) =>
          add(topic, partition, {
            time: log.time,
            key: key === undefined || key === null ? null : Buffer.from(key),
            value: value === null ? null : Buffer.from(value),
            headers: new Map(Object.entries(headers ?? {}).map(([name, text]) => [name, Buffer.from(text)])),
          }),
        ),
      );
    },
    async read({ topic, ...from }) {
      const [part] = await log.readSome(topic, [from]);
      return part ?? { messages: [], next: from.offset, end: from.offset };
    },
    readSome(topic, from) {
      return Promise.resolve(
        from.map(({ partition, offset }) => {
          const end = ends.get(topic)?.[partition] ?? offset;
          const messages = partitionOf(topic, partition).filter((message) => message.offset >= offset);
          // As a broker does, it brings what it has in portions.
          const some = messages.slice(0, 3);
          const last = some.at(-1);
          return {
            messages: some,
            next: messages.length > some.length && last ? last.offset + 1n : end,
            end,
          };
        }),
      );
    },
    ranges: (topic) => Promise.resolve((ends.get(topic) ?? []).map((to) => ({ from: 0n, to }))),
    offsetsAt: (topic, time) =>
      Promise.resolve(
        (ends.get(topic) ?? []).map(
          (end, partition) =>
            partitionOf(topic, partition).find((message) => message.time >= time)?.offset ?? end,
        ),
      ),
    committed: (topic) => Promise.resolve(log.commits.get(topic) ?? new Map()),
    members: (topic) => Promise.resolve(log.groupMembers.get(topic) ?? []),
    ensure(topic, partitions) {
      if (!topics.has(topic)) {
        topics.set(
          topic,
          Array.from({ length: partitions }, () => []),
        );
        ends.set(
          topic,
          Array.from({ length: partitions }, () => 0n),
        );
      }
      return Promise.resolve();
    },
    topics: () => Promise.resolve([...topics.keys()]),
    close: () => undefined,
  };
  return log;
}
