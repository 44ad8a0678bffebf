import { spawn, type ChildProcess } from 'node:child_process';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import type { FlinkJobRecord } from '../../schemas/jobEvents.ts';
import { flinkJobsKey } from '../../schemas/redis/redisKeys.ts';
import { eventually, startRedis, type TestRedis } from '../support/redis.ts';
import { openWorkshop, root, type Workshop } from '../support/serving.ts';

/** What a cluster's TaskManagers have logged, by their ids. */
type Logs = Map<string, string[]>;

let redis: TestRedis;
let shop: Workshop;
const servers: Server[] = [];
const children: ChildProcess[] = [];

/** As much of a Flink cluster as gives logs. @returns host:port */
async function cluster(logs: Logs): Promise<string> {
  const server = createServer((request, response) => {
    const taskManager = /^\/taskmanagers\/([^/]+)\/log$/.exec(request.url ?? '')?.[1];
    if (taskManager === undefined)
      response.end(JSON.stringify({ taskmanagers: [...logs.keys()].map((id) => ({ id })) }));
    else response.end((logs.get(taskManager) ?? []).join('\n'));
  });
  servers.push(server);
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return `127.0.0.1:${(server.address() as AddressInfo).port}`;
}

const line = (text: string) => `2026-01-02 03:04:05,678 INFO  cluster-serving.far  [] - ${text}`;

async function register(jobId: string, flinkRestUrl: string): Promise<void> {
  const record: FlinkJobRecord = {
    jobId: jobId.repeat(32),
    jobName: 'far',
    flinkRestUrl,
    parallelism: 1,
    configPath: '/c.yaml',
    configDigest: 'd',
    host: 'h',
    startedAt: Date.now(),
  };
  await redis.client.hset(flinkJobsKey, record.jobId, JSON.stringify(record));
}

beforeAll(async () => {
  redis = await startRedis();
  shop = openWorkshop();
});
afterAll(async () => {
  for (const child of children) child.kill('SIGKILL');
  await shop.close();
  for (const server of servers) {
    server.closeAllConnections();
    server.close();
  }
  await redis.stop();
});

test('what several TaskManagers of several clusters log is followed, each line once', async () => {
  const first: Logs = new Map([
    ['tm-1', [line('one')]],
    ['tm-2', [line('two')]],
  ]);
  const second: Logs = new Map([['tm-3', [line('three')]]]);
  await register('a', await cluster(first));
  await register('b', await cluster(second));
  const config = shop.config('far', `modelPath: model\njobName: far\nredisUrl: 127.0.0.1:${redis.port}\n`);

  const following = spawn(
    process.execPath,
    [join(root, 'bin', 'cluster-serving.cjs'), 'logs', 'far', '-f', '-c', config],
    { env: { ...process.env, CLUSTER_SERVING_STATE: shop.state }, stdio: ['ignore', 'pipe', 'ignore'] },
  );
  children.push(following);
  let output = '';
  following.stdout.on('data', (chunk: Buffer) => (output += chunk.toString()));
  const said = () => [...output.matchAll(/ - (.*)/g)].map(([, text]) => text);
  await eventually('what is there', () => Promise.resolve(said().length === 3));
  first.get('tm-1')?.push(line('four'));
  second.get('tm-3')?.push(line('five'));
  await eventually('what is new', () => Promise.resolve(said().length >= 5));
  first.get('tm-1')?.push(line('six'));
  await eventually('what is newer', () => Promise.resolve(said().length >= 6));
  expect(said().slice(0, 3).sort()).toEqual(['one', 'three', 'two']);
  expect(said().slice(3, 5).sort()).toEqual(['five', 'four']);
  expect(said().slice(5)).toEqual(['six']);
});
