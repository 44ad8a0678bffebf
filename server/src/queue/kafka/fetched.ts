import type { RecordsBatch } from '@platformatic/kafka';
import type { KafkaTrouble } from './kafkaTrouble.ts';

/** A message as it lies in a partition. */
export interface FetchedMessage {
  readonly offset: bigint;
  /** When it was written, in ms since 1970, as the topic's settings have it: by its producer or by the broker. */
  readonly timestamp: number;
  readonly key: Buffer | undefined;
  /** undefined: the key is to be removed from a compacted topic. */
  readonly value: Buffer | undefined;
  /** Of a name that comes twice, the last. */
  readonly headers: ReadonlyMap<string, Buffer>;
}

export interface FetchedPartition {
  readonly topic: string;
  readonly partition: number;
  readonly messages: readonly FetchedMessage[];
  /** Where the next fetch goes on: beyond messages that are no records, too. */
  readonly next: bigint;
  /** The first offset that is not written yet; -1n where the fetch failed. */
  readonly end: bigint;
  /** Where the topic begins now; -1n where the fetch failed. */
  readonly start: bigint;
  readonly error: KafkaTrouble | undefined;
}

interface FetchResponse {
  readonly responses: readonly {
    readonly topicId: string;
    readonly partitions: readonly {
      readonly partitionIndex: number;
      readonly errorCode: number;
      readonly lastStableOffset: bigint;
      readonly logStartOffset: bigint;
      readonly abortedTransactions:
        readonly { readonly producerId: bigint; readonly firstOffset: bigint }[] | null;
      readonly records?: readonly RecordsBatch[];
    }[];
  }[];
}

/** Bits of a batch's attributes. */
const isTransactional = 1 << 4;
const isControl = 1 << 5;

/** What a fetch brought for each place that was asked for.
 *  @param ids  of the topics, by name
 *  @param errorOf  makes an error of Kafka's number for it; undefined for none */
export function readFetched(
  response: FetchResponse,
  places: readonly { readonly topic: string; readonly partition: number; readonly offset: bigint }[],
  ids: ReadonlyMap<string, string>,
  errorOf: (topic: string, code: number) => KafkaTrouble | undefined,
): readonly FetchedPartition[] {
  return places.map(({ topic, partition, offset }) => {
    const found = response.responses
      .filter(({ topicId }) => topicId === ids.get(topic))
      .flatMap(({ partitions }) => partitions)
      .find(({ partitionIndex }) => partitionIndex === partition);
    const error = found && errorOf(topic, found.errorCode);
    if (!found || error) return { topic, partition, messages: [], next: offset, end: -1n, start: -1n, error };
    const { messages, next } = readBatches(found.records ?? [], offset, found.abortedTransactions ?? []);
    const { lastStableOffset: end, logStartOffset: start } = found;
    return { topic, partition, messages, next, end, start, error };
  });
}

/** The messages of batches from an offset on: a batch may begin before it. Left out are the marks of transactions, and what a
 *  transaction wrote that was given up. */
export function readBatches(
  batches: readonly RecordsBatch[],
  from: bigint,
  aborted: readonly { readonly producerId: bigint; readonly firstOffset: bigint }[],
): { readonly messages: readonly FetchedMessage[]; readonly next: bigint } {
  const messages: FetchedMessage[] = [];
  let next = from;
  for (const batch of batches) {
    const last = batch.firstOffset + BigInt(batch.lastOffsetDelta);
    if (last >= next) next = last + 1n;
    if ((batch.attributes & isControl) !== 0) continue;
    if ((batch.attributes & isTransactional) !== 0 && isAborted(batch, batches, aborted)) continue;
    for (const record of batch.records) {
      const offset = batch.firstOffset + BigInt(record.offsetDelta);
      if (offset < from) continue;
      messages.push({
        offset,
        timestamp: Number(batch.firstTimestamp + record.timestampDelta),
        key: record.key ?? undefined,
        value: record.value ?? undefined,
        headers: new Map(
          record.headers.map(([name, value]) => [String(name ?? ''), value ?? Buffer.alloc(0)] as const),
        ),
      });
    }
  }
  return { messages, next };
}

/** Whether a batch belongs to a transaction that was given up: one of its producer began at or before it, and no mark of that
 *  producer stands between. */
function isAborted(
  batch: RecordsBatch,
  batches: readonly RecordsBatch[],
  aborted: readonly { readonly producerId: bigint; readonly firstOffset: bigint }[],
): boolean {
  return aborted.some(({ producerId, firstOffset }) => {
    if (producerId !== batch.producerId || firstOffset > batch.firstOffset) return false;
    const ended = batches.some(
      (mark) =>
        (mark.attributes & isControl) !== 0 &&
        mark.producerId === producerId &&
        mark.firstOffset >= firstOffset &&
        mark.firstOffset < batch.firstOffset,
    );
    return !ended;
  });
}
