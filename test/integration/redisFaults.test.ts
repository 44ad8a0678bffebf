import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test, vi } from 'vitest';
import { heartbeatKey, workersKey } from '../../schemas/redis/redisKeys.ts';
import type { Answer, QueuedRecord, TunedQueue } from '../../server/src/queue/recordQueue.ts';
import { createRedisQueue, type RedisQueueOptions } from '../../server/src/queue/redis/redisQueue.ts';
import { aJob, beat } from '../client/aJob.ts';
import { eventually, startRedis, type TestRedis } from '../support/redis.ts';

const jobName = 'faults';
const prefix = `cluster-serving_${jobName}:`;
let redis: TestRedis;
const open: TunedQueue[] = [];
let troubles: (string | null)[] = [];
let refused: [Answer, string][] = [];

beforeAll(async () => {
  redis = await startRedis('--proto-max-bulk-len', '1mb');
});
afterAll(() => redis.stop());
beforeEach(async () => {
  troubles = [];
  refused = [];
  await redis.client.flushall();
  await redis.client.call('ACL', 'SETUSER', 'worker', 'reset', 'on', '>secret', '~*', '&*', '+@all');
});
afterEach(async () => {
  vi.useRealTimers();
  await Promise.all(open.splice(0).map((queue) => queue.close()));
});

async function openQueue(workerId: string, options: Partial<RedisQueueOptions> = {}): Promise<TunedQueue> {
  const queue = createRedisQueue({
    address: {
      host: '127.0.0.1',
      port: redis.port,
      username: 'worker',
      password: 'secret',
      timeoutMs: 1_000,
    },
    jobName,
    workerId,
    claimIdleMs: 30_000,
    resultTtlSeconds: 0,
    onTrouble: (message) => troubles.push(message),
    onRefused: (answer, reason) => refused.push([answer, reason]),
    ...options,
  });
  open.push(queue);
  await queue.open();
  return queue;
}

const rules = (...words: string[]) => redis.client.call('ACL', 'SETUSER', 'worker', ...words);
const put = (uri: string, ...more: string[]) =>
  redis.client.xadd(jobName, '*', 'uri', uri, 'data', 'd', ...more);
const result = (uri: string) => redis.client.hget(prefix + uri, 'value');
const pending = async () => ((await redis.client.xpending(jobName, 'serving')) as [number])[0];
const answer = (record: QueuedRecord, value = `answer to ${record.uri ?? ''}`): Answer => ({ record, value });

async function takeAll(queue: TunedQueue, count: number): Promise<QueuedRecord[]> {
  const records: QueuedRecord[] = [];
  while (records.length < count) records.push(...(await take(queue)));
  return records;
}

async function take(queue: TunedQueue): Promise<QueuedRecord[]> {
  return eventually('records', async () => {
    const records = await queue.take(1_000, 50);
    return records.length > 0 && records;
  });
}

