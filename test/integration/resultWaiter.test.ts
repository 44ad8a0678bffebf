import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import type { RedisAddress } from '../../server/src/queue/redis/redisAddress.ts';
import { createRedisLink, type RedisLink } from '../../server/src/queue/redis/redisLink.ts';
import { createRedisSink } from '../../server/src/queue/redis/redisSink.ts';
import { createRedisSource } from '../../server/src/queue/redis/redisSource.ts';
import { createResultWaiter } from '../../server/src/queue/resultWaiter.ts';
import { Pieces } from '../../server/src/queue/payload.ts';
import type { NewRecord } from '../../server/src/queue/recordClient.ts';
import {
  createSubmitter,
  type Submittable,
  type SubmitterOptions,
} from '../../server/src/queue/submitter.ts';
import { eventually, startRedis, type TestRedis } from '../support/redis.ts';

const jobName = 'waits';
const prefix = `cluster-serving_${jobName}:`;
let redis: TestRedis;

beforeAll(async () => {
  redis = await startRedis();
});
afterAll(() => redis.stop());
beforeEach(() => redis.client.flushall());

function waiterOf(link: RedisLink, address: RedisAddress) {
  const source = createRedisSource({ link, address, jobName, prefix });
  return createResultWaiter({ onTaken: () => undefined }, source);
}

function open(timeoutMs = 1_000) {
  const address = { host: '127.0.0.1', port: redis.port, timeoutMs };
  const link = createRedisLink(address);
  return { link, waiter: waiterOf(link, address) };
}

test('a result whose reply is lost on its way is still there, and is read again', async () => {
  const address = { host: '127.0.0.1', port: redis.port, timeoutMs: 1_000 };
  const link = createRedisLink(address);
  let losses = 2;
  const losing: RedisLink = {
    ...link,
    async run(use, ms) {
      const reply = await link.run(use, ms);
      if (losses-- > 0) throw new Error('Connection is closed.');
      return reply;
    },
  };
  const waiter = waiterOf(losing, address);
  await redis.client.hset(`${prefix}large`, 'value', 'x'.repeat(100_000));
  expect(await waiter.wait('large', performance.now() + 10_000)).toHaveLength(100_000);
  await waiter.close();
  expect(await redis.client.exists(`${prefix}large`)).toBe(0);
  link.close();
});

describe('a wait that ends', () => {
  test('takes one last look for a result that no look has found', async () => {
    const { link, waiter } = open();
    await redis.client.hset(`${prefix}late`, 'value', 'in time');
    // Over before anything has looked.
    expect(await waiter.wait('late', performance.now())).toBe('in time');
    await waiter.close();
    expect(await redis.client.exists(`${prefix}late`)).toBe(0);
    link.close();
  });

  test('says what is wrong with a Redis that cannot be asked then', async () => {
    const { link, waiter } = open();
    const value = waiter.wait('never', performance.now() + 200);
    value.catch(() => undefined);
    redis.signal('SIGSTOP');
    try {
      await expect(value).rejects.toMatchObject({ code: 'redis-timeout' });
    } finally {
      redis.signal('SIGCONT');
    }
    await waiter.close();
    link.close();
  });

  test('without a result and without trouble is over', async () => {
    const { link, waiter } = open();
    expect(await waiter.wait('never', performance.now() + 50)).toBeUndefined();
    await waiter.close();
    link.close();
  });
});

/** Writes one record. @returns the id of its entry, or what the write threw */
async function write(data: NewRecord['data']): Promise<string | undefined> {
  const { link } = open();
  const { link: largeLink } = open();
  const put: string[] = [];
  const options: SubmitterOptions<Submittable> = {
    timeWindowMs: 0,
    countWindow: 1,
    recordsOf: () => [
      {
        record: { uri: 'a', data, wantsTyped: true, deadline: performance.now() + 60_000 },
        onPut: (id) => put.push(id),
        onFailed: (error) => put.push(String(error)),
      },
    ],
    onWritten: () => undefined,
  };
  const submitter = createSubmitter(options, createRedisSink({ link, largeLink, jobName }));
  submitter.add({ bytes: 1 });
  await eventually('it is written', () => Promise.resolve(put.length === 1));
  link.close();
  largeLink.close();
  return put[0];
}

/** Puts one record in. @returns its entry: id and fields */
async function putIn(data: NewRecord['data']): Promise<readonly [id: string, fields: string[]]> {
  const id = await write(data);
  const [entry] = (await redis.client.xrange(jobName, '-', '+')) as [[string, string[]]];
  expect(id).toBe(entry[0]);
  return entry;
}

describe.each([
  ['a small record', 'd'],
  ['a large record', 'd'.repeat(100_000)],
])('of %s', (_, text) => {
  test('the deadline is written by Redis’s clock', async () => {
    const [id, fields] = await putIn(text);
    const deadline = Number(fields[fields.indexOf('deadline') + 1]);
    // The id begins with Redis's time of the write.
    expect(Math.abs(deadline - Number(id.split('-')[0]) - 60_000)).toBeLessThan(30_000);
  });

  test('the fields are the same, whether its payload is whole or in pieces', async () => {
    const [, whole] = await putIn(text);
    await redis.client.flushall();
    const [, pieces] = await putIn(new Pieces([Buffer.from(text.slice(0, 7)), Buffer.from(text.slice(7))]));
    expect(pieces.slice(0, -1)).toEqual(whole.slice(0, -1));
    expect(whole.slice(0, 6)).toEqual(['uri', 'a', 'data', text, 'reply', 'typed']);
  });
});

test('a full Redis refuses a large record, and the next one is written when it has room', async () => {
  await redis.client.config('SET', 'maxmemory', '1');
  expect(await write('d'.repeat(100_000))).toMatch(/^RedisTrouble: .*maxmemory/);
  expect(await redis.client.exists(jobName)).toBe(0);
  await redis.client.config('SET', 'maxmemory', '0');
  await putIn('d'.repeat(100_000));
});
