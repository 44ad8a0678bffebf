import { describe, expect, test } from 'vitest';
import { deadHeaders, deadTopic, inputTopic, resultTopic } from '../../../../../schemas/kafka/kafkaTopics.ts';
import type { FetchedMessage, FetchedPartition } from '../../../../../server/src/queue/kafka/fetched.ts';
import { KafkaTrouble, explainReply } from '../../../../../server/src/queue/kafka/kafkaTrouble.ts';
import type { NewMessage } from '../../../../../server/src/queue/kafka/messages.ts';
import { createKafkaResults } from '../../../../../server/src/queue/kafka/worker/kafkaResults.ts';
import { queued } from '../../../../support/memoryQueue.ts';

function start(stored: readonly FetchedMessage[] = []) {
  const state = {
    produced: [] as NewMessage[],
    /** Refuses a message. */
    refuse: (() => undefined) as (message: NewMessage) => KafkaTrouble | undefined,
    fetchError: undefined as KafkaTrouble | undefined,
    fetchFails: undefined as Error | undefined,
    ensured: 0,
  };
  const write = createKafkaResults({
    client: {
      fetch: ([place]) => {
        if (state.fetchFails) return Promise.reject(state.fetchFails);
        const part: FetchedPartition = {
          topic: inputTopic('digits'),
          partition: place?.partition ?? -1,
          messages: stored.filter(({ offset }) => offset >= (place?.offset ?? 0n)),
          ...{ next: 0n, end: 0n, start: 0n, error: state.fetchError },
        };
        return Promise.resolve([part]);
      },
      produce(messages) {
        for (const message of messages) {
          const trouble = state.refuse(message);
          if (trouble) return Promise.reject(trouble);
          state.produced.push(message);
        }
        return Promise.resolve([]);
      },
    },
    jobName: 'digits',
    workerId: 'w1',
    now: () => 1_700_000_000_000.6,
    ensureTopics: () => {
      state.ensured += 1;
      return Promise.resolve();
    },
  });
  return { write, state };
}

const message = (offset: number, more: Partial<FetchedMessage> = {}): FetchedMessage => ({
  offset: BigInt(offset),
  timestamp: 0,
  key: Buffer.from('"key"'),
  value: Buffer.from('payload'),
  headers: new Map(),
  ...more,
});
const dead = (id: string, reason = 'record-undecodable: no tensor', more = {}) => ({
  record: queued({ id, uri: 'a', deliveries: 3, ...more }),
  value: 'NaN',
  reason,
});
const missing = explainReply('Kafka', {}, 'UNKNOWN_TOPIC_OR_PARTITION');
const tooLarge = explainReply('Kafka', {}, 'MESSAGE_TOO_LARGE');

describe('answers', () => {
  test('are written under the names of their records, those without a name or a value not at all', async () => {
    const { write, state } = start();
    await write([
      { record: queued({ uri: 'a' }), value: 'A' },
      { record: queued({ uri: undefined }), value: 'B' },
      { record: queued({ uri: 'c' }), value: undefined },
      { record: queued({ uri: '' }), value: Buffer.from([0, 255]) },
    ]);
    expect(state.produced.map(({ topic, key, value }) => [topic, key, value])).toEqual([
      [resultTopic('digits'), 'a', 'A'],
      [resultTopic('digits'), '', Buffer.from([0, 255])],
    ]);
  });

  test('that nothing is of write nothing', async () => {
    const { write, state } = start();
    await write([]);
    await write([{ record: queued(), value: undefined }]);
    expect(state.produced).toEqual([]);
  });

  test('larger than any request are refused before anything is written', async () => {
    const { write, state } = start();
    const huge = { length: 101 * 1024 * 1024 } as unknown as Buffer;
    const answers = [
      { record: queued({ uri: 'a' }), value: 'A' },
      { record: queued({ uri: 'b' }), value: huge },
    ];
    await expect(write(answers)).rejects.toMatchObject({ code: 'kafka-too-large' });
    expect(state.produced).toEqual([]);
  });

  test('make a topic again that another program has deleted, and fail all the same', async () => {
    const { write, state } = start();
    state.refuse = () => missing;
    await expect(write([{ record: queued(), value: 'A' }])).rejects.toBe(missing);
    expect(state.ensured).toBe(1);
    state.refuse = () => new KafkaTrouble('kafka-lost', 'gone');
    await expect(write([{ record: queued(), value: 'A' }])).rejects.toMatchObject({ code: 'kafka-lost' });
    expect(state.ensured).toBe(1);
  });
});