describe('a user who may not write', () => {
  test.each([
    ['results, for want of the command', ['-hset'], ['+hset']],
    ['results, for want of the keys', ['resetkeys', `~${jobName}*`, '~cluster-serving:*'], ['~*']],
    ['an end to results', ['-expire'], ['+expire']],
    ['acknowledgements', ['-xack'], ['+xack']],
    ['scripts', ['-evalsha', '-eval'], ['+evalsha', '+eval']],
    ['anything', ['-@write'], ['+@all']],
  ])('%s: nothing is acknowledged until it may, then all is answered once', async (_, take_, give) => {
    const queue = await openQueue('a', { resultTtlSeconds: 1_000 });
    for (const uri of ['one', 'two', 'three']) await put(uri);
    const records = await take(queue);
    await rules(...take_);
    const finished = queue.finish(records.map((record) => answer(record)));
    await eventually('the trouble is said', () => Promise.resolve(troubles.length > 1));
    expect(await pending()).toBe(3);
    expect(await redis.client.xlen(`${jobName}:dead`)).toBe(0);
    expect(troubles[0]).toMatch(/doctor/);
    await rules(...give);
    await finished;
    expect(await Promise.all(['one', 'two', 'three'].map(result))).toEqual([
      'answer to one',
      'answer to two',
      'answer to three',
    ]);
    expect(await pending()).toBe(0);
    expect(await redis.client.xlen(`${jobName}:dead`)).toBe(0);
    expect(refused).toEqual([]);
    expect(troubles.at(-1)).toBeNull();
  });

  test('dead letters: a record that is given up stays pending until it may', async () => {
    const queue = await openQueue('a');
    await put('bad');
    const [record] = (await take(queue)) as [QueuedRecord];
    await rules('-xadd');
    const finished = queue.finish([{ record, value: 'NaN', reason: 'record-undecodable: x' }]);
    await eventually('the trouble is said', () => Promise.resolve(troubles.length > 1));
    expect([await pending(), await result('bad')]).toEqual([1, null]);
    await rules('+xadd');
    await finished;
    expect([await pending(), await result('bad')]).toEqual([0, 'NaN']);
    expect(await redis.client.xlen(`${jobName}:dead`)).toBe(1);
  });

  test('to channels: frontends find their results without announcements', async () => {
    const queue = await openQueue('a');
    await put('http-1');
    await rules('resetchannels');
    await queue.finish((await take(queue)).map((record) => answer(record)));
    expect(await result('http-1')).toBe('answer to http-1');
  });

  test('to records: reading goes on when it may again', async () => {
    const queue = await openQueue('a');
    await rules('-xreadgroup');
    await put('one');
    expect(await queue.take(10, 20)).toEqual([]);
    expect(troubles.at(-1)).toMatch(/xreadgroup/);
    await rules('+xreadgroup');
    expect((await take(queue)).map(({ uri }) => uri)).toEqual(['one']);
  });

  test('what is dangerous can serve: it needs neither INFO nor CLIENT UNBLOCK', async () => {
    await rules('-@dangerous');
    const queue = await openQueue('a');
    expect(await queue.isFull()).toBe(false);
    await put('one');
    await queue.finish((await take(queue)).map((record) => answer(record)));
    await queue.renew({ ...registration, workerId: 'a', jobName }, undefined);
    const blocked = queue.take(10, 100);
    await queue.wake();
    expect(await blocked).toEqual([]);
    expect([await result('one'), troubles]).toEqual(['answer to one', []]);
  });
});

const registration = aJob().workers[0]?.registration ?? expect.fail('no worker');

describe('a result that Redis never takes', () => {
  test.each([0, 2, 4])(
    'at place %d of five makes its record a dead letter, and its neighbours are answered',
    async (place) => {
      const queue = await openQueue('a');
      for (let i = 0; i < 5; i++) await put(`r${i}`);
      const records = await take(queue);
      await queue.finish(
        records.map((record, i) => answer(record, i === place ? 'x'.repeat(2 << 20) : `v${i}`)),
      );
      for (let i = 0; i < 5; i++) expect(await result(`r${i}`)).toBe(i === place ? 'NaN' : `v${i}`);
      expect(await pending()).toBe(0);
      const [[, fields]] = (await redis.client.xrange(`${jobName}:dead`, '-', '+')) as [[string, string[]]];
      expect(fields).toEqual(expect.arrayContaining(['uri', `r${place}`]));
      expect(fields[fields.indexOf('dead-reason') + 1]).toMatch(/^result-refused: .*2097152 bytes/);
      expect(refused.map(([{ record }]) => record.uri)).toEqual([`r${place}`]);
    },
  );

  test('does not stop what comes after it', async () => {
    const queue = await openQueue('a');
    await put('large');
    const large = await take(queue);
    const first = queue.finish(large.map((record) => answer(record, 'x'.repeat(3 << 20))));
    await put('small');
    const small = await take(queue);
    await first;
    await queue.finish(small.map((record) => answer(record)));
    expect(await result('small')).toBe('answer to small');
  });
});

