import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import type { QueuedRecord, TunedQueue } from '../../server/src/queue/recordQueue.ts';
import { createRedisQueue, type RedisQueueOptions } from '../../server/src/queue/redis/redisQueue.ts';
import { eventually, startRedis, type TestRedis } from '../support/redis.ts';

/* Workers that die: each is a queue that is left with its records in flight, and not closed before the test ends. */

const jobName = 'mortal';
let redis: TestRedis;
const left: TunedQueue[] = [];
let lives = 0;

beforeAll(async () => {
  redis = await startRedis();
});
afterAll(() => redis.stop());
beforeEach(() => redis.client.flushall());

async function live(options: Partial<RedisQueueOptions> = {}): Promise<TunedQueue> {
  const queue = createRedisQueue({
    address: { host: '127.0.0.1', port: redis.port, timeoutMs: 5_000 },
    jobName,
    workerId: `life-${lives++}`,
    claimIdleMs: 1,
    resultTtlSeconds: 0,
    onTrouble: () => undefined,
    ...options,
  });
  await queue.open();
  return queue;
}

/** The connections of a process that was killed. Its records in flight stay pending, and its note stays. */
async function kill(queue: TunedQueue): Promise<void> {
  left.push(queue);
  if (left.length > 8) await Promise.all(left.splice(0).map((one) => one.close()));
}
afterAll(() => Promise.all(left.map((one) => one.close())));

async function put(...uris: string[]): Promise<void> {
  const pipeline = redis.client.pipeline();
  for (const uri of uris) pipeline.xadd(jobName, '*', 'uri', uri, 'data', 'd');
  await pipeline.exec();
}

const takeSome = (queue: TunedQueue, max = 100) =>
  eventually('records', async () => {
    const records = await queue.take(max, 20);
    return records.length > 0 && records;
  });
const urisOf = (records: readonly QueuedRecord[]) => records.map(({ uri }) => uri);
const answers = (records: readonly QueuedRecord[]) =>
  records.map((record) => ({ record, value: `answer to ${record.uri ?? ''}` }));

describe('a death counts for the records that the model had', () => {
  test('and for no other that the worker had in flight', async () => {
    await put('a', 'b', 'c', 'd');
    const first = await live();
    const [a, b] = (await takeSome(first)) as [QueuedRecord, QueuedRecord];
    await first.noteRunning([a, b]);
    await kill(first);
    const second = await live();
    expect(await takeSome(second)).toMatchObject([
      { uri: 'c', deaths: 0, alone: false },
      { uri: 'd', deaths: 0, alone: false },
    ]);
    expect(await takeSome(second)).toMatchObject([{ uri: 'a', deaths: 0, alone: true }]);
  });

  test('however often workers die that never gave them to the model, records are taken together', async () => {
    await put('a', 'b', 'c');
    for (let i = 0; i < 12; i++) {
      const queue = await live();
      const records = await takeSome(queue);
      expect(records).toMatchObject(Array(3).fill({ deaths: 0, alone: false, deliveries: i + 1 }));
      await kill(queue);
    }
  });

  test('in a run that several shared it makes them all suspect, and counts for none', async () => {
    await put('a', 'b', 'c');
    const first = await live();
    await first.noteRunning(await takeSome(first));
    await kill(first);
    const second = await live();
    for (const uri of ['a', 'b', 'c'])
      expect(await takeSome(second)).toMatchObject([{ uri, deaths: 0, alone: true }]);
  });

  test('in a run of its own, the first one too', async () => {
    await put('poison');
    for (let deaths = 0; deaths < 5; deaths++) {
      const queue = await live();
      const [record] = (await takeSome(queue)) as [QueuedRecord];
      expect(record).toMatchObject({ deaths, alone: deaths > 0, deliveries: deaths + 1 });
      await queue.noteRunning([record]);
      await kill(queue);
    }
  });

  test('the one that was met by fewer deaths is tried first', async () => {
    await put('a', 'b', 'c');
    const first = await live();
    await first.noteRunning(await takeSome(first));
    await kill(first);
    const seen: (string | undefined)[] = [];
    for (let i = 0; i < 3; i++) {
      const queue = await live();
      const [record] = (await takeSome(queue)) as [QueuedRecord];
      seen.push(record.uri);
      await queue.noteRunning([record]);
      await kill(queue);
    }
    expect(seen).toEqual(['a', 'b', 'c']);
  });

  test('what is answered is forgotten, and a worker that ends cleanly leaves no note', async () => {
    await put('a');
    const first = await live();
    await first.noteRunning(await takeSome(first));
    await kill(first);
    const second = await live();
    const [a] = (await takeSome(second)) as [QueuedRecord];
    expect(a).toMatchObject({ deaths: 1, alone: true });
    await second.finish(answers([a]));
    await second.close();
    await eventually('nothing counted', async () => {
      const fields = await redis.client.hkeys(`cluster-serving:runs:${jobName}`);
      return fields.every((name) => !name.startsWith('deaths:') && !name.endsWith(`life-${lives - 1}`));
    });
  });
});

