import { join } from 'node:path';
import { expect } from 'vitest';
import { dense, outputsOf, record } from '../support/ask.ts';
import { eventually, type TestRedis } from '../support/redis.ts';
import { models, type Workshop } from '../support/serving.ts';
import type { Cluster } from './cluster.ts';

/** A job of the model `echo` on Flink: the results are the records. */
export interface Echo {
  readonly jobName: string;
  readonly path: string;
  fill(count: number, from?: number): Promise<void>;
  /** How many records were ever given to a worker. */
  delivered(): Promise<number>;
  answered(): Promise<number>;
  expectAllAnswered(count: number, deadlineMs?: number): Promise<void>;
}

const value = (i: number) => [i, i + 0.5];

export function echoOn(shop: Workshop, cluster: Cluster, redis: TestRedis, jobName: string, more = ''): Echo {
  const path = shop.config(
    jobName,
    `modelPath: ${join(models, 'echo')}\njobName: ${jobName}\nbackend: flink\nflinkRestUrl: ${cluster.url}\nredisUrl: 127.0.0.1:${redis.port}\nclaimIdleMs: 1000\n${more}`,
  );
  const group = async (): Promise<(name: string) => number> => {
    const [fields] = (await redis.client.xinfo('GROUPS', jobName)) as [unknown[]];
    return (name) => Number(fields[fields.indexOf(name) + 1]);
  };
  return {
    jobName,
    path,
    async fill(count, from = 0) {
      for (let at = from; at < from + count; at += 1_000) {
        const pipeline = redis.client.pipeline();
        for (let i = at; i < Math.min(from + count, at + 1_000); i++)
          pipeline.xadd(jobName, '*', 'uri', `r${i}`, 'data', record({ x: dense([2], value(i)) }));
        await pipeline.exec();
      }
    },
    delivered: async () => (await group())('entries-read'),
    async answered() {
      const of = await group();
      return of('entries-read') - of('pending');
    },
    async expectAllAnswered(count, deadlineMs = 60_000) {
      await eventually(
        'nothing is waiting or in hand',
        async () => {
          const of = await group();
          return of('pending') === 0 && of('lag') === 0;
        },
        deadlineMs,
      );
      for (let i = 0; i < count; i++)
        expect(await outputsOf(redis, jobName, `r${i}`)).toEqual([{ shape: [2], data: value(i) }]);
      expect(await redis.client.xlen(`${jobName}:dead`)).toBe(0);
    },
  };
}
