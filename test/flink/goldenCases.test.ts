import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { deadFields, deadStream } from '../../schemas/redis/redisKeys.ts';
import { answerOf, put } from '../support/ask.ts';
import type { EngineCase } from '../support/engineCases.ts';
import { startRedis, type TestRedis } from '../support/redis.ts';
import { models, root, type Workshop } from '../support/serving.ts';
import { startCluster, type Cluster } from './cluster.ts';
import { openFlinkWorkshop } from './workshop.ts';

// What the engine answers is written down; through a task of Flink and its worker's process it answers the very same.

let cluster: Cluster;
let redis: TestRedis;
let shop: Workshop;
beforeAll(async () => {
  [cluster, redis] = await Promise.all([startCluster(2), startRedis()]);
  shop = openFlinkWorkshop('golden cases');
});
afterAll(async () => {
  await shop.close();
  await cluster.stop();
  await redis.stop();
});

interface GoldenCase extends EngineCase {
  readonly answer: { readonly value: string; readonly reason?: string };
}

const cases = JSON.parse(
  readFileSync(join(root, 'test', 'fixtures', 'engine', 'cases.json'), 'utf8'),
) as readonly GoldenCase[];

/** The lines of a config that serves a case; equal for cases that one job serves. */
function linesFor({ model, imageResize, postProcessing, inputAlreadyBatched }: GoldenCase): string {
  const lines = [`modelPath: ${join(models, model)}`, 'batchSize: 4'];
  if (imageResize) lines.push(`imageResize: ${imageResize.height},${imageResize.width}`);
  if (postProcessing) lines.push(`postProcessing: ${postProcessing.kind}(${postProcessing.n})`);
  if (inputAlreadyBatched) lines.push('inputAlreadyBatched: true');
  return lines.join('\n');
}

async function reasonsOf(jobName: string): Promise<ReadonlyMap<string, string>> {
  const letters = await redis.client.xrange(deadStream(jobName), '-', '+');
  const value = (fields: string[], name: string) => fields[fields.indexOf(name) + 1] ?? '';
  return new Map(letters.map(([, fields]) => [value(fields, 'uri'), value(fields, deadFields.reason).split(':')[0] ?? '']));
}

test('every golden case is answered on Flink as it is written down', { timeout: 600_000 }, async () => {
  const groups = new Map<string, GoldenCase[]>();
  for (const one of cases) groups.set(linesFor(one), [...(groups.get(linesFor(one)) ?? []), one]);
  let number = 0;
  for (const [lines, group] of groups) {
    const jobName = `golden${++number}`;
    const path = shop.config(
      jobName,
      `${lines}\njobName: ${jobName}\nbackend: flink\nflinkRestUrl: ${cluster.url}\nredisUrl: 127.0.0.1:${redis.port}\n`,
    );
    await shop.must('start', '-c', path);
    for (const [i, { data, serde }] of group.entries()) await put(redis, jobName, `case${i}`, data, serde);
    const values = await Promise.all(group.map((_, i) => answerOf(redis, jobName, `case${i}`)));
    const reasons = await reasonsOf(jobName);
    const answers = group.map(({ name }, i) => {
      const reason = reasons.get(`case${i}`);
      return { name, answer: { value: values[i], ...(reason === undefined ? {} : { reason }) } };
    });
    expect(answers).toEqual(group.map(({ name, answer }) => ({ name, answer })));
    await shop.must('stop', '-c', path);
  }
});
