import { afterAll, beforeAll, expect, test } from 'vitest';
import { javaFootprint } from '../support/javaFootprint.ts';
import { eventually, startRedis, type TestRedis } from '../support/redis.ts';
import type { Workshop } from '../support/serving.ts';
import { startCluster, type Cluster } from './cluster.ts';
import { echoOn } from './records.ts';
import { openFlinkWorkshop } from './workshop.ts';

let cluster: Cluster;
let redis: TestRedis;
let shop: Workshop;
beforeAll(async () => {
  [cluster, redis] = await Promise.all([startCluster(0), startRedis()]);
  // Its heap is resident from the start, so that what grows is something else.
  await cluster.addTaskManager({ slots: 1, java: '-XX:+AlwaysPreTouch' });
  shop = openFlinkWorkshop();
});
afterAll(async () => {
  await shop.close();
  await cluster.stop();
  await redis.stop();
});

const portion = 10_000;

test('two hundred thousand records leave nothing in the memory of a TaskManager', { timeout: 300_000 }, async () => {
  const echo = echoOn(shop, cluster, redis, 'many', 'resultTtlSeconds: 2\n');
  await shop.must('start', '-c', echo.path);
  const serve = async (portions: number) => {
    for (let i = 0; i < portions; i++) {
      const before = await echo.answered();
      await echo.fill(portion);
      await eventually('the portion to be answered', async () => (await echo.answered()) >= before + portion, 60_000);
    }
    return javaFootprint(cluster.taskManagers[0]?.pid ?? 0);
  };
  const early = await serve(5);
  const late = await serve(15);
  // Direct and native memory are part of what is resident.
  expect(late.heapMb).toBeLessThan(early.heapMb + 5);
  expect(late.rssMb).toBeLessThan(early.rssMb + 25);
  expect(await redis.client.xlen('many:dead')).toBe(0);
  await shop.must('stop', '-c', echo.path);
});