describe('a record that no letter can hold whole', () => {
  test('is given up with its first fields', async () => {
    const queue = await openQueue('a');
    const many = Array.from({ length: 6_000 }, (_, i) => [`f${i}`, 'x']).flat();
    await put('wide', ...many);
    const [record] = (await take(queue)) as [QueuedRecord];
    await queue.finish([{ record, value: 'NaN', reason: 'record-undecodable: x' }]);
    expect([await result('wide'), await pending()]).toEqual(['NaN', 0]);
    const [[, fields]] = (await redis.client.xrange(`${jobName}:dead`, '-', '+')) as [[string, string[]]];
    expect(fields).toEqual(expect.arrayContaining(['uri', 'wide', 'dead-reason']));
  });

  test('is answered though the letters have a key of another type', async () => {
    await redis.client.set(`${jobName}:dead`, 'somebody else');
    const queue = await openQueue('a');
    await put('bad');
    const [record] = (await take(queue)) as [QueuedRecord];
    await queue.finish([{ record, value: 'NaN', reason: 'record-undecodable: x' }]);
    expect([await result('bad'), await pending()]).toEqual(['NaN', 0]);
  });
});

describe('numbers that clients write', () => {
  test.each(['1e400', '-1', '0', '1.5', 'x', '9'.repeat(17), ''])(
    '%j as shared-by is as if it were absent',
    async (text) => {
      const queue = await openQueue('a');
      await put('odd', 'shared-by', text, 'deadline', text);
      expect(await take(queue)).toMatchObject([{ sharedBy: 1, deadline: undefined }]);
    },
  );

  test('an id that its client chose says nothing about the wait, and trimming goes on', async () => {
    const queue = await openQueue('a');
    await redis.client.xadd(jobName, '1-1', 'uri', 'old', 'data', 'd');
    const [old] = (await take(queue)) as [QueuedRecord];
    expect(Math.abs(old.enqueuedAt - Date.now())).toBeLessThan(60_000);
    await redis.client.xadd(jobName, '18446744073709551614-18446744073709551615', 'uri', 'far', 'data', 'd');
    const [far] = (await take(queue)) as [QueuedRecord];
    await redis.client.xgroup('CREATE', jobName, 'another reader', '$');
    await queue.finish([answer(old), answer(far)]);
    await queue.trim();
    expect([await result('far'), await pending()]).toEqual(['answer to far', 0]);
  });
});

describe('a group that is destroyed', () => {
  const again = async (queue: TunedQueue, uris: string[]) => {
    for (let i = 0; i < uris.length;) {
      const records = await take(queue);
      await queue.finish(records.map((record) => answer(record)));
      i += records.length;
    }
  };

  test('brings no answered record again, and loses none that is not', async () => {
    const queue = await openQueue('a');
    for (let i = 0; i < 100; i++) await put(`r${i}`);
    const records = await takeAll(queue, 100);
    // Answered out of order: no single place in the stream divides them.
    await queue.finish(records.filter((_, i) => i % 3 === 1).map((record) => answer(record)));
    await redis.client.del(...records.map(({ uri }) => prefix + (uri ?? '')));
    await redis.client.xgroup('DESTROY', jobName, 'serving');
    const left = records.filter((_, i) => i % 3 !== 1).map(({ uri }) => uri ?? '');
    await again(queue, left);
    const keys = (await redis.client.keys(`${prefix}*`)).map((key) => key.slice(prefix.length));
    expect(keys.sort()).toEqual(left.sort());
    expect(await queue.take(100, 20)).toEqual([]);
  });

  test('begins behind what was acknowledged where another group still reads the stream', async () => {
    const queue = await openQueue('a');
    await redis.client.xgroup('CREATE', jobName, 'another reader', '0-0');
    for (let i = 0; i < 20; i++) await put(`r${i}`);
    const records = await take(queue);
    await queue.finish(records.slice(0, 12).map((record) => answer(record)));
    await queue.renew({ ...registration, workerId: 'a', jobName }, undefined);
    await redis.client.xgroup('DESTROY', jobName, 'serving');
    await queue.renew({ ...registration, workerId: 'a', jobName }, undefined);
    expect((await take(queue)).map(({ uri }) => uri)).toEqual(records.slice(12).map(({ uri }) => uri));
    expect(await redis.client.xlen(jobName)).toBe(20);
  });

  test('begins at the beginning of a stream that is not the one it knew', async () => {
    const queue = await openQueue('a');
    await put('before');
    await queue.finish((await take(queue)).map((record) => answer(record)));
    await queue.renew({ ...registration, workerId: 'a', jobName }, undefined);
    await redis.client.flushall();
    // The clock of Redis was set back meanwhile.
    await redis.client.xadd(jobName, '1000-0', 'uri', 'after', 'data', 'd');
    expect((await take(queue)).map(({ uri }) => uri)).toEqual(['after']);
  });
});

