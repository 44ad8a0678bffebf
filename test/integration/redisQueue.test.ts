import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { createRedisQueue, type RedisQueueOptions } from '../../server/src/queue/redis/redisQueue.ts';
import type { QueuedRecord, TunedQueue } from '../../server/src/queue/recordQueue.ts';
import { startProxy } from '../support/proxy.ts';
import { eventually, startRedis, type TestRedis } from '../support/redis.ts';

const jobName = 'job "ä" 1';
const claimIdleMs = 300;
let redis: TestRedis;
const open: TunedQueue[] = [];

beforeAll(async () => {
  redis = await startRedis();
});
afterAll(() => redis.stop());
beforeEach(() => redis.client.flushall());
afterEach(async () => {
  await Promise.all(open.splice(0).map((queue) => queue.close()));
});

async function openQueue(workerId: string, options: Partial<RedisQueueOptions> = {}): Promise<TunedQueue> {
  const queue = createRedisQueue({
    address: { host: '127.0.0.1', port: redis.port, timeoutMs: 1_000 },
    jobName,
    workerId,
    claimIdleMs,
    resultTtlSeconds: 0,
    onTrouble: () => undefined,
    ...options,
  });
  open.push(queue);
  await queue.open();
  return queue;
}

const put = (uri: string) => redis.client.xadd(jobName, '*', 'uri', uri, 'data', `data of ${uri}`);
const result = (uri: string) => redis.client.hget(`cluster-serving_${jobName}:${uri}`, 'value');
const pending = async () => ((await redis.client.xpending(jobName, 'serving')) as [number])[0];
const answer = (record: QueuedRecord, value = `answer to ${record.uri ?? ''}`) => ({ record, value });

async function takeSome(queue: TunedQueue): Promise<QueuedRecord[]> {
  return eventually('records', async () => {
    const records = await queue.take(100, 50);
    return records.length > 0 && records;
  });
}

test.each([
  ['counts against a record that the model had alone', false, 1],
  ['counts against none where requests may have been beside it', true, 0],
])('a death %s', async (_what, amongOthers, deaths) => {
  const dying = await openQueue('dying');
  await put('one');
  const [record] = await takeSome(dying);
  await dying.noteRunning([{ ...(record as QueuedRecord), deliveries: 2 }], amongOthers);
  await dying.close();
  const [again] = await takeSome(await openQueue('living'));
  expect(again).toMatchObject({ uri: 'one', deaths, alone: true });
});

describe('taking and finishing', () => {
  test('a record is acknowledged and its result visible in one step', async () => {
    const queue = await openQueue('a');
    await put('one');
    const [record] = await takeSome(queue);
    expect(record).toMatchObject({
      uri: 'one',
      data: 'data of one',
      serde: undefined,
      deliveries: 1,
      alone: false,
    });
    expect(await pending()).toBe(1);
    await queue.finish([answer(record as QueuedRecord)]);
    expect(await result('one')).toBe('answer to one');
    expect(await pending()).toBe(0);
  });

  test('what was put in before the group was made at the end of the stream is served', async () => {
    await put('early');
    await redis.client.xgroup('CREATE', jobName, 'serving', '$');
    const queue = await openQueue('a');
    expect((await takeSome(queue)).map(({ uri }) => uri)).toEqual(['early']);
  });

  test('a record given up gets its value and a dead letter with its fields, the reason and the delivery count', async () => {
    const queue = await openQueue('a');
    await put('bad');
    const [record] = await takeSome(queue);
    await queue.finish([
      { record: record as QueuedRecord, value: 'NaN', reason: 'record-undecodable: no Arrow' },
    ]);
    expect(await result('bad')).toBe('NaN');
    const [[, fields]] = (await redis.client.xrange(`${jobName}:dead`, '-', '+')) as [[string, string[]]];
    expect(fields).toEqual(
      expect.arrayContaining([
        'uri',
        'bad',
        'data',
        'data of bad',
        'dead-reason',
        'record-undecodable: no Arrow',
        'dead-deliveries',
        '1',
      ]),
    );
  });

  test('a record is acknowledged without a result when its deadline has passed', async () => {
    const queue = await openQueue('a');
    await redis.client.xadd(jobName, '*', 'uri', 'late', 'data', 'd', 'deadline', '1700000000000');
    await redis.client.xadd(jobName, '*', 'uri', 'odd', 'data', 'd', 'deadline', 'soon');
    const [late, odd] = (await takeSome(queue)) as [QueuedRecord, QueuedRecord];
    expect([late.deadline, odd.deadline]).toEqual([1_700_000_000_000, undefined]);
    await queue.finish([{ record: late, value: undefined }, answer(odd)]);
    expect(await result('late')).toBeNull();
    expect(await result('odd')).toBe('answer to odd');
    expect(await pending()).toBe(0);
  });

  test('a result key of another type is left alone and the record becomes a dead letter', async () => {
    const queue = await openQueue('a');
    await redis.client.set(`cluster-serving_${jobName}:odd`, 'somebody else');
    await put('odd');
    await queue.finish((await takeSome(queue)).map((record) => answer(record)));
    expect(await redis.client.get(`cluster-serving_${jobName}:odd`)).toBe('somebody else');
    expect(await redis.client.xlen(`${jobName}:dead`)).toBe(1);
    expect(await pending()).toBe(0);
  });

  test('results expire when a time to live is set', async () => {
    const queue = await openQueue('a', { resultTtlSeconds: 100 });
    await put('short');
    await queue.finish((await takeSome(queue)).map((record) => answer(record)));
    expect(await redis.client.ttl(`cluster-serving_${jobName}:short`)).toBeGreaterThan(0);
  });

  test('a waiting take answers at once when it is woken', async () => {
    const queue = await openQueue('a');
    const taken = queue.take(10, 2_000);
    await eventually('a blocked client', async () =>
      (await redis.client.info('clients')).includes('blocked_clients:1'),
    );
    await queue.wake();
    expect(await taken).toEqual([]);
  });
});

