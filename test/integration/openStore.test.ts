import { afterAll, afterEach, beforeAll, beforeEach, expect, test } from 'vitest';
import type { Registration } from '../../schemas/jobEvents.ts';
import { heartbeatKey, resultPrefix, runsKey } from '../../schemas/redis/redisKeys.ts';
import { openStore, openStoreLink } from '../../server/src/queue/openStore.ts';
import type { Store } from '../../server/src/queue/store.ts';
import { startRedis, type TestRedis } from '../support/redis.ts';

let redis: TestRedis;
let store: Store;
beforeAll(async () => {
  redis = await startRedis();
});
afterAll(() => redis.stop());
beforeEach(async () => {
  await redis.client.flushall();
  store = await openStore(address());
});
afterEach(() => store.close());

const address = () => ({ host: '127.0.0.1', port: redis.port, timeoutMs: 20_000 });

const registration: Registration = {
  ...{ workerId: 'here-12345678', jobName: 'digits', backend: 'embedded', host: 'here', pid: 1 },
  ...{ configPath: '/c.yaml', configDigest: '', logFile: '', startedAt: 1 },
};

test('a store that nothing listens for is refused with its code', async () => {
  await expect(openStore({ host: '127.0.0.1', port: 1, timeoutMs: 20_000 })).rejects.toMatchObject({
    code: 'redis-refused',
  });
});

test('workers that have beaten just now live, and none after that', async () => {
  expect(await store.registry.readLiving([])).toEqual([]);
  expect(await store.registry.readLiving([registration])).toEqual([]);
  await redis.client.set(heartbeatKey(registration.workerId), 'early');
  expect(await store.registry.readLiving([registration])).toEqual([registration]);
  expect(await store.registry.isServing(registration)).toBe(false);
  await store.registry.unregister(registration.workerId);
  expect(await store.registry.readLiving([registration])).toEqual([]);
});

test('unread results are counted for one job only, whatever its name holds', async () => {
  for (const name of ['a*', 'a[b]', 'ab']) await redis.client.hset(`${resultPrefix(name)}u`, 'value', 'x');
  expect(await store.queues.countResults('a*')).toBe(1);
  expect(await store.queues.countResults('a[b]')).toBe(1);
});

test('keys of others are all but an empty queue and its note', async () => {
  const id = await redis.client.xadd('digits', '*', 'uri', 'u');
  await redis.client.set(runsKey('digits'), 'x');
  expect(await store.server.countKeysOfOthers('digits')).toBe(1);
  await redis.client.xdel('digits', id ?? '');
  expect(await store.server.countKeysOfOthers('digits')).toBe(0);
  await redis.client.set('another', 'x');
  expect(await store.server.countKeysOfOthers('digits')).toBe(1);
});

test('the server says its process, and holds writes up until they are let through', async () => {
  const info = await redis.client.info('server');
  expect(info).toContain(`process_id:${await store.server.readProcess()}`);
  await store.server.pauseWrites(60_000);
  let written = false;
  const write = redis.client.set('k', 'v').then(() => (written = true));
  await store.server.readServerFacts();
  expect(written).toBe(false);
  await store.server.resumeWrites();
  expect(await write).toBe(true);
});

test('a link goes on over a new connection where the old one was cut', async () => {
  const link = openStoreLink(address());
  await link.run(({ server }) => server.tryWrite());
  await redis.client.call('CLIENT', 'KILL', 'TYPE', 'NORMAL', 'SKIPME', 'YES');
  await link.run(({ server }) => server.tryWrite()).catch(() => undefined);
  expect(await link.run(({ registry }) => registry.readRegistrations())).toEqual([]);
  link.close();
});

test('a server that is shut down is gone, and the next to ask is refused', async () => {
  await store.server.shutDown();
  await expect(openStore(address())).rejects.toMatchObject({ code: 'redis-refused' });
  await redis.start();
});
