import { execFileSync } from 'node:child_process';
import { afterAll, afterEach, beforeAll, beforeEach, test } from 'vitest';
import { eventually, startRedis, type TestRedis } from '../support/redis.ts';
import type { Workshop } from '../support/serving.ts';
import { startCluster, type Cluster } from './cluster.ts';
import { echoOn } from './records.ts';
import { openFlinkWorkshop } from './workshop.ts';

let cluster: Cluster;
let redis: TestRedis;
let shop: Workshop;
beforeAll(async () => {
  // The cluster has no slots yet: each test brings its TaskManagers.
  [cluster, redis] = await Promise.all([startCluster(0), startRedis()]);
});
afterAll(async () => {
  await cluster.stop();
  await redis.stop();
});
beforeEach(() => {
  shop = openFlinkWorkshop();
});
afterEach(() => shop.close());

/** The system's unprivileged user, where the tests may start processes as another. */
function nobody(): number | undefined {
  return process.getuid?.() === 0 ? Number(execFileSync('id', ['-u', 'nobody'], { encoding: 'utf8' })) : undefined;
}

test('two TaskManagers of different users and folders serve a model that neither has, and one is killed under load', async () => {
  const [first] = [await cluster.addTaskManager({ slots: 2 }), await cluster.addTaskManager({ slots: 2, user: nobody() })];
  const one = echoOn(shop, cluster, redis, 'one', 'modelParallelism: 2\n');
  const two = echoOn(shop, cluster, redis, 'two', 'modelParallelism: 2\n');
  await shop.must('start', '-c', one.path);
  await shop.must('start', '-c', two.path);
  await eventually('both TaskManagers to be told', async () => {
    const jobs = await shop.jobs(one.path);
    const places = jobs.flatMap(({ flinkJobs = [] }) => flinkJobs.flatMap(({ taskManagers }) => taskManagers));
    return new Set(places).size === 2;
  });

  await Promise.all([one.fill(10_000), two.fill(10_000)]);
  await eventually('work in hand', async () => (await one.delivered()) > 200 && (await two.delivered()) > 200);
  await first.kill();
  await eventually(
    'the death to be told by list',
    async () => (await shop.jobs(one.path)).some(({ failure }) => failure?.includes('TaskManager')),
    30_000,
  );
  await cluster.addTaskManager({ slots: 2 });
  await Promise.all([one.expectAllAnswered(10_000), two.expectAllAnswered(10_000)]);
  await eventually('both run again', async () => (await shop.jobs(one.path)).every(({ state, failure }) => state === 'running' && failure === undefined));
  await shop.must('stop', '--all');
});

test('records go from an embedded worker that dies to Flink, and from a Flink job that dies to an embedded worker', async () => {
  const echo = echoOn(shop, cluster, redis, 'handed');
  await shop.must('start', '-c', echo.path, '--backend', 'embedded');
  await shop.must('start', '-c', echo.path, '--workers', '1');
  await echo.fill(5_000);
  await eventually('work in hand', async () => (await echo.delivered()) > 100);
  const [job] = await shop.jobs(echo.path);
  const embedded = job?.workers.find(({ registration }) => registration.backend === 'embedded');
  process.kill(embedded?.registration.pid ?? 0, 'SIGKILL');
  await echo.expectAllAnswered(5_000);

  await shop.must('start', '-c', echo.path, '--backend', 'embedded', '--workers', '1');
  await echo.fill(5_000, 5_000);
  await eventually('work in hand', async () => (await echo.delivered()) > 5_100);
  for (const taskManager of cluster.taskManagers) await taskManager.kill();
  await echo.expectAllAnswered(10_000);
  await shop.must('stop', '-c', echo.path);
});
