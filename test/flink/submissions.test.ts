import { afterAll, beforeAll, expect, test } from 'vitest';
import { javaFootprint, type JavaFootprint } from '../support/javaFootprint.ts';
import { startRedis, type TestRedis } from '../support/redis.ts';
import type { Workshop } from '../support/serving.ts';
import { startCluster, type Cluster } from './cluster.ts';
import { echoOn } from './records.ts';
import { openFlinkWorkshop } from './workshop.ts';

let cluster: Cluster;
let redis: TestRedis;
let shop: Workshop;
beforeAll(async () => {
  [cluster, redis] = await Promise.all([startCluster(0), startRedis()]);
  await cluster.addTaskManager({ slots: 1 });
  shop = openFlinkWorkshop();
});
afterAll(async () => {
  await shop.close();
  await cluster.stop();
  await redis.stop();
});

test('thirty submissions and cancellations leave nothing of theirs in the TaskManager', { timeout: 300_000 }, async () => {
  const echo = echoOn(shop, cluster, redis, 'again');
  const pid = cluster.taskManagers[0]?.pid ?? 0;
  let warm: JavaFootprint | undefined;
  for (let round = 0; round < 30; round++) {
    await shop.must('start', '-c', echo.path);
    await echo.fill(10, round * 10);
    await echo.expectAllAnswered(10);
    await shop.must('stop', '-c', echo.path);
    // Until then Flink's own pools and Java's reflection have warmed.
    if (round === 9) warm = javaFootprint(pid);
  }
  const last = javaFootprint(pid);
  // Flink may hold the last one's for a while.
  expect(last.jobLoaders).toBeLessThanOrEqual(1);
  // The classes of a job take some 5 MB.
  expect(last.metaspaceMb).toBeLessThan((warm?.metaspaceMb ?? NaN) + 2);
  expect(last.threads).toBeLessThan((warm?.threads ?? NaN) + 5);
});
