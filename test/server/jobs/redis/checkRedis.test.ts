import { describe, expect, test } from 'vitest';
import {
  describeRedis,
  programsOf,
  requireEqualClocks,
  requireSoundRegistry,
  requireUsable,
} from '../../../../server/src/jobs/redis/checkRedis.ts';
import type { MissingRight } from '../../../../server/src/queue/redis/rights.ts';
import { createMemoryStore } from '../../../support/memoryServer.ts';

const address = { host: 'localhost', port: 6379, username: 'serving', timeoutMs: 1_000 };

describe('a Redis is usable', () => {
  const usable = (missing: readonly MissingRight[]) =>
    requireUsable(createMemoryStore({ missingRights: () => Promise.resolve(missing) }), address, 'digits', [
      'worker',
    ]);

  test('where its user may do all that is needed', async () => {
    await expect(usable([])).resolves.toBeUndefined();
  });

  test('and what its user may not do is named, with the line that grants it', async () => {
    const missing = [
      { command: 'multi', name: undefined },
      { command: 'xadd', name: 'digits' },
    ];
    await expect(usable(missing)).rejects.toMatchObject({
      code: 'redis-rights',
      message: expect.stringMatching(/"serving".*multi, xadd on "digits".*\nACL SETUSER serving/s) as string,
    });
  });

  test('but a list that would fill the terminal is cut, and says how much more there is', async () => {
    const missing = Array.from({ length: 9 }, (_, i) => ({ command: `c${i}`, name: undefined }));
    await expect(usable(missing)).rejects.toMatchObject({
      message: expect.stringContaining('c5, and 3 more') as string,
    });
  });

  test.each([
    ['redis-cluster', { version: '7.0.0', mode: 'cluster', isReplica: false }],
    ['redis-sentinel', { version: '7.0.0', mode: 'sentinel', isReplica: false }],
    ['redis-replica', { version: '7.0.0', mode: 'standalone', isReplica: true }],
    ['redis-too-old', { version: '6.0.9', mode: 'standalone', isReplica: false }],
  ] as const)('unless it is what %s says', async (code, facts) => {
    const store = createMemoryStore({ readServerFacts: () => Promise.resolve(facts) });
    await expect(requireUsable(store, address, 'digits', ['worker'])).rejects.toMatchObject({ code });
  });
});

test('the programs of a job are those asked for, and what reads the secrets that it needs', () => {
  const config = { modelEncrypted: true, recordEncrypted: false };
  expect(programsOf(config, ['worker'])).toEqual(['worker', 'modelSecret']);
  expect(programsOf({ modelEncrypted: false, recordEncrypted: true }, ['worker'])).toEqual([
    'worker',
    'recordSecret',
  ]);
});

test.each([
  ['without a limit', { maxBytes: 0, policy: 'allkeys-lru' }, /version 7\.2\.4$/],
  ['that refuses writes when it is full', { maxBytes: 1e6, policy: 'noeviction' }, /version 7\.2\.4$/],
  ['whose user may not ask for its memory', undefined, /were not looked at/],
])('a Redis %s is well', async (_, info, says) => {
  const store = createMemoryStore({ readMemoryInfo: () => Promise.resolve(info) });
  expect(await describeRedis(store, address)).toMatch(says);
});

test('a Redis that drops keys when it is full is not', async () => {
  const info = { maxBytes: 1e6, policy: 'allkeys-lru' };
  const store = createMemoryStore({ readMemoryInfo: () => Promise.resolve(info) });
  await expect(describeRedis(store, address)).rejects.toMatchObject({
    code: 'redis-failed',
    message: expect.stringContaining('maxmemory-policy noeviction') as string,
  });
});

test('what is no entry of the registry is named with the command that removes it', async () => {
  const store = createMemoryStore();
  expect(await requireSoundRegistry(store, address)).toContain('can be read');
  const broken = [
    { key: 'workers', field: 'x y' },
    { key: 'jobs', field: undefined },
  ];
  store.registry.readBrokenEntries = () => Promise.resolve(broken);
  await expect(requireSoundRegistry(store, address)).rejects.toMatchObject({
    message: expect.stringMatching(/hdel workers "x y"\njobs is not a hash: .* del jobs/) as string,
  });
});

test.each([
  [1_000, undefined],
  [90_000, '90 s ahead of'],
  [-3_600_000, '3600 s behind'],
])('a clock that is %d ms ahead', async (aheadMs, says) => {
  const store = createMemoryStore({ readClockAhead: () => Promise.resolve(aheadMs) });
  const checked = requireEqualClocks(store, address);
  if (says === undefined) expect(await checked).toContain('agree');
  else await expect(checked).rejects.toMatchObject({ message: expect.stringContaining(says) as string });
});
