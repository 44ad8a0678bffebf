import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { dense, outputsOf, put, record } from '../support/ask.ts';
import { startRedis, type TestRedis } from '../support/redis.ts';
import { models, openWorkshop, root, type Workshop } from '../support/serving.ts';

let redis: TestRedis;
let shop: Workshop;
let config: string;
let pid: number;
const jobName = 'drained';

beforeEach(async () => {
  redis = await startRedis();
  shop = openWorkshop();
  config = shop.config(
    'd',
    `modelPath: ${join(models, 'echo')}\njobName: ${jobName}\nredisUrl: 127.0.0.1:${redis.port}\n`,
  );
  await shop.must('start', '-c', config);
  pid = (await shop.jobs(config))[0]?.workers[0]?.registration.pid ?? 0;
  expect(pid).toBeGreaterThan(0);
});
afterEach(async () => {
  await shop.close();
  await redis.stop();
});

/** The worker is held, so that what is put in waits for certain; `stop --drain` runs until it says so. */
async function drainHeld(): Promise<ChildProcess> {
  process.kill(pid, 'SIGSTOP');
  for (let i = 0; i < 50; i++) await put(redis, jobName, `r${i}`, record({ x: dense([2], [i, 1]) }));
  const program = join(root, 'bin', 'cluster-serving.cjs');
  const stop = spawn(process.execPath, [program, 'stop', jobName, '--drain', '--json', '-c', config], {
    env: { ...process.env, CLUSTER_SERVING_STATE: shop.state },
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  const [line] = (await once(stop.stdout, 'data')) as [Buffer];
  expect(JSON.parse(line.toString().split('\n')[0] ?? '')).toEqual({ draining: 50 });
  return stop;
}

test('a drained serving answers all that waits before it stops', async () => {
  const stop = await drainHeld();
  process.kill(pid, 'SIGCONT');
  expect(await once(stop, 'exit')).toEqual([0, null]);
  expect(await outputsOf(redis, jobName, 'r49')).toEqual([{ shape: [2], data: [49, 1] }]);
  expect(await shop.jobs(config)).toEqual([]);
});

test('a drain that is cancelled stops nothing', async () => {
  const stop = await drainHeld();
  stop.kill('SIGTERM');
  expect(await once(stop, 'exit')).toEqual([1, null]);
  process.kill(pid, 'SIGCONT');
  expect(await outputsOf(redis, jobName, 'r49')).toEqual([{ shape: [2], data: [49, 1] }]);
  expect((await shop.jobs(config)).map(({ jobName: name }) => name)).toEqual([jobName]);
});
