import { cpSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { dense, outputsOf, put, record } from '../support/ask.ts';
import { startRedis, type TestRedis } from '../support/redis.ts';
import { models, type Workshop } from '../support/serving.ts';
import { startCluster, type Cluster } from './cluster.ts';
import { openFlinkWorkshop } from './workshop.ts';

let cluster: Cluster;
let redis: TestRedis;
let shop: Workshop;
beforeAll(async () => {
  [cluster, redis] = await Promise.all([startCluster(2), startRedis()]);
  shop = openFlinkWorkshop();
});
afterAll(async () => {
  await shop.close();
  await cluster.stop();
  await redis.stop();
});

/** A config beside a copy of the model, which keeps its weights in two other files. */
function serving(jobName: string): { readonly path: string; readonly folder: string } {
  const path = shop.config(
    jobName,
    `modelPath: model\njobName: ${jobName}\nbackend: flink\nmodelParallelism: 2\nflinkRestUrl: ${cluster.url}\nredisUrl: 127.0.0.1:${redis.port}\n`,
  );
  const folder = join(path, '..', 'model');
  cpSync(join(models, 'outside'), folder, { recursive: true });
  return { path, folder };
}

test('a model whose weights are in other files is served after all of them have gone', async () => {
  const { path, folder } = serving('outside');
  await shop.must('start', '-c', path);
  rmSync(folder, { recursive: true });
  for (let i = 0; i < 20; i++) await put(redis, 'outside', `r${i}`, record({ x: dense([2], [i, -i]) }));
  for (let i = 0; i < 20; i++)
    expect(await outputsOf(redis, 'outside', `r${i}`)).toEqual([{ shape: [2], data: [2 * i + 1, -2 * i - 1] }]);
  await shop.must('stop', '-c', path);
});

test('a model whose weights are not there is refused, and leaves no job and no upload', async () => {
  const { path, folder } = serving('cut');
  rmSync(join(folder, 'more weights'), { recursive: true });
  const { code, stdout } = await shop.cli('start', '-c', path, '--json');
  expect(code).toBe(1);
  expect(stdout).toContain('"code":"model-missing"');
  const { jobs } = (await cluster.rest('/jobs/overview')) as { jobs: { name: string }[] };
  expect(jobs.filter(({ name }) => name === 'cut')).toEqual([]);
  const { files } = (await cluster.rest('/jars')) as { files: { name: string }[] };
  expect(files.filter(({ name }) => name.startsWith('model-'))).toEqual([]);
});
