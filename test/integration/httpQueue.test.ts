import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { resultPrefix } from '../../schemas/redis/redisKeys.ts';
import { eventually, startRedis, type TestRedis } from '../support/redis.ts';
import { models, openWorkshop, type Workshop } from '../support/serving.ts';
import { ask, post, row, startFrontend, tensorsOf, type Tensor, type TestFrontend } from './httpSupport.ts';

// What only a frontend before a queue has: records in Redis, and workers that are somewhere else, or nowhere.

let redis: TestRedis;
let workshop: Workshop;
let mlp: TestFrontend;
const frontends: TestFrontend[] = [];

async function frontend(...args: string[]): Promise<TestFrontend> {
  const started = await startFrontend(`--redisPort=${redis.port}`, ...args);
  frontends.push(started);
  return started;
}

beforeAll(async () => {
  redis = await startRedis();
  workshop = openWorkshop('queue');
  const text = `modelPath: ${join(models, 'mlp')}\njobName: mlp\nredisUrl: 127.0.0.1:${redis.port}\n`;
  const path = workshop.config('mlp', text);
  await workshop.must('start', '-c', path);
  mlp = await frontend('-c', path);
});

afterAll(async () => {
  for (const one of frontends) one.signal('SIGKILL');
  await workshop.close();
  await redis.stop();
});

test('requests that come together share a record, and each gets its own answer', async () => {
  // The window ends when all are there.
  const windowed = await frontend('--redisInputQueue=mlp', '--timeWindow=60000', '--countWindow=8');
  const added = async () => {
    const info = (await redis.client.xinfo('STREAM', 'mlp')) as unknown[];
    return Number(info[info.indexOf('entries-added') + 1]);
  };
  const burst = () =>
    Promise.all(
      Array.from({ length: 8 }, (_, i) =>
        post(`${windowed.url}/predict`, { instances: [{ x: i % 2 ? row(i) : [row(i)] }] }),
      ),
    );
  // From the first ones it learns how large results are.
  await burst();
  // On a busy machine they may arrive too far apart.
  const together = await eventually('a burst shares one record', async () => {
    const before = await added();
    const answers = await burst();
    return (await added()) - before === 1 && answers;
  });
  for (const [i, answer] of together.entries()) {
    const [alone] = tensorsOf(await post(`${mlp.url}/predict`, { instances: [{ x: row(i) }] })) as [Tensor];
    const [shared] = tensorsOf(answer) as [Tensor];
    expect(shared.shape).toEqual(i % 2 ? [10] : [1, 10]);
    shared.data.forEach((value, k) => expect(value).toBeCloseTo(alone.data[k] ?? NaN, 4));
  }
});

describe('without a worker', () => {
  test('a prediction is refused with the reason until a worker is ready', async () => {
    const early = await frontend('--redisInputQueue=nobody');
    const answer = await post(`${early.url}/predict`, { instances: [{ x: [1] }] });
    expect([answer.status, answer.json.code, answer.headers.get('retry-after')]).toEqual([
      503,
      'not-ready',
      '1',
    ]);
    expect((await ask(`${early.url}/ready`)).status).toBe(503);
    expect((await ask(`${early.url}/live`)).status).toBe(200);
    expect(await redis.client.exists('nobody')).toBe(0);
  });

  test('a deadline is kept, and the record taken back', async () => {
    const lonely = await frontend('--redisInputQueue=lonely', '--unregisteredWorkers');
    const start = Date.now();
    const answer = await post(
      `${lonely.url}/predict`,
      { instances: [{ x: [1] }] },
      { 'x-deadline-ms': '300' },
    );
    expect([answer.status, answer.json.code]).toEqual([504, 'deadline-exceeded']);
    expect(Date.now() - start).toBeGreaterThanOrEqual(295);
    await eventually('the record is taken back', async () => (await redis.client.xlen('lonely')) === 0);
  });

  test('the deadline goes along with the record', async () => {
    const bounded = await frontend('--redisInputQueue=bounded', '--unregisteredWorkers');
    const abort = new AbortController();
    const from = Date.now();
    const request = fetch(`${bounded.url}/predict`, {
      method: 'POST',
      body: '{"instances":[{"x":[1]}]}',
      headers: { 'x-deadline-ms': '30000' },
      signal: abort.signal,
    });
    const [[, fields]] = (await eventually('the record waits', async () => {
      const entries = await redis.client.xrange('bounded', '-', '+');
      return entries.length === 1 && entries;
    })) as [[string, string[]]];
    const deadline = Number(fields[fields.indexOf('deadline') + 1]);
    expect(deadline).toBeGreaterThanOrEqual(from + 30_000);
    expect(deadline).toBeLessThanOrEqual(Date.now() + 30_000);
    abort.abort();
    await expect(request).rejects.toThrow();
  });

  test('a client that hangs up takes its record along', async () => {
    const left = await frontend('--redisInputQueue=left', '--unregisteredWorkers');
    const abort = new AbortController();
    const request = fetch(`${left.url}/predict`, {
      method: 'POST',
      body: '{"instances":[{"x":[1]}]}',
      signal: abort.signal,
    });
    await eventually('the record waits', async () => (await redis.client.xlen('left')) === 1);
    abort.abort();
    await expect(request).rejects.toThrow();
    await eventually('the record is taken back', async () => (await redis.client.xlen('left')) === 0);
  });

  test('more requests than may be in process are refused at once', async () => {
    const narrow = await frontend('--redisInputQueue=narrow', '--unregisteredWorkers', '--parallelism=1');
    const abort = new AbortController();
    const first = fetch(`${narrow.url}/predict`, {
      method: 'POST',
      body: '{"instances":[{"x":[1]}]}',
      signal: abort.signal,
    });
    await eventually('the record waits', async () => (await redis.client.xlen('narrow')) === 1);
    const second = await post(`${narrow.url}/predict`, { instances: [{ x: [1] }] });
    expect([second.status, second.json.code]).toEqual([503, 'busy']);
    abort.abort();
    await expect(first).rejects.toThrow();
  });

  test('an answer of a worker that announces nothing is found, and no other key is touched', async () => {
    const original = await frontend('--redisInputQueue=original', '--unregisteredWorkers');
    const prefix = resultPrefix('original');
    await redis.client.hset(`${prefix}somebody`, 'value', 'NaN');
    const request = post(`${original.url}/predict`, { instances: [{ x: [1] }] });
    const [[, fields]] = await eventually('the record waits', async () => {
      const entries = await redis.client.xrange('original', '-', '+');
      return entries.length === 1 && (entries as [[string, string[]]]);
    });
    await redis.client.hset(prefix + (fields[1] ?? ''), 'value', '[[4,5.0]]');
    const answer = await request;
    expect(answer.json).toEqual({ predictions: ['{"value":"[[4,5.0]]"}'] });
    const left = await eventually('its result is removed', async () => {
      const keys = await redis.client.keys(`${prefix}*`);
      return keys.length === 1 && keys;
    });
    expect(left).toEqual([`${prefix}somebody`]);
  });
});
