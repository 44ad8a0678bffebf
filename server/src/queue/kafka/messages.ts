import type { MessageRecord } from '@platformatic/kafka';

/** A message to be written. */
export interface NewMessage {
  readonly topic: string;
  /** undefined: where Kafka's own clients put its key; anywhere without one. */
  readonly partition?: number | undefined;
  readonly key?: string | Buffer | undefined;
  /** undefined removes the key from a compacted topic. */
  readonly value: string | Buffer | undefined;
  readonly headers?: Readonly<Record<string, string>> | undefined;
}

/** What one request holds for a partition at most, in bytes: a broker judges all of it by the limit for one message. */
const batchBytes = 900_000;
/** Of a message beside key, value and headers, at most. */
const overheadBytes = 64;

/** Messages in portions that brokers take whole, in order. One that is larger goes alone, and the broker decides. */
export function batchesOf<T extends NewMessage>(messages: readonly T[]): readonly (readonly T[])[] {
  const batches: T[][] = [];
  let bytes = 0;
  for (const message of messages) {
    const size = sizeOf(message);
    const last = batches.at(-1);
    if (last === undefined || bytes + size > batchBytes) {
      batches.push([message]);
      bytes = size;
    } else {
      last.push(message);
      bytes += size;
    }
  }
  return batches;
}

/** In bytes. */
export function sizeOf({ key, value, headers }: NewMessage): number {
  const lengthOf = (one: string | Buffer | undefined) => (one === undefined ? 0 : Buffer.byteLength(one));
  const heads = Object.entries(headers ?? {}).map(([name, text]) => lengthOf(name) + lengthOf(text) + 8);
  return lengthOf(key) + lengthOf(value) + heads.reduce((sum, size) => sum + size, overheadBytes);
}

/** The message as the client library takes it. */
export function toLibrary({ topic, partition = 0, key, value, headers }: NewMessage): MessageRecord {
  return {
    topic,
    partition,
    ...(key === undefined ? {} : { key: Buffer.from(key) }),
    // A message without a value is one to Kafka, if not to the type.
    value: (value === undefined ? undefined : Buffer.from(value)) as Buffer,
    headers: new Map(
      Object.entries(headers ?? {}).map(([name, text]) => [Buffer.from(name), Buffer.from(text)]),
    ),
  };
}

/** Where Kafka's own clients put a key. */
export function partitionOf(key: string | Buffer | undefined, partitions: number): number {
  if (key === undefined) return Math.floor(Math.random() * partitions);
  return (murmur2(Buffer.from(key)) & 0x7fffffff) % partitions;
}

/** The hash of keys. @see org.apache.kafka.common.utils.Utils.murmur2. */
export function murmur2(bytes: Buffer): number {
  const m = 0x5bd1e995;
  const whole = bytes.length - (bytes.length % 4);
  let h = 0x9747b28c ^ bytes.length;
  for (let i = 0; i < whole; i += 4) {
    let k = Math.imul(bytes.readInt32LE(i), m);
    k = Math.imul(k ^ (k >>> 24), m);
    h = Math.imul(h, m) ^ k;
  }
  if (whole < bytes.length) {
    for (let i = bytes.length - 1; i >= whole; i -= 1) h ^= (bytes[i] ?? 0) << (8 * (i - whole));
    h = Math.imul(h, m);
  }
  h = Math.imul(h ^ (h >>> 13), m);
  return h ^ (h >>> 15);
}