describe('a death of which a record turns out not to be the cause', () => {
  /** Kills the worker with the record alone in its model. @returns how many deaths counted before */
  async function killWith(uri: string): Promise<number> {
    const queue = await live();
    const [record] = (await takeSome(queue)) as [QueuedRecord];
    expect(record).toMatchObject({ uri });
    await queue.noteRunning([record]);
    await kill(queue);
    return record.deaths;
  }

  async function answerAll(): Promise<void> {
    const queue = await live();
    await queue.finish(answers(await takeSome(queue)));
    await eventually('it is counted', async () =>
      (await redis.client.hkeys(`cluster-serving:runs:${jobName}`)).every(
        (name) => !name.startsWith('deaths:'),
      ),
    );
    await queue.close();
  }

  test('is taken off what counts against others', async () => {
    await put('a');
    expect([await killWith('a'), await killWith('a')]).toEqual([0, 1]);
    await answerAll();
    await put('b');
    const counted: number[] = [];
    for (let i = 0; i < 6; i++) counted.push(await killWith('b'));
    expect(counted).toEqual([0, 0, 0, 1, 2, 3]);
  });

  test('does so three times at most, so that what kills workers is given up', async () => {
    await put('a');
    for (let i = 0; i < 9; i++) await killWith('a');
    await answerAll();
    await put('b');
    const counted: number[] = [];
    for (let i = 0; i < 7; i++) counted.push(await killWith('b'));
    expect(counted).toEqual([0, 0, 0, 0, 1, 2, 3]);
  });

  test('is no cause to spare others where the record was given up', async () => {
    await put('a');
    for (let i = 0; i < 4; i++) await killWith('a');
    const queue = await live();
    const [a] = (await takeSome(queue)) as [QueuedRecord];
    await queue.finish([{ record: a, value: 'NaN', reason: 'delivery-limit: x' }]);
    await queue.close();
    await put('b');
    expect([await killWith('b'), await killWith('b')]).toEqual([0, 1]);
  });

  test('is forgotten after an hour', async () => {
    await redis.client.hset(`cluster-serving:runs:${jobName}`, 'stray', `3 ${Date.now() - 3_601_000}`);
    await put('b');
    expect([await killWith('b'), await killWith('b')]).toEqual([0, 1]);
  });
});

/** Numbers in [0, 1) that a seed determines. */
function randomOf(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let t = Math.imul(state ^ (state >>> 15), 1 | state);
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t;
    return ((t ^ (t >>> 14)) >>> 0) / 4_294_967_296;
  };
}

/** Serves as the engine does until a kill, which comes at a random step: before the model is given a batch, while it has it,
 *  or before the answers are written. @returns what was given up */
async function serveUntilKilled(
  queue: TunedQueue,
  steps: number,
  batchSize: number,
  poison: string | undefined,
): Promise<{ readonly givenUp: readonly (string | undefined)[]; readonly isEmpty: boolean }> {
  const givenUp: (string | undefined)[] = [];
  let step = 0;
  const dies = () => step++ >= steps;
  for (;;) {
    const records = await queue.take(100, 1);
    if (records.length === 0) return { givenUp, isEmpty: true };
    const lost = records.filter(({ deaths }) => deaths >= 3);
    if (lost.length > 0) {
      givenUp.push(...urisOf(lost));
      await queue.finish(lost.map((record) => ({ record, value: 'NaN', reason: 'delivery-limit: x' })));
    }
    const good = records.filter(({ deaths }) => deaths < 3);
    for (let i = 0; i < good.length; i += batchSize) {
      const batch = good.slice(i, i + batchSize);
      if (dies()) return { givenUp, isEmpty: false };
      await queue.noteRunning(batch);
      if (dies() || batch.some(({ uri }) => uri === poison)) return { givenUp, isEmpty: false };
      if (dies()) return { givenUp, isEmpty: false };
      await queue.finish(answers(batch));
    }
  }
}

describe('over 165 kills of a single worker', () => {
  test.each([1, 7, 20_261_128])(
    'none of 16,800 records is given up but the one that kills (seed %i)',
    async (seed) => {
      const random = randomOf(seed);
      const count = 16_800;
      const uris = Array.from({ length: count }, (_, i) => (i === 9_000 ? 'poison' : `r${i}`));
      await put(...uris);
      const givenUp: (string | undefined)[] = [];
      let kills = 0;
      for (let isEmpty = false; !isEmpty;) {
        const queue = await live();
        // After the kills the worker is left alone, except by the poison.
        const steps = kills < 165 ? Math.floor(random() * 60) : Infinity;
        const end = await serveUntilKilled(queue, steps, 8, 'poison');
        givenUp.push(...end.givenUp);
        isEmpty = end.isEmpty;
        if (!isEmpty) kills += 1;
        await kill(queue);
      }
      expect(kills).toBeGreaterThanOrEqual(165);
      expect(givenUp).toEqual(['poison']);
      const values = redis.client.pipeline();
      for (const uri of uris) values.hget(`cluster-serving_${jobName}:${uri}`, 'value');
      const wrong = (await values.exec())?.filter(
        ([, value], i) => value !== (uris[i] === 'poison' ? 'NaN' : `answer to ${uris[i] ?? ''}`),
      );
      expect(wrong).toEqual([]);
    },
  );

  test('workers that are always killed in the model park no record while others wait', async () => {
    await put(...Array.from({ length: 40 }, (_, i) => `r${i}`));
    const givenUp: (string | undefined)[] = [];
    for (let i = 0; i < 40; i++) {
      const queue = await live();
      // The kill comes as soon as the model has its first batch.
      givenUp.push(...(await serveUntilKilled(queue, 1, 8, undefined)).givenUp);
      await kill(queue);
    }
    expect(givenUp).toEqual([]);
  });
});