describe('taking over', () => {
  test('a dead worker’s records go to another, once, and only one result becomes visible', async () => {
    const dead = await openQueue('dead');
    await put('left');
    const [late] = await takeSome(dead);
    const heir = await openQueue('heir');
    const [taken] = await takeSome(heir);
    expect(taken).toMatchObject({ uri: 'left', deliveries: 2 });
    await heir.finish([answer(taken as QueuedRecord, 'from the heir')]);
    await redis.client.del(`cluster-serving_${jobName}:left`);
    // The one that was thought dead comes back: the client has read its result already.
    await dead.finish([answer(late as QueuedRecord, 'too late')]);
    expect(await result('left')).toBeNull();
  });

  test('a slow worker that says it lives keeps its records', async () => {
    // Longer than a busy machine holds a process up.
    const patient = { claimIdleMs: 2_000 };
    const slow = await openQueue('slow', patient);
    await put('long');
    const [record] = await takeSome(slow);
    const other = await openQueue('other', patient);
    const end = performance.now() + 1.2 * patient.claimIdleMs;
    while (performance.now() < end) {
      await slow.keepAlive();
      expect(await other.take(10, 20)).toEqual([]);
    }
    await slow.finish([answer(record as QueuedRecord)]);
    expect(await result('long')).toBe('answer to long');
  });

  test('of what the original left, only what has no result is served', async () => {
    await redis.client.xgroup('CREATE', jobName, 'serving', '0-0', 'MKSTREAM');
    const pipeline = redis.client.pipeline();
    for (let i = 0; i < 600; i++) {
      pipeline.xadd(jobName, '*', 'uri', `old-${i}`, 'data', 'x');
      pipeline.xreadgroup('GROUP', 'serving', `original-${i}`, 'COUNT', 1, 'STREAMS', jobName, '>');
      if (i !== 234) pipeline.hset(`cluster-serving_${jobName}:old-${i}`, 'value', 'old answer');
    }
    await pipeline.exec();
    const queue = await openQueue('ours', { claimIdleMs: 100 });
    const records = await takeSome(queue);
    expect(records.map(({ uri }) => uri)).toEqual(['old-234']);
    await queue.finish(records.map((record) => answer(record)));
    await eventually('all acknowledged', async () => (await queue.take(10, 10), (await pending()) === 0));
    expect(await result('old-7')).toBe('old answer');
  });

  test('a record with the uri of an older result is served nevertheless when our own worker left it', async () => {
    const dead = await openQueue('dead');
    await put('twice');
    await dead.finish((await takeSome(dead)).map((record) => answer(record, 'first')));
    await put('twice');
    await takeSome(dead);
    const heir = await openQueue('heir');
    expect((await takeSome(heir)).map(({ uri }) => uri)).toEqual(['twice']);
  });
});

