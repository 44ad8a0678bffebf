import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Redis } from 'ioredis';
import { deadStream, resultPrefix, servingGroup } from '../../schemas/redis/redisKeys.ts';
import { startFrontend, type TestFrontend } from '../integration/httpSupport.ts';
import { eventually, startRedis, type TestRedis } from '../support/redis.ts';
import { models } from '../support/serving.ts';
import { connectClient } from './clients.ts';
import type { ForeignFact } from './history.ts';
import { openWire, type Wire } from './wire.ts';
import { createWorkerPool, type WorkerPool } from './workers.ts';

export const jobName = 'torture';
/** The workers and the frontend sign in as this user, so that its rights can be taken away alone. */
export const workerUser = 'serving';
export const claimIdleMs = 1_000;

/** All that is real: a Redis, workers, an HTTP frontend, and what belongs to others in the same Redis. */
export interface World {
  readonly redis: TestRedis;
  readonly pool: WorkerPool;
  readonly frontend: TestFrontend;
  readonly frontendWire: Wire;
  /** The clients' connection. */
  readonly client: Redis;
  /** Puts what belongs to others into Redis. */
  plantForeign(): Promise<void>;
  foreignFacts(): Promise<ForeignFact[]>;
  /** The `uri`s of the results that are there. */
  leftResults(): Promise<string[]>;
  /** Resolves when no record waits or is in flight. */
  settled(deadlineMs: number): Promise<void>;
  /** Removes the records and results that a round has left. */
  clear(): Promise<void>;
  /** Processes that ended by themselves. */
  crashes(): readonly string[];
  /** Every wire of the service. */
  wires(): readonly Wire[];
  close(): Promise<void>;
}

export async function openWorld(): Promise<World> {
  const folder = mkdtempSync(join(tmpdir(), 'cluster-serving-torture-'));
  const aclFile = join(folder, 'users.acl');
  writeFileSync(aclFile, `user default on nopass ~* &* +@all\nuser ${workerUser} on >torture ~* &* +@all\n`);
  // With `everysec` Redis answers for up to two seconds before it writes, where the disk is slow: then a kill takes records
  // that it has accepted.
  const redis = await startRedis('--appendfsync', 'always', '--aclfile', aclFile);
  const configFor = (port: number) =>
    [
      `modelPath: ${join(models, 'mlp')}`,
      `jobName: ${jobName}`,
      `redisUrl: 127.0.0.1:${port}`,
      `redisUsername: ${workerUser}`,
      'redisPassword: torture',
      'redisTimeout: 1000',
      `claimIdleMs: ${claimIdleMs}`,
      '',
    ].join('\n');
  const pool = createWorkerPool({ folder, redisPort: redis.port, configFor });
  await pool.fill(1);
  const frontendWire = await openWire(redis.port);
  const frontendConfig = join(folder, 'frontend.yaml');
  writeFileSync(frontendConfig, configFor(frontendWire.port));
  const frontend = await startFrontend('-c', frontendConfig, '--accessLog=false');
  const frontendCrashes: string[] = [];
  let isClosing = false;
  void frontend.ended.then((code) => {
    if (!isClosing) frontendCrashes.push(`the frontend ended with ${code}: ${frontend.output.slice(-500)}`);
  });
  const client = connectClient(redis.port);
  await eventually('the clients are connected', async () => (await client.ping().catch(() => '')) === 'PONG');

  return {
    redis,
    pool,
    frontend,
    frontendWire,
    client,
    plantForeign: () => plantForeign(client),
    foreignFacts: () => foreignFacts(client),
    async leftResults() {
      const prefix = resultPrefix(jobName);
      const keys = await redis.client.keys(`${prefix}*`);
      // The frontend's are asked for by itself, and left where its request had ended.
      return keys.map((key) => key.slice(prefix.length)).filter((uri) => !uri.startsWith('http-'));
    },
    async settled(deadlineMs) {
      await eventually(
        'nothing waits or is in flight',
        async () => {
          const groups = (await redis.client.xinfo('GROUPS', jobName).catch(() => [])) as unknown[][];
          const group = groups.find((one) => one[1] === servingGroup);
          if (!group) return false;
          const [pending] = (await redis.client.xpending(jobName, servingGroup)) as [number];
          const unread = await redis.client.xrange(jobName, `(${lastDelivered(group)}`, '+', 'COUNT', 1);
          return pending === 0 && unread.length === 0;
        },
        deadlineMs,
      );
    },
    async clear() {
      const keys = await redis.client.keys(`${resultPrefix(jobName)}*`);
      if (keys.length > 0) await redis.client.del(...keys);
      await redis.client.del(deadStream(jobName));
    },
    crashes: () => [...pool.crashes, ...frontendCrashes],
    wires: () => [frontendWire, ...pool.alive.map(({ wire }) => wire)],
    async close() {
      isClosing = true;
      client.disconnect();
      frontend.signal('SIGKILL');
      await frontend.ended;
      await frontendWire.close();
      await pool.close();
      await redis.stop();
      rmSync(folder, { recursive: true, force: true });
    },
  };
}

function lastDelivered(group: readonly unknown[]): string {
  return String(group[group.indexOf('last-delivered-id') + 1]);
}

/* Others' data in the same Redis: a key, results of another job, a stream with a group that has not read it all. */
const foreignKey = 'somebody:else';
const foreignHash = `${resultPrefix('another')}image`;
const foreignStream = 'another';
const foreignEntries = 20;

async function plantForeign(client: Redis): Promise<void> {
  await client.del(foreignKey, foreignHash, foreignStream);
  await client.set(foreignKey, 'kept');
  await client.hset(foreignHash, 'value', 'kept');
  for (let i = 0; i < foreignEntries; i++) await client.xadd(foreignStream, `${i + 1}-0`, 'uri', `f${i}`);
  await client.xgroup('CREATE', foreignStream, servingGroup, '5-0');
  await client.xreadgroup('GROUP', servingGroup, 'somebody', 'COUNT', 3, 'STREAMS', foreignStream, '>');
}

async function foreignFacts(client: Redis): Promise<ForeignFact[]> {
  const pending = (await client.xpending(foreignStream, servingGroup).catch(() => [0])) as [number];
  const found: readonly (readonly [string, unknown, unknown])[] = [
    [foreignKey, 'kept', await client.get(foreignKey)],
    [foreignHash, 'kept', await client.hget(foreignHash, 'value')],
    [`entries of ${foreignStream}`, foreignEntries, await client.xlen(foreignStream)],
    [`pending of ${foreignStream}`, 3, pending[0]],
  ];
  return found.map(([what, expected, now]) => ({ what, expected: String(expected), found: String(now) }));
}
