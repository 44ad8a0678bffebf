import { writeFileSync } from 'node:fs';
import { hostname } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { startRedis, type TestRedis } from '../support/redis.ts';
import { models, type Workshop } from '../support/serving.ts';
import { startCluster, type Cluster } from './cluster.ts';
import { openFlinkWorkshop } from './workshop.ts';

let cluster: Cluster;
let redis: TestRedis;
let shop: Workshop;
beforeAll(async () => {
  [cluster, redis] = await Promise.all([startCluster(0), startRedis()]);
  shop = openFlinkWorkshop('cluster-serving');
});
afterAll(async () => {
  await shop.close();
  await cluster.stop();
  await redis.stop();
});

test('a Redis that only the submitting machine reaches is reported with its key, and no job is left', async () => {
  // As on another machine: "localhost" is not where Redis listens.
  const hosts = join(shop.folder, 'hosts');
  writeFileSync(hosts, `127.0.0.2 localhost\n127.0.0.1 ${hostname()}\n`);
  await cluster.addTaskManager({ slots: 1, java: `-Djdk.net.hosts.file=${hosts}` });
  const path = shop.config(
    'far',
    `modelPath: ${join(models, 'echo')}\njobName: far\nbackend: flink\nflinkRestUrl: ${cluster.url}\nredisUrl: localhost:${redis.port}\n`,
  );
  const { code, stderr } = await shop.cli('start', '-c', path);
  expect({ code, lines: stderr.trim().split('\n').length }).toEqual({ code: 1, lines: 1 });
  expect(stderr).toContain('redisUrl');
  const { jobs } = (await cluster.rest('/jobs/overview')) as { jobs: { state: string }[] };
  expect(jobs.map(({ state }) => state)).toEqual(['CANCELED']);
  expect(await redis.client.keys('cluster-serving:*')).toEqual([]);
});