describe('a key of another type at the name of the stream', () => {
  test('refuses a start in one sentence', async () => {
    await redis.client.set(jobName, 'text');
    await expect(openQueue('a')).rejects.toThrow('is not a stream. Choose another jobName');
  });

  test('is waited out by a worker, which goes on when it has gone', async () => {
    const troubles: (string | null)[] = [];
    const queue = await openQueue('a', { onTrouble: (message) => troubles.push(message) });
    await redis.client.del(jobName);
    await redis.client.set(jobName, 'text');
    await eventually('the trouble', async () => {
      expect(await queue.take(10, 20)).toEqual([]);
      return troubles.some((message) => message?.includes('is not a stream'));
    });
    await redis.client.del(jobName);
    await put('after');
    expect((await takeSome(queue)).map(({ uri }) => uri)).toEqual(['after']);
    expect(troubles.at(-1)).toBeNull();
  });
});

describe('trimming', () => {
  test('only what every group has acknowledged is freed', async () => {
    const queue = await openQueue('a');
    for (let i = 0; i < 10; i++) await put(`r${i}`);
    await redis.client.xgroup('CREATE', jobName, 'another reader', '0-0');
    const records = await takeSome(queue);
    await queue.finish(records.slice(0, 8).map((record) => answer(record)));
    await queue.trim();
    expect(await redis.client.xlen(jobName)).toBe(10);
    await redis.client.xreadgroup('GROUP', 'another reader', 'c', 'COUNT', 5, 'STREAMS', jobName, '>');
    await redis.client.xack(jobName, 'another reader', ...records.slice(0, 5).map(({ id }) => id));
    await queue.trim();
    expect(await redis.client.xlen(jobName)).toBe(5);
    await redis.client.xgroup('DESTROY', jobName, 'another reader');
    await queue.trim();
    expect(await redis.client.xlen(jobName)).toBe(2);
    await queue.finish(records.slice(8).map((record) => answer(record)));
    await queue.trim();
    expect(await redis.client.xlen(jobName)).toBe(0);
  });
});

describe('a Redis that goes away', () => {
  test.each([
    ['is killed and comes back', async () => (await redis.kill(), redis.start())],
    [
      'cuts all its connections',
      () => redis.client.call('CLIENT', 'KILL', 'TYPE', 'normal', 'SKIPME', 'yes'),
    ],
    ['loses all its data', () => redis.client.flushall()],
  ])('reading goes on by itself after it %s', async (_, trouble) => {
    const queue = await openQueue('a');
    await put('before');
    await queue.finish((await takeSome(queue)).map((record) => answer(record)));
    const blocked = queue.take(10, 2_000);
    await trouble();
    await blocked;
    await put('after');
    expect((await takeSome(queue)).map(({ uri }) => uri)).toEqual(['after']);
  });

  test('an answer that could not be written is written when Redis is back', async () => {
    const queue = await openQueue('a');
    await put('held');
    const records = await takeSome(queue);
    await redis.kill();
    const finished = queue.finish(records.map((record) => answer(record)));
    await redis.start();
    await finished;
    expect(await result('held')).toBe('answer to held');
  });

  test('a connection that swallows everything is noticed, and a record lost on it is found again', async () => {
    const proxy = await startProxy(redis.port);
    const troubles: (string | null)[] = [];
    try {
      const queue = await openQueue('a', {
        address: { host: '127.0.0.1', port: proxy.port, timeoutMs: 500 },
        onTrouble: (message) => troubles.push(message),
      });
      const blocked = queue.take(10, 1_000);
      await eventually('a blocked client', async () =>
        (await redis.client.info('clients')).includes('blocked_clients:1'),
      );
      proxy.blackHole(true);
      // Redis hands it to the connection that leads nowhere.
      await put('swallowed');
      await eventually('the delivery', async () => (await pending()) === 1);
      expect(await blocked).toEqual([]);
      proxy.blackHole(false);
      proxy.reset();
      const records = await takeSome(queue);
      expect(records).toMatchObject([{ uri: 'swallowed', deliveries: 2 }]);
      expect(troubles.at(-1)).toBeNull();
      expect(queue.reconnects).toBeGreaterThan(0);
    } finally {
      await proxy.close();
    }
  });
});
