import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { resultPrefix } from '../../schemas/redisKeys.ts';
import { encodeRecord } from '../../server/src/codec/encodeRecord.ts';
import { eventually, startRedis, type TestRedis } from '../support/redis.ts';
import { models, openWorkshop, type Workshop } from '../support/serving.ts';
import { post, startFrontend, tensorsOf, type Tensor, type TestFrontend } from './httpSupport.ts';

let redis: TestRedis;
let workshop: Workshop;
let frontends: TestFrontend[] = [];

beforeAll(async () => {
  redis = await startRedis();
  workshop = openWorkshop('together');
  const text = `modelPath: ${join(models, 'echo')}\njobName: echo\nredisUrl: 127.0.0.1:${redis.port}\n`;
  const path = workshop.config('echo', text);
  await workshop.must('start', '-c', path);
  frontends = [await startFrontend('-c', path), await startFrontend('-c', path)];
});

afterAll(async () => {
  for (const frontend of frontends) frontend.signal('SIGKILL');
  await workshop.close();
  await redis.stop();
});

const requests = 10_000;
const foreign = 500;

test('with two frontends and another client on one queue everybody gets what is theirs', async () => {
  const commands = new Set<string>();
  const removed: string[] = [];
  const monitor = await redis.client.duplicate().monitor();
  monitor.on('monitor', (_time: string, args: string[]) => {
    const [name = '', ...keys] = args;
    commands.add(name.toUpperCase());
    if (/^(del|unlink)$/i.test(name)) removed.push(...keys);
  });

  const names = Array.from({ length: foreign }, (_, i) => `foreign-${i}`);
  for (const uri of names) {
    const data = encodeRecord(new Map([['x', { kind: 'dense', shape: [2], data: Float32Array.of(1, 2) }]]));
    await redis.client.xadd('echo', '*', 'uri', uri, 'data', data);
  }
  let next = 0;
  const wrong: unknown[] = [];
  const ask = async (frontend: TestFrontend | undefined) => {
    for (let i = next++; i < requests; i = next++) {
      const sent = [i, i + 0.5, -i];
      const answer = await post(`${frontend?.url ?? ''}/predict`, { instances: [{ x: sent }] });
      const got = answer.status === 200 ? (tensorsOf(answer)[0] as Tensor).data : answer.text;
      if (JSON.stringify(got) !== JSON.stringify(sent)) wrong.push({ sent, got });
    }
  };
  await Promise.all(Array.from({ length: 32 }, (_, i) => ask(frontends[i % 2])));
  expect(wrong).toEqual([]);

  const prefix = resultPrefix('echo');
  await eventually(
    'all results of others are there',
    async () => (await redis.client.exists(...names.map((uri) => prefix + uri))) === foreign,
  );
  await eventually('our own are removed', async () => (await redis.client.dbsize()) < foreign + 20);
  expect([...commands].filter((name) => ['KEYS', 'SCAN', 'CONFIG'].includes(name))).toEqual([]);
  expect(removed.filter((key) => key.startsWith(`${prefix}foreign`))).toEqual([]);
  expect(removed.length).toBeGreaterThan(1_000);
  monitor.disconnect();
}, 120_000);
