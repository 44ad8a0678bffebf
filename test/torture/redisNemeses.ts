import { mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { servingGroup } from '../../schemas/redis/redisKeys.ts';
import { freePort, eventually, type TestRedis } from '../support/redis.ts';
import { pause } from './clients.ts';
import { faultMs, type Nemesis } from './nemesis.ts';
import { jobName, workerUser } from './world.ts';

/** A fault that one command of the operator begins and another ends. */
function setting(name: string, begin: readonly string[], end: readonly string[]): Nemesis {
  const send = (redis: TestRedis, [command = '', ...args]: readonly string[]) =>
    redis.client.call(command, ...args);
  return {
    name,
    async run({ world }) {
      await send(world.redis, begin);
      await pause(faultMs);
      await send(world.redis, end);
    },
  };
}

/** A fault of the network between the service and Redis; the clients keep their way. */
const networkNemeses: readonly Nemesis[] = [
  {
    name: 'black hole',
    async run({ world, random }) {
      const wires = world.wires();
      for (const wire of wires) wire.blackHole(true);
      await pause(random.between(300, 2_500));
      // What was swallowed is missing on a connection that goes on: as after a hole in a real network, it is cut.
      for (const wire of wires) {
        wire.reset();
        wire.blackHole(false);
      }
    },
  },
  {
    name: 'reset of all connections',
    async run({ world, random }) {
      for (let i = random.between(1, 4); i > 0; i--) {
        for (const wire of world.wires()) wire.reset();
        await pause(random.between(0, 100));
      }
    },
  },
];

export const redisNemeses: readonly Nemesis[] = [
  {
    name: 'kill -9 Redis',
    async run({ world: { redis } }) {
      await redis.kill();
      await redis.start();
    },
  },
  {
    name: 'kill -9 Redis, its data gone',
    async run({ world, lost }) {
      await world.redis.kill();
      rmSync(join(world.redis.folder, 'appendonlydir'), { recursive: true, force: true });
      lost();
      await world.redis.start();
      await eventually(
        'the clients are back',
        async () => (await world.client.ping().catch(() => '')) === 'PONG',
      );
      await world.plantForeign();
    },
  },
  {
    name: 'freeze Redis',
    async run({ world: { redis }, random }) {
      redis.signal('SIGSTOP');
      await pause(random.between(300, 2_500));
      redis.signal('SIGCONT');
    },
  },
  ...networkNemeses,
  {
    name: 'CLIENT KILL',
    async run({ world: { redis } }) {
      await redis.client.call('CLIENT', 'KILL', 'TYPE', 'NORMAL', 'SKIPME', 'YES');
    },
  },
  {
    name: 'READONLY',
    async run({ world: { redis } }) {
      await redis.client.call('REPLICAOF', '127.0.0.1', String(await freePort()));
      await pause(faultMs);
      await redis.client.call('REPLICAOF', 'NO', 'ONE');
    },
  },
  setting('OOM', ['CONFIG', 'SET', 'maxmemory', '1'], ['CONFIG', 'SET', 'maxmemory', '0']),
  setting(
    'NOREPLICAS',
    ['CONFIG', 'SET', 'min-replicas-to-write', '1'],
    ['CONFIG', 'SET', 'min-replicas-to-write', '0'],
  ),
  {
    name: 'MISCONF',
    async run({ world: { redis } }) {
      // A folder of the file's name: the snapshot cannot be moved there.
      const inTheWay = join(redis.folder, 'dump.rdb');
      rmSync(inTheWay, { force: true });
      mkdirSync(inTheWay);
      writeFileSync(join(inTheWay, 'in the way'), '');
      await redis.client.config('SET', 'save', '3600 1000000');
      await saved(redis, 'err');
      await pause(faultMs);
      rmSync(inTheWay, { recursive: true });
      await saved(redis, 'ok');
      await redis.client.config('SET', 'save', '');
    },
  },
  ...['-hset', '-evalsha', '-xreadgroup', '-xack', '-@write', '-ping'].map((right) =>
    setting(`ACL ${right}`, ['ACL', 'SETUSER', workerUser, right], ['ACL', 'SETUSER', workerUser, '+@all']),
  ),
  setting('ACL off', ['ACL', 'SETUSER', workerUser, 'off'], ['ACL', 'SETUSER', workerUser, 'on']),
  {
    name: 'SCRIPT FLUSH',
    async run({ world: { redis } }) {
      for (let i = 0; i < 5; i++) await redis.client.script('FLUSH');
    },
  },
  {
    name: 'FLUSHALL',
    async run({ world, lost }) {
      await world.redis.client.flushall();
      lost();
      await world.plantForeign();
    },
  },
  {
    name: 'XGROUP DESTROY',
    async run({ world: { redis }, random }) {
      for (let i = random.between(1, 3); i > 0; i--) {
        await redis.client.xgroup('DESTROY', jobName, servingGroup);
        await pause(random.between(0, 100));
      }
    },
  },
];

async function saved(redis: TestRedis, status: 'ok' | 'err'): Promise<void> {
  await eventually(`a snapshot ends with ${status}`, async () => {
    await redis.client.call('BGSAVE').catch(() => undefined);
    const info = await redis.client.info('persistence');
    return info.includes('rdb_bgsave_in_progress:0') && info.includes(`rdb_last_bgsave_status:${status}`);
  });
}