describe('a dead letter', () => {
  test('is the message as it came, with why and when it was given up', async () => {
    const headers = new Map([
      ['serde', Buffer.from('typed')],
      ['__proto__', Buffer.from('x')],
    ]);
    const { write, state } = start([message(7, { headers }), message(8)]);
    await write([dead('2-7')]);
    const [letter, result] = state.produced;
    expect(letter).toMatchObject({
      topic: deadTopic('digits'),
      key: Buffer.from('"key"'),
      value: Buffer.from('payload'),
    });
    expect(Object.entries(letter?.headers ?? {})).toEqual([
      ['serde', 'typed'],
      ['__proto__', 'x'],
      [deadHeaders.reason, 'record-undecodable: no tensor'],
      [deadHeaders.code, 'record-undecodable'],
      [deadHeaders.time, '1700000000001'],
      [deadHeaders.deliveries, '3'],
      [deadHeaders.id, '2-7'],
      [deadHeaders.worker, 'w1'],
    ]);
    expect(result).toMatchObject({ topic: resultTopic('digits'), value: 'NaN' });
  });

  test.each([
    ['of a message that retention has removed', [message(9)], '2-7'],
    ['of a message that is not there', [], '2-7'],
    ['of an id that is no place', [message(7)], 'odd'],
  ])('%s is written without its payload, under the name of the record', async (_, stored, id) => {
    const { write, state } = start(stored);
    await write([dead(id)]);
    expect(state.produced[0]).toMatchObject({ topic: deadTopic('digits'), key: 'a', value: undefined });
  });

  test('is written without its payload where the topic of records is gone or begins later', async () => {
    const { write, state } = start();
    state.fetchFails = missing;
    await write([dead('2-7')]);
    state.fetchFails = undefined;
    state.fetchError = explainReply('Kafka', {}, 'OFFSET_OUT_OF_RANGE');
    await write([dead('2-7')]);
    expect(state.produced.filter(({ topic }) => topic === deadTopic('digits'))).toHaveLength(2);
  });

  test('that cannot be fetched for now is not given up, and neither is its answer', async () => {
    const { write, state } = start();
    state.fetchError = explainReply('Kafka', {}, 'NOT_LEADER_OR_FOLLOWER');
    await expect(write([dead('2-7')])).rejects.toMatchObject({ reply: 'NOT_LEADER_OR_FOLLOWER' });
    expect(state.produced).toEqual([]);
  });

  test('that is larger than a message may be is written without its payload', async () => {
    const { write, state } = start([message(7)]);
    state.refuse = ({ topic, value }) =>
      topic === deadTopic('digits') && value !== undefined ? tooLarge : undefined;
    await write([dead('2-7')]);
    expect(state.produced[0]).toMatchObject({ topic: deadTopic('digits'), value: undefined });
    expect(state.produced[0]?.headers?.[deadHeaders.id]).toBe('2-7');
  });

  test('of a record that requests share is none: each of them is sent again by itself', async () => {
    const { write, state } = start([message(7)]);
    await write([dead('2-7', 'model-run-failed: x', { sharedBy: 2 })]);
    expect(state.produced.map(({ topic }) => topic)).toEqual([resultTopic('digits')]);
  });

  test('with a reason that has no code has an empty one', async () => {
    const { write, state } = start([message(7)]);
    await write([dead('2-7', '')]);
    await write([dead('2-7', 'because')]);
    expect(
      state.produced.filter(({ headers }) => headers).map(({ headers }) => headers?.[deadHeaders.code]),
    ).toEqual(['', '']);
  });
});
