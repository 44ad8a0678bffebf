import type { RecordsBatch } from '@platformatic/kafka';
import { describe, expect, it } from 'vitest';
import { readBatches, readFetched } from '../../../../server/src/queue/kafka/fetched.ts';
import { KafkaTrouble } from '../../../../server/src/queue/kafka/kafkaTrouble.ts';

const transactional = 1 << 4;
const control = 1 << 5;

function batch(
  firstOffset: number,
  values: readonly string[],
  more: Partial<RecordsBatch> = {},
): RecordsBatch {
  return {
    firstOffset: BigInt(firstOffset),
    lastOffsetDelta: values.length - 1,
    firstTimestamp: 1000n,
    attributes: 0,
    producerId: -1n,
    records: values.map((value, i) => ({
      length: 0,
      attributes: 0,
      timestampDelta: BigInt(i),
      offsetDelta: i,
      key: null,
      value: Buffer.from(value),
      headers: [[Buffer.from('h'), Buffer.from(value)]],
    })),
    ...more,
  } as RecordsBatch;
}

const valuesOf = (
  batches: readonly RecordsBatch[],
  from = 0,
  aborted: { producerId: bigint; firstOffset: bigint }[] = [],
) => {
  const { messages, next } = readBatches(batches, BigInt(from), aborted);
  return { values: messages.map(({ value }) => String(value)), next: Number(next) };
};

describe('what a fetch brings', () => {
  it('begins at the offset that was asked for, though its batch begins before', () => {
    expect(valuesOf([batch(10, ['a', 'b', 'c']), batch(13, ['d'])], 12)).toEqual({
      values: ['c', 'd'],
      next: 14,
    });
  });

  it('has the time, the headers and no key where there is none', () => {
    const [, second] = readBatches([batch(0, ['a', 'b'])], 0n, []).messages;
    expect(second).toMatchObject({ offset: 1n, timestamp: 1001, key: undefined });
    expect(String(second?.headers.get('h'))).toBe('b');
  });

  it('passes over the marks of transactions, and goes on behind them', () => {
    const mark = batch(2, ['x'], { attributes: control | transactional, producerId: 7n });
    const batches = [batch(0, ['a', 'b'], { attributes: transactional, producerId: 7n }), mark];
    expect(valuesOf(batches)).toEqual({ values: ['a', 'b'], next: 3 });
  });

  it('leaves out what a transaction wrote that was given up, and nothing of the next one', () => {
    const of = { attributes: transactional, producerId: 7n };
    const batches = [
      batch(0, ['a'], of),
      batch(1, ['other'], { attributes: transactional, producerId: 8n }),
      batch(2, ['mark'], { attributes: control | transactional, producerId: 7n }),
      batch(3, ['b'], of),
      batch(4, ['plain']),
    ];
    expect(valuesOf(batches, 0, [{ producerId: 7n, firstOffset: 0n }])).toEqual({
      values: ['other', 'b', 'plain'],
      next: 5,
    });
  });

  it('stays where it is when nothing came', () => {
    expect(valuesOf([], 9)).toEqual({ values: [], next: 9 });
  });

  it('is sorted by the places that were asked for, each with its own error', () => {
    const partition = (index: number, errorCode: number) => ({
      partitionIndex: index,
      errorCode,
      lastStableOffset: 5n,
      logStartOffset: 1n,
      abortedTransactions: null,
      ...(errorCode === 0 ? { records: [batch(3, ['a'])] } : {}),
    });
    const response = { responses: [{ topicId: 'id', partitions: [partition(1, 6), partition(0, 0)] }] };
    const places = [0, 1, 2].map((one) => ({ topic: 't', partition: one, offset: 3n }));
    const trouble = new KafkaTrouble('kafka-unavailable', 'moved');
    const [first, second, third] = readFetched(response, places, new Map([['t', 'id']]), (_topic, code) =>
      code === 0 ? undefined : trouble,
    );
    expect(first).toMatchObject({ partition: 0, next: 4n, end: 5n, start: 1n, error: undefined });
    expect(second).toMatchObject({ partition: 1, messages: [], next: 3n, error: trouble });
    expect(third).toMatchObject({ partition: 2, messages: [], next: 3n, error: undefined });
  });
});