describe('a Redis that loses its data', () => {
  const mine = { ...registration, workerId: 'a', jobName };

  test('has registration, heartbeat, group and consumer again with the next renewal', async () => {
    const queue = await openQueue('a');
    const heartbeat = { ...beat, workerId: 'a', jobName };
    await queue.renew(mine, heartbeat);
    await redis.client.flushall();
    await queue.renew(mine, heartbeat);
    expect(await redis.client.hget(workersKey, 'a')).toBe(JSON.stringify(mine));
    expect(await redis.client.get(heartbeatKey('a'))).toBe(JSON.stringify(heartbeat));
    const [group] = (await redis.client.xinfo('GROUPS', jobName)) as [unknown[]];
    expect(group[group.indexOf('consumers') + 1]).toBe(1);
  });

  test('and has a group at the end of the stream made by a client: no record is skipped', async () => {
    const queue = await openQueue('a');
    const blocked = queue.take(10, 2_000);
    await eventually('a blocked client', async () =>
      (await redis.client.info('clients')).includes('blocked_clients:1'),
    );
    const calls = redis.client.multi().flushall().xadd(jobName, '*', 'uri', 'early', 'data', 'd');
    await calls.xgroup('CREATE', jobName, 'serving', '$').exec();
    await queue.renew(mine, undefined);
    const first = await blocked;
    const records = first.length > 0 ? first : await take(queue);
    expect(records.map(({ uri }) => uri)).toEqual(['early']);
  });

  test('is served though its stream is another key for a while', async () => {
    const queue = await openQueue('a');
    await redis.client.multi().del(jobName).set(jobName, 'a text').exec();
    await eventually('it is said', async () => {
      await queue.take(10, 20);
      return troubles.some((text) => text?.includes('is not a stream'));
    });
    await redis.client.del(jobName);
    await put('after');
    expect((await take(queue)).map(({ uri }) => uri)).toEqual(['after']);
  });
});

describe('clocks', () => {
  const setBack = (ms: number) => {
    vi.useFakeTimers({ toFake: ['Date'], now: Date.now() - ms });
  };

  test('a clock that is set back by an hour delays no take-over', async () => {
    const dead = await openQueue('dead', { claimIdleMs: 300 });
    await put('left');
    await take(dead);
    const heir = await openQueue('heir', { claimIdleMs: 300 });
    await heir.take(10, 10);
    setBack(3_600_000);
    expect((await take(heir)).map(({ uri }) => uri)).toEqual(['left']);
  });

  test('a worker whose clock is set forward keeps its records in flight', async () => {
    // Longer than a busy machine holds a process up.
    const claimIdleMs = 2_000;
    const slow = await openQueue('slow', { claimIdleMs });
    await put('long');
    await take(slow);
    const other = await openQueue('other', { claimIdleMs });
    setBack(-3_600_000);
    const end = performance.now() + 1.2 * claimIdleMs;
    while (performance.now() < end) {
      await slow.keepAlive();
      expect(await other.take(10, 20)).toEqual([]);
    }
  });

  test.each([90_000, -90_000])('the queue’s time is Redis’s, %d ms beside this machine’s', async (ms) => {
    setBack(ms);
    const queue = await openQueue('a');
    const [seconds] = await redis.client.time();
    expect(Math.abs(queue.now() - Number(seconds) * 1000)).toBeLessThan(30_000);
    expect(Math.abs(queue.clockAheadMs + ms)).toBeLessThan(30_000);
  });
});
