import { afterEach, describe, expect, test } from 'vitest';
import type { FetchedPartition } from '../../../../../server/src/queue/kafka/fetched.ts';
import type { Committed, KafkaClient } from '../../../../../server/src/queue/kafka/kafkaClient.ts';
import { KafkaTrouble, explainReply } from '../../../../../server/src/queue/kafka/kafkaTrouble.ts';
import { noNotes, writeNotes } from '../../../../../server/src/queue/kafka/worker/partitionNotes.ts';
import {
  createTopicReader,
  type TopicReader,
} from '../../../../../server/src/queue/kafka/worker/topicReader.ts';
import { eventually } from '../../../../support/redis.ts';

interface Part {
  start: number;
  values: string[];
}

/** A topic in memory, whose fetches wait until there is something, and a reader of it. */
function start(
  partitions: readonly number[],
  parts: Part[] = partitions.map(() => ({ start: 0, values: [] })),
) {
  const state = {
    parts,
    isThere: true,
    losses: [] as string[],
    gone: 0,
    troubles: [] as unknown[],
    /** Of a partition, once. */
    refusals: new Map<number, KafkaTrouble>(),
    fails: undefined as Error | undefined,
    fetches: 0,
    forgotten: 0,
    held: new Set<string>(),
  };
  const over = new AbortController();
  const endOf = ({ start: from, values }: Part) => from + values.length;
  const offsets = (read: (part: Part) => number) =>
    Promise.resolve(new Map(state.parts.map((part, i) => [i, BigInt(read(part))])));

  function fetched(partition: number, offset: bigint): FetchedPartition {
    const part = state.parts[partition] as Part;
    const from = Number(offset);
    const base = { topic: 't', partition, messages: [], next: offset, end: -1n, start: -1n };
    const refusal = state.refusals.get(partition);
    state.refusals.delete(partition);
    if (refusal) return { ...base, error: refusal };
    if (from < part.start || from > endOf(part))
      return { ...base, error: explainReply('Kafka', {}, 'OFFSET_OUT_OF_RANGE') };
    const values = part.values.slice(from - part.start);
    return {
      ...base,
      messages: values.map((data, i) => ({
        offset: offset + BigInt(i),
        timestamp: 5,
        key: Buffer.from(`"${data}"`),
        value: Buffer.from(JSON.stringify({ data })),
        headers: new Map(),
      })),
      next: BigInt(endOf(part)),
      end: BigInt(endOf(part)),
      start: BigInt(part.start),
      error: undefined,
    };
  }

  const client: Pick<KafkaClient, 'offsets' | 'topics' | 'fetch' | 'forget'> = {
    offsets: (_topic, when) => offsets(when === 'earliest' ? (part) => part.start : endOf),
    topics: () =>
      Promise.resolve(
        new Map(
          state.isThere ? [['t', { name: 't', id: 'id', leaders: state.parts.map((_, i) => i % 2) }]] : [],
        ),
      ),
    async fetch(places) {
      state.fetches += 1;
      await new Promise((resolve) => setImmediate(resolve));
      const failure = state.fails;
      state.fails = undefined;
      if (failure) throw failure;
      let found = places.map(({ partition, offset }) => fetched(partition, offset));
      while (!over.signal.aborted && found.every(({ messages, error }) => messages.length === 0 && !error)) {
        await new Promise((resolve) => setImmediate(resolve));
        found = places.map(({ partition, offset }) => fetched(partition, offset));
      }
      return found;
    },
    forget: () => (state.forgotten += 1),
  };
  const reader = createTopicReader({
    client: client as KafkaClient,
    topic: 't',
    life: 'a1',
    now: () => 1_700_000_000_000,
    patience: {
      after(error) {
        state.troubles.push(error);
        return Promise.resolve();
      },
      over: () => undefined,
    },
    isHeld: (id) => state.held.has(id),
    onTopicGone: () => {
      state.gone += 1;
      reader.clear();
      return Promise.resolve();
    },
    onLoss: (sentence) => state.losses.push(sentence),
  });
  ends.push(() => {
    over.abort();
    reader.clear();
  });
  const begin = async (committed: ReadonlyMap<number, Committed> = new Map()) => {
    await reader.begin(partitions, committed, new Set());
    reader.start();
  };
  return { reader, state, begin };
}

