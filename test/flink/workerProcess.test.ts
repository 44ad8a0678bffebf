import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { runsKey } from '../../schemas/redis/redisKeys.ts';
import { answerOf, outputsOf, put } from '../support/ask.ts';
import { eventually, startRedis, type TestRedis } from '../support/redis.ts';
import { models, type Workshop } from '../support/serving.ts';
import { startCluster, type Cluster } from './cluster.ts';
import { echoOn } from './records.ts';
import { openFlinkWorkshop } from './workshop.ts';

let cluster: Cluster;
let redis: TestRedis;
let shop: Workshop;
beforeAll(async () => {
  [cluster, redis] = await Promise.all([startCluster(0), startRedis()]);
  shop = openFlinkWorkshop();
});
afterAll(async () => {
  await shop.close();
  await cluster.stop();
  await redis.stop();
});

/** A process that has ended and that no process has asked about yet is not alive either. */
function isAlive(pid: number): boolean {
  try {
    return !/^State:\s+[ZX]/m.test(readFileSync(`/proc/${pid}/status`, 'utf8'));
  } catch {
    return false;
  }
}

/** The process that has the model; it is the worker's own, not the TaskManager's. */
async function processOf(jobName: string, configPath: string): Promise<number> {
  const pid = await eventually('a worker', async () => {
    const job = (await shop.jobs(configPath)).find((one) => one.jobName === jobName);
    return job?.workers.find(({ heartbeat, registration }) => heartbeat && isAlive(registration.pid))?.registration.pid;
  });
  expect(cluster.taskManagers.map((taskManager) => taskManager.pid)).not.toContain(pid);
  return pid;
}

/** bench:flink measures how soon. */
const isGone = (pid: number) => eventually('the process to be gone', () => Promise.resolve(!isAlive(pid)));

/** Each brings TaskManagers of its own. */
const timeout = 300_000;

const leastWhole = -2147483648;

test('a model that ends its process takes no neighbour, and the TaskManager lives on', { timeout }, async () => {
  const taskManager = await cluster.addTaskManager({ slots: 1 });
  const path = shop.config(
    'divided',
    `modelPath: ${join(models, 'divided')}\njobName: divided\nbackend: flink\nflinkRestUrl: ${cluster.url}\nredisUrl: 127.0.0.1:${redis.port}\nbatching: off\n`,
  );
  await shop.must('start', '-c', path);
  const first = await processOf('divided', path);
  const ask = (uri: string, x: number, y: number) =>
    put(redis, 'divided', uri, JSON.stringify({ instances: [{ x: [x], y: [y] }] }), 'stream');
  for (let i = 0; i < 50; i++) await ask(`before${i}`, 7 * i, 7);
  await ask('poison', leastWhole, -1);
  for (let i = 0; i < 50; i++) await ask(`after${i}`, 7 * i, 7);
  // Its process is started again for each of its deliveries.
  expect(await answerOf(redis, 'divided', 'poison', 120_000)).toBe('NaN');
  for (let i = 0; i < 50; i++)
    for (const when of ['before', 'after'])
      expect(await outputsOf(redis, 'divided', `${when}${i}`)).toEqual([{ shape: [1], data: [i] }]);
  expect(await shop.must('queue', 'dead', 'divided', '-c', path, '--json')).toContain('delivery-limit');
  expect(await processOf('divided', path)).not.toBe(first);
  expect(isAlive(taskManager.pid)).toBe(true);
  const { jobs } = (await cluster.rest('/jobs/overview')) as { jobs: { name: string; state: string }[] };
  expect(jobs.find(({ name }) => name === 'divided')).toMatchObject({ state: 'RUNNING' });
  expect(await shop.must('logs', 'divided', '-c', path)).toContain('started again');
  const last = await processOf('divided', path);
  await shop.must('stop', '-c', path);
  await isGone(last);
  expect(await redis.client.hlen(runsKey('divided'))).toBe(0);
  await taskManager.kill();
});

test('a process that is killed under load is started again, and nothing is lost', { timeout }, async () => {
  const taskManager = await cluster.addTaskManager({ slots: 1 });
  const echo = echoOn(shop, cluster, redis, 'killed');
  await shop.must('start', '-c', echo.path);
  await echo.fill(20_000);
  await eventually('work in hand', async () => (await echo.delivered()) > 500);
  const killed = await processOf(echo.jobName, echo.path);
  process.kill(killed, 'SIGKILL');
  await echo.expectAllAnswered(20_000, 120_000);
  await shop.must('stop', '-c', echo.path);
  await taskManager.kill();
});

test('a TaskManager that is killed, and a job that is cancelled, leave no process', { timeout }, async () => {
  await cluster.addTaskManager({ slots: 1 });
  const echo = echoOn(shop, cluster, redis, 'left');
  await shop.must('start', '-c', echo.path);
  await echo.fill(10_000);
  const orphan = await processOf(echo.jobName, echo.path);
  const parent = Number(/^PPid:\s+(\d+)/m.exec(readFileSync(`/proc/${orphan}/status`, 'utf8'))?.[1]);
  await cluster.taskManagers.find(({ pid }) => pid === parent)?.kill();
  await isGone(orphan);
  const second = await cluster.addTaskManager({ slots: 1 });
  await echo.expectAllAnswered(10_000, 120_000);
  const cancelled = await processOf(echo.jobName, echo.path);
  const [job] = await shop.jobs(echo.path);
  expect(cluster.flink('cancel', job?.flinkJobs?.[0]?.jobId ?? '').code).toBe(0);
  await isGone(cancelled);
  await second.kill();
});
