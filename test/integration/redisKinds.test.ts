import { spawn, type ChildProcess } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Redis } from 'ioredis';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { eventually, freePort, startRedis, type TestRedis } from '../support/redis.ts';
import { models, openWorkshop, type Workshop } from '../support/serving.ts';

let primary: TestRedis;
let replica: TestRedis;
let shop: Workshop;
const folder = mkdtempSync(join(tmpdir(), 'cluster-serving-kinds-'));
const processes: ChildProcess[] = [];
const ports: Record<string, number> = {};

/** Three nodes with a third of the slots each. */
async function startCluster(): Promise<readonly number[]> {
  const nodes = await Promise.all(
    [0, 1, 2].map((i) => startRedis('--cluster-enabled', 'yes', '--cluster-config-file', `nodes-${i}.conf`)),
  );
  const clients = nodes.map(({ client }) => client);
  await Promise.all(
    clients.map((client, i) =>
      client.call(
        'CLUSTER',
        'ADDSLOTSRANGE',
        Math.ceil((16_384 * i) / 3),
        Math.ceil((16_384 * (i + 1)) / 3) - 1,
      ),
    ),
  );
  for (const { port } of nodes.slice(1)) await clients[0]?.call('CLUSTER', 'MEET', '127.0.0.1', port);
  for (const client of clients)
    await eventually('the cluster is one', async () =>
      String(await client.call('CLUSTER', 'INFO')).includes('cluster_state:ok'),
    );
  closers.push(...nodes.map((node) => () => node.stop()));
  return nodes.map(({ port }) => port);
}
const closers: (() => Promise<void>)[] = [];

async function startSentinel(watched: number): Promise<number> {
  const port = await freePort();
  const file = join(folder, 'sentinel.conf');
  writeFileSync(
    file,
    `port ${port}\nbind 127.0.0.1\ndir ${folder}\nsentinel monitor main 127.0.0.1 ${watched} 1\n`,
  );
  processes.push(spawn('redis-server', [file, '--sentinel'], { stdio: 'ignore' }));
  const client = new Redis({ port, host: '127.0.0.1' });
  client.on('error', () => undefined);
  await eventually('it answers', async () => (await client.ping().catch(() => '')) === 'PONG');
  client.disconnect();
  return port;
}

beforeAll(async () => {
  shop = openWorkshop();
  primary = await startRedis();
  replica = await startRedis('--replicaof', '127.0.0.1', String(primary.port));
  await eventually('it follows', async () =>
    (await replica.client.info('replication')).includes('master_link_status:up'),
  );
  const [node = 0] = await startCluster();
  Object.assign(ports, { replica: replica.port, sentinel: await startSentinel(primary.port), cluster: node });
});
afterAll(async () => {
  await shop.close();
  for (const child of processes) child.kill('SIGKILL');
  await Promise.all(closers.map((close) => close()));
  await replica.stop();
  await primary.stop();
  rmSync(folder, { recursive: true, force: true });
});

describe.each([
  ['replica', /is a replica, which takes no writes.*primary/],
  ['sentinel', /is a Redis Sentinel.*sentinel masters/],
  ['cluster', /is a node of a Redis Cluster.*without cluster mode/],
])('a redisUrl that leads to a %s', (kind, says) => {
  const names = kind === 'cluster' ? ['digits', '{digits}'] : ['digits'];

  test.each(names)('is named in a sentence by the start and the doctor, for the job %s', async (jobName) => {
    const path = shop.config(
      kind,
      `modelPath: ${join(models, 'mlp')}\njobName: "${jobName}"\nredisUrl: 127.0.0.1:${ports[kind] ?? 0}\n`,
    );
    const start = await shop.cli('start', '-c', path);
    expect([start.code, start.stderr.trim()]).toEqual([1, expect.stringMatching(says)]);
    expect(start.stderr).not.toMatch(/MOVED|READONLY|unknown command|\n {4}at /);
    const doctor = await shop.cli('doctor', '-c', path);
    expect([doctor.code, doctor.stdout]).toEqual([1, expect.stringMatching(says)]);
  });
});