const ends: (() => void)[] = [];
afterEach(() => ends.splice(0).forEach((end) => end()));

const minute = 60_000;
const part = (values: readonly string[], from = 0): Part => ({ start: from, values: [...values] });
const at = (offset: number, metadata = writeNotes(offset, noNotes)): Committed => ({
  offset: BigInt(offset),
  metadata,
});
const quiet = { ids: [], amongOthers: false };

/** The records of as many takes as it needs. */
async function takeAll(reader: TopicReader, count: number): Promise<string[]> {
  const ids: string[] = [];
  await eventually('all records', async () => {
    ids.push(...(await reader.take(count - ids.length, 100)).map(({ id }) => id));
    return ids.length >= count;
  });
  return ids;
}

describe('a reader of a topic', () => {
  test('hands out each record of its partitions once, in the order of each', async () => {
    const { reader, begin } = start([0, 1], [part(['a', 'b', 'c']), part(['d', 'e'])]);
    await begin();
    const ids = await takeAll(reader, 5);
    expect([...ids].sort()).toEqual(['0-0', '0-1', '0-2', '1-0', '1-1']);
    expect(ids.filter((id) => id.startsWith('0-'))).toEqual(['0-0', '0-1', '0-2']);
  });

  test('gives each partition its turn, however much another one has', async () => {
    const many = Array.from({ length: 40 }, (_, i) => `m${i}`);
    const { reader, begin } = start([0, 1], [part(many), part(['x', 'y'])]);
    await begin();
    const first: string[] = [];
    await eventually('both partitions', async () => {
      first.push(...(await reader.take(4, 100)).map(({ id }) => id));
      return first.some((id) => id.startsWith('1-'));
    });
    expect(first.length).toBeLessThan(40);
  });

  test('begins where it is committed, and at the beginning where nothing is', async () => {
    const { reader, begin } = start([0, 1], [part(['a', 'b', 'c']), part(['d'], 7)]);
    await begin(new Map([[0, at(2)]]));
    expect((await takeAll(reader, 2)).sort()).toEqual(['0-2', '1-7']);
  });

  test('begins again with a topic that is shorter than what is committed: it is another one', async () => {
    const { reader, state, begin } = start([0], [part(['new'])]);
    await begin(new Map([[0, at(9_000)]]));
    expect(await takeAll(reader, 1)).toEqual(['0-0']);
    expect(state.losses).toEqual([]);
  });

  test('says how many records were removed before it came to them', async () => {
    const { reader, state, begin } = start([0], [part(['left'], 50)]);
    await begin(new Map([[0, at(20)]]));
    expect(await takeAll(reader, 1)).toEqual(['0-50']);
    expect(state.losses).toHaveLength(1);
    expect(state.losses[0]).toMatch(/^Up to 30 records of the topic "t" \(partition 0\)/);
  });

  test('goes on behind what retention removes while it reads, and says so', async () => {
    const { reader, state, begin } = start([0], [part(['a'])]);
    await begin();
    expect(await takeAll(reader, 1)).toEqual(['0-0']);
    state.parts[0] = part(['z'], 11);
    expect(await takeAll(reader, 1)).toEqual(['0-11']);
    expect(state.losses[0]).toMatch(/^Up to 10 records/);
    expect(state.gone).toBe(0);
  });

  test('reports a topic that was made again, and is shorter now', async () => {
    const { reader, state, begin } = start([0], [part(['a', 'b', 'c'])]);
    await begin();
    await takeAll(reader, 3);
    state.parts[0] = part([]);
    await eventually('the report', () => Promise.resolve(state.gone > 0));
    expect(state.losses).toEqual([]);
  });

  test('reports a topic that has another id, once it is there again', async () => {
    const { state, begin } = start([0], [part([])]);
    state.refusals.set(0, explainReply('Kafka', { topic: 't' }, 'UNKNOWN_TOPIC_ID'));
    await begin();
    await eventually('the report', () => Promise.resolve(state.gone === 1));
    expect(state.forgotten).toBeGreaterThan(0);
  });

  test('waits for a topic that is not there before it reports that', async () => {
    const { reader, state, begin } = start([0], [part(['a'])]);
    state.isThere = false;
    state.refusals.set(0, explainReply('Kafka', { topic: 't' }, 'UNKNOWN_TOPIC_OR_PARTITION'));
    await begin();
    await eventually('the look', () => Promise.resolve(state.forgotten > 0));
    expect(state.gone).toBe(0);
    // It comes back within the time.
    state.isThere = true;
    expect(await takeAll(reader, 1)).toEqual(['0-0']);
  });

  test('goes on after a lost connection and after a refused partition, and loses nothing', async () => {
    const { reader, state, begin } = start([0, 2], [part(['a', 'b']), part([]), part(['c'])]);
    state.fails = new KafkaTrouble('kafka-lost', 'gone', { wasConnected: true });
    state.refusals.set(2, explainReply('Kafka', {}, 'NOT_LEADER_OR_FOLLOWER'));
    await begin();
    expect((await takeAll(reader, 3)).sort()).toEqual(['0-0', '0-1', '2-0']);
    expect(state.troubles.length).toBeGreaterThan(0);
  });

  test('hands nothing out before its start, while it pauses, and of partitions that are another’s', async () => {
    const { reader, begin } = start([0], [part(['a', 'b', 'c'])]);
    await reader.begin([0], new Map(), new Set());
    expect(await reader.take(9, 1)).toEqual([]);
    await begin();
    await takeAll(reader, 1);
    reader.pause();
    expect(await reader.take(9, 1)).toEqual([]);
    reader.start();
    expect(await takeAll(reader, 2)).toEqual(['0-1', '0-2']);
    reader.clear();
    expect(await reader.take(9, 1)).toEqual([]);
    reader.finish({ partition: 0, offset: 1n }, true);
    expect(reader.commits(quiet, true)).toEqual([]);
  });

  test('waits for records, and stops waiting when it is woken', async () => {
    const { reader, state, begin } = start([0], [part([])]);
    await begin();
    const waiting = reader.take(9, minute);
    state.parts[0]?.values.push('late');
    expect((await waiting).map(({ id }) => id)).toEqual(['0-0']);
    const woken = reader.take(9, minute);
    reader.wake();
    expect(await woken).toEqual([]);
  });

  test('leaves out records that are in flight elsewhere in this worker', async () => {
    const { reader, state, begin } = start([0], [part(['a', 'b'])]);
    state.held.add('0-0');
    await begin();
    expect(await takeAll(reader, 1)).toEqual(['0-1']);
  });

  test('commits what is finished in order, of each partition for itself', async () => {
    const { reader, begin } = start([0, 1], [part(['a', 'b', 'c']), part(['d'])]);
    await begin();
    await takeAll(reader, 4);
    for (const offset of [0n, 2n]) reader.finish({ partition: 0, offset }, true);
    reader.finish({ partition: 1, offset: 0n }, true);
    // A record of a partition that it has no more changes nothing.
    reader.finish({ partition: 9, offset: 0n }, true);
    const commits = reader.commits({ ids: ['0-1'], amongOthers: false }, false);
    expect(commits.map(({ partition, offset }) => [partition, offset])).toEqual([
      [0, 1n],
      [1, 1n],
    ]);
  });

  test('takes up where its commits have ended, whichever worker is next', async () => {
    const first = start([0], [part(['a', 'b', 'c', 'd'])]);
    await first.begin();
    await takeAll(first.reader, 4);
    for (const offset of [0n, 1n, 3n]) first.reader.finish({ partition: 0, offset }, true);
    const [commit] = first.reader.commits(quiet, true);
    const second = start([0], [part(['a', 'b', 'c', 'd'])]);
    await second.begin(new Map([[0, commit ?? at(0)]]));
    // Only what has no answer yet.
    expect(await takeAll(second.reader, 1)).toEqual(['0-2']);
    await eventually('the end', () => Promise.resolve(second.state.fetches > 0));
    expect(await second.reader.take(9, 1)).toEqual([]);
    expect(second.reader.takenOver).toBe(1);
  });
});
