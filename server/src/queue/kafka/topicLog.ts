/** Topics of Kafka as this project uses them beside the engine: written at their ends, read from any offset, by no group.
 *  `openTopicLog` opens it; each method throws what `kafkaTrouble` says, as a sentence. */
export interface TopicLog {
  /** Writes messages, acknowledged by all replicas. @returns where each is, in order */
  append(messages: readonly NewMessage[]): Promise<readonly Position[]>;
  /** What is in one partition from an offset on, or from its beginning where that lies later.
   *  @returns none for a partition that is not there */
  read(from: Place, limits?: ReadLimits): Promise<Part>;
  /** The same for several partitions of a topic: all of them as soon as one has something. @returns in their order */
  readSome(topic: string, from: readonly Position[], limits?: ReadLimits): Promise<readonly Part[]>;
  /** Of each partition of a topic, where it begins and ends; none where there is no such topic. */
  ranges(topic: string): Promise<readonly Range[]>;
  /** Of each partition, the offset of the first message that was written at this time or later; its end where there is none.
   *  @param time  in ms since 1970, by the broker's clock */
  offsetsAt(topic: string, time: number): Promise<readonly bigint[]>;
  /** What the group has committed, by partition. */
  committed(topic: string): Promise<ReadonlyMap<number, Committed>>;
  /** Those who read for the group, with the partitions of the topic that they have. */
  members(topic: string): Promise<readonly Member[]>;
  /** Makes a topic unless it is there. @throws ServingError "kafka-failed" where it has fewer partitions */
  ensure(topic: string, partitions: number, settings: Readonly<Record<string, string>>): Promise<void>;
  topics(): Promise<readonly string[]>;
  close(): void;
}

export interface NewMessage {
  readonly topic: string;
  /** Without it, one by turns. */
  readonly partition?: number;
  readonly key?: string | Buffer | null;
  /** null: what has this key is no longer true. */
  readonly value: string | Buffer | null;
  readonly headers?: Readonly<Record<string, string>>;
}

export interface Position {
  readonly partition: number;
  readonly offset: bigint;
}

export interface Place extends Position {
  readonly topic: string;
}

export interface ReadLimits {
  /** How long to wait where nothing is there yet. */
  readonly waitMs?: number;
  readonly maxBytes?: number;
}

export interface Message extends Position {
  /** In ms since 1970: by the broker's clock where the topic says so, else by that of the client. */
  readonly time: number;
  readonly key: Buffer | null;
  readonly value: Buffer | null;
  readonly headers: ReadonlyMap<string, Buffer>;
}

export interface Part {
  readonly messages: readonly Message[];
  /** Where to go on: behind the last message that was read, or behind what is no message. */
  readonly next: bigint;
  /** Where the partition ends by now. */
  readonly end: bigint;
}

export interface Range {
  readonly from: bigint;
  readonly to: bigint;
}

export interface Committed {
  readonly offset: bigint;
  readonly metadata: string;
}

export interface Member {
  readonly clientId: string;
  readonly host: string;
  readonly partitions: readonly number[];
}

/** All messages of a partition up to where it ended when this began.
 *  @param onMessages  called with each part; false ends the reading */
export async function readToEnd(
  log: TopicLog,
  { topic, partition, offset }: Place,
  onMessages: (messages: readonly Message[]) => unknown,
): Promise<bigint> {
  let at = offset;
  let end: bigint | undefined;
  for (;;) {
    const part = await log.read({ topic, partition, offset: at });
    end ??= part.end;
    if (onMessages(part.messages) === false) return part.next;
    if (part.next >= end || part.next <= at) return part.next > at ? part.next : at;
    at = part.next;
  }
}

/** `partition-offset`, as people and commands name a record. */
export function idOf({ partition, offset }: Position): string {
  return `${partition}-${offset}`;
}

/** @returns undefined for what is no id of a record in Kafka */
export function positionOf(id: string): Position | undefined {
  const [, partition, offset] = /^(\d{1,6})-(\d{1,19})$/.exec(id) ?? [];
  return partition === undefined ? undefined : { partition: Number(partition), offset: BigInt(offset ?? 0) };
}
