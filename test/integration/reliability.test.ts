import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { answerOf, dense, outputsOf, put, record } from '../support/ask.ts';
import { eventually, startRedis, type TestRedis } from '../support/redis.ts';
import { models, openWorkshop, type Workshop } from '../support/serving.ts';

let redis: TestRedis;
let shop: Workshop;
const jobName = 'reliable';

beforeEach(async () => {
  redis = await startRedis();
  shop = openWorkshop();
});
afterEach(async () => {
  await shop.close();
  await redis.stop();
});

const config = (more = '') =>
  shop.config(
    'r',
    `modelPath: ${join(models, 'echo')}\njobName: ${jobName}\nredisUrl: 127.0.0.1:${redis.port}\nclaimIdleMs: 1000\n${more}`,
  );
const value = (i: number) => [i, i + 0.5];

async function fill(count: number, from = 0): Promise<void> {
  const pipeline = redis.client.pipeline();
  for (let i = from; i < from + count; i++)
    pipeline.xadd(jobName, '*', 'uri', `r${i}`, 'data', record({ x: dense([2], value(i)) }));
  await pipeline.exec();
}

async function expectAllAnswered(count: number): Promise<void> {
  for (let i = 0; i < count; i++)
    expect(await outputsOf(redis, jobName, `r${i}`)).toEqual([{ shape: [2], data: value(i) }]);
  expect(await redis.client.xlen(`${jobName}:dead`)).toBe(0);
}

const workers = async (path: string) => (await shop.jobs(path))[0]?.workers ?? [];
const delivered = async () => {
  const [group] = (await redis.client.xinfo('GROUPS', jobName)) as [unknown[]];
  return Number(group[group.indexOf('entries-read') + 1]);
};

describe('nothing is lost and nothing is answered wrongly', () => {
  test('when workers are killed in the middle of their work, again and again', async () => {
    const path = config();
    const count = 6_000;
    await fill(count);
    for (let round = 0; round < 4; round++) {
      await shop.must('start', '-c', path, '--workers', '1');
      const before = await delivered();
      await eventually('work in hand', async () => (await delivered()) > before || before === count);
      for (const { registration } of await workers(path)) process.kill(registration.pid, 'SIGKILL');
      await eventually('all dead', async () => (await shop.jobs(path))[0]?.state === 'failed');
    }
    await shop.must('start', '-c', path);
    await expectAllAnswered(count);
  });

  test('when Redis is killed and restarted in the middle of the run', async () => {
    const path = config();
    await shop.must('start', '-c', path);
    const count = 4_000;
    await fill(count);
    await eventually('work in hand', async () => (await delivered()) > 100);
    await redis.kill();
    await redis.start();
    await expectAllAnswered(count);
    await fill(10, count);
    await expectAllAnswered(count + 10);
  });

  test('when Redis is frozen for longer than a command may take', async () => {
    const path = config('redisTimeout: 500\n');
    await shop.must('start', '-c', path);
    const count = 2_000;
    await fill(count);
    redis.signal('SIGSTOP');
    // The worker itself says when it has given a command up.
    await eventually('the watchdog', async () =>
      (await shop.must('logs', jobName)).includes('waiting for Redis'),
    );
    redis.signal('SIGCONT');
    await expectAllAnswered(count);
  });

  test('when two workers share the load and one of them is stopped', async () => {
    const path = config();
    await shop.must('start', '-c', path, '--workers', '2');
    const count = 3_000;
    await fill(count);
    const [first] = await workers(path);
    process.kill(first?.registration.pid ?? 0, 'SIGTERM');
    await expectAllAnswered(count);
    await eventually('one worker left', async () => (await workers(path)).length === 1);
  });
});

test('a stop answers the records in flight and leaves the rest in the queue', async () => {
  const path = config();
  await shop.must('start', '-c', path);
  await fill(20_000);
  await shop.must('stop', jobName);
  const [group] = (await redis.client.xinfo('GROUPS', jobName)) as [unknown[]];
  expect(group[group.indexOf('pending') + 1]).toBe(0);
  await shop.must('start', '-c', path);
  await answerOf(redis, jobName, 'r19999');
});

test('a Redis that is full is reported, drained and left as it is configured', async () => {
  const path = config();
  await fill(2_000);
  const used = Number(/used_memory:(\d+)/.exec(await redis.client.info('memory'))?.[1]);
  await redis.client.config('SET', 'maxmemory', String(used - 100_000));
  const settings = await redis.client.config('GET', '*');
  await expect(redis.client.set('more', 'x')).rejects.toThrow('OOM');
  await shop.must('start', '-c', path);
  await expectAllAnswered(2_000);
  const after = await redis.client.config('GET', '*');
  expect(after).toEqual(settings);
});

test('the worker reads no foreign key, lists none, and the stream is empty when all is answered', async () => {
  const path = config();
  await redis.client.set('foreign', 'untouched');
  const monitor = await redis.client.monitor();
  const seen: string[][] = [];
  monitor.on('monitor', (_: unknown, args: string[]) => seen.push(args));
  await shop.must('start', '-c', path);
  await fill(500);
  await expectAllAnswered(500);
  await eventually('the stream is trimmed', async () => (await redis.client.xlen(jobName)) === 0);
  const groups = (await redis.client.xinfo('CONSUMERS', jobName, 'serving')) as unknown[];
  monitor.disconnect();
  expect(groups).toHaveLength(1);
  const commands = new Set(seen.map(([name = '']) => name.toLowerCase()));
  for (const never of ['keys', 'scan', 'flushall', 'flushdb']) expect(commands).not.toContain(never);
  expect(seen.filter((args) => args[0]?.toLowerCase() !== 'set' && args.includes('foreign'))).toEqual([]);
  expect(
    seen.filter(([name, sub]) => name?.toLowerCase() === 'config' && sub?.toLowerCase() === 'set'),
  ).toEqual([]);
});

test('consumers of workers that are gone do not pile up', async () => {
  const path = config();
  for (let i = 0; i < 3; i++) {
    await shop.must('start', '-c', path);
    await put(redis, jobName, `c${i}`, record({ x: dense([2], [1, 2]) }));
    await answerOf(redis, jobName, `c${i}`);
    await shop.must('stop', jobName);
  }
  await shop.must('start', '-c', path);
  await eventually('one consumer', async () => {
    const consumers = (await redis.client.xinfo('CONSUMERS', jobName, 'serving')) as unknown[];
    return consumers.length === 1;
  });
});
