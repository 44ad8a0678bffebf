import { execFile } from 'node:child_process';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { resultPrefix } from '../../schemas/redis/redisKeys.ts';
import { encodeRecord } from '../../server/src/codec/encodeRecord.ts';
import { eventually, startRedis, type TestRedis } from '../support/redis.ts';
import { models, openWorkshop, root, type Workshop } from '../support/serving.ts';
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
const ofPython = 300;

/** The original's own client, in a process of its own. @returns what it got for each of its records */
async function pythonClient(): Promise<unknown[]> {
  const python = join(root, '.cache', 'python-client', 'bin', 'python');
  const uris = Array.from({ length: ofPython }, (_, i) => `python-${i}`);
  const steps = [
    ...uris.map((uri, i) => ({ do: 'enqueue', name: 'echo', uri, tensors: { x: [i, i + 0.5] } })),
    ...uris.map((uri) => ({ do: 'query', name: 'echo', uri })),
  ];
  const running = promisify(execFile)(python, [join(root, 'test', 'support', 'client.py')]);
  running.child.stdin?.end(JSON.stringify({ host: '127.0.0.1', port: redis.port, steps }));
  return JSON.parse((await running).stdout) as unknown[];
}

test('with two frontends, the Python client and another one on one queue everybody gets what is theirs', async () => {
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
    const data = encodeRecord(
      new Map([['x', { kind: 'dense', type: 'float32', shape: [2], data: Float32Array.of(1, 2) }]]),
    );
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
  const [byPython] = await Promise.all([
    pythonClient(),
    ...Array.from({ length: 32 }, (_, i) => ask(frontends[i % 2])),
  ]);
  expect(wrong).toEqual([]);
  expect(byPython).toEqual(Array.from({ length: ofPython }, (_, i) => [i, i + 0.5]));

  const prefix = resultPrefix('echo');
  await eventually(
    'all results of others are there',
    async () => (await redis.client.exists(...names.map((uri) => prefix + uri))) === foreign,
  );
  await eventually(
    'our own are removed',
    async () => (await redis.client.dbsize()) < foreign + ofPython + 20,
  );
  expect([...commands].filter((name) => ['KEYS', 'SCAN', 'CONFIG'].includes(name))).toEqual([]);
  expect(removed.filter((key) => key.startsWith(`${prefix}foreign`))).toEqual([]);
  expect(removed.length).toBeGreaterThan(1_000);
  monitor.disconnect();
}, 120_000);
