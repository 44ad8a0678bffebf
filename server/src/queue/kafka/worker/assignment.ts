/* What members of a group say to each other through its coordinator, as Kafka's own clients write it: which topics a member
   wants, and which partitions it gets. @see ConsumerProtocolSubscription, ConsumerProtocolAssignment in the sources of Kafka */

/** Partitions by topic. */
export type Assignment = ReadonlyMap<string, readonly number[]>;

/** Version 0. */
const version = 0;
/** What the names of processes are made of; all else there is data of other programs. */
const lifePattern = /^[0-9a-z]{1,16}$/;

/** What a member wants. */
export interface Subscription {
  readonly topics: readonly string[];
  /** The process that it is, by a name that no other process has; empty where another program says nothing of the kind. */
  readonly life: string;
}

export function writeSubscription({ topics, life }: Subscription): Buffer {
  return Buffer.concat([int16(version), array(topics.map(text)), bytesOf(life)]);
}

/** @returns no topics where the bytes are none */
export function readSubscription(bytes: Buffer): Subscription {
  const reader = createReader(bytes);
  try {
    reader.int16();
    const topics = Array.from({ length: reader.count() }, () => reader.text());
    return { topics, life: reader.lives()[0] ?? '' };
  } catch (error) {
    if (error instanceof RangeError) return { topics: [], life: '' };
    throw error;
  }
}

/** What a member gets. */
export interface Given {
  readonly assignment: Assignment;
  /** The processes that are in the group now. */
  readonly present: readonly string[];
}

export function writeAssignment({ assignment, present }: Given): Buffer {
  const topics = [...assignment].map(([topic, partitions]) =>
    Buffer.concat([text(topic), array(partitions.map(int32))]),
  );
  return Buffer.concat([int16(version), array(topics), bytesOf(present.join(' '))]);
}

/** @returns nothing where the bytes are none: a member may get nothing at all */
export function readAssignment(bytes: Buffer): Given {
  const reader = createReader(bytes);
  try {
    reader.int16();
    const entries = Array.from({ length: reader.count() }, () => {
      const topic = reader.text();
      return [topic, Array.from({ length: reader.count() }, () => reader.int32())] as const;
    });
    return { assignment: new Map(entries), present: reader.lives() };
  } catch (error) {
    if (error instanceof RangeError) return { assignment: new Map(), present: [] };
    throw error;
  }
}

export interface Member {
  readonly memberId: string;
  readonly topics: readonly string[];
}

/** Gives each member that wants a topic its share of the partitions, in neighbouring ones, as Kafka's `range` does.
 *  @param partitions  how many each topic has */
export function assign(
  members: readonly Member[],
  partitions: ReadonlyMap<string, number>,
): ReadonlyMap<string, Assignment> {
  const all = new Map(members.map(({ memberId }) => [memberId, new Map<string, readonly number[]>()]));
  for (const [topic, count] of partitions) {
    const takers = members
      .filter(({ topics }) => topics.includes(topic))
      .map(({ memberId }) => memberId)
      .sort();
    for (const [i, memberId] of takers.entries()) {
      const from = Math.floor((i * count) / takers.length);
      const to = Math.floor(((i + 1) * count) / takers.length);
      const mine = Array.from({ length: to - from }, (_, at) => from + at);
      if (mine.length > 0) all.get(memberId)?.set(topic, mine);
    }
  }
  return all;
}

function int16(value: number): Buffer {
  const bytes = Buffer.alloc(2);
  bytes.writeInt16BE(value);
  return bytes;
}

function int32(value: number): Buffer {
  const bytes = Buffer.alloc(4);
  bytes.writeInt32BE(value);
  return bytes;
}

function bytesOf(value: string): Buffer {
  const bytes = Buffer.from(value);
  return Buffer.concat([int32(bytes.length), bytes]);
}

function text(value: string): Buffer {
  const bytes = Buffer.from(value);
  return Buffer.concat([int16(bytes.length), bytes]);
}

function array(items: readonly Buffer[]): Buffer {
  return Buffer.concat([int32(items.length), ...items]);
}

/** Reads on from where it stands; throws a RangeError beyond the end. */
function createReader(bytes: Buffer) {
  let at = 0;
  const step = (size: number) => {
    at += size;
    return at - size;
  };
  const reader = {
    int16: () => bytes.readInt16BE(step(2)),
    int32: () => bytes.readInt32BE(step(4)),
    /** Of an array; no more than there may be bytes for. */
    count() {
      const count = reader.int32();
      if (count > bytes.length) throw new RangeError('more elements than bytes');
      return Math.max(0, count);
    },
    text() {
      const length = reader.int16();
      const from = step(Math.max(0, length));
      if (at > bytes.length) throw new RangeError('beyond the end');
      return bytes.toString('utf8', from, at);
    },
    /** The names of processes in the data of the member's own, which other programs use for other things. */
    lives() {
      if (at + 4 > bytes.length) return [];
      const length = reader.int32();
      const data = bytes.toString('latin1', at, at + Math.max(0, length));
      return data.split(' ').filter((one) => lifePattern.test(one));
    },
  };
  return reader;
}
