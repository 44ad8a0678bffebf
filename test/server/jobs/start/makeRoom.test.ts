import { mkdtempSync, rmSync } from 'node:fs';
import { hostname, tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect, test } from 'vitest';
import type { Registration } from '../../../../schemas/jobEvents.ts';
import { startLimits } from '../../../../schemas/startLimits.ts';
import { openStateFolder } from '../../../../server/src/jobs/machine/stateFolder.ts';
import { makeRoom } from '../../../../server/src/jobs/start/makeRoom.ts';
import { readConfig } from '../../../../server/src/config/readConfig.ts';
import { configDigest } from '../../../../server/src/queue/registry/workerRegistry.ts';
import { createMemoryRegistry } from '../../../support/memoryRegistry.ts';

const folder = mkdtempSync(join(tmpdir(), 'room-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const { config } = readConfig('modelPath: /models/digits\njobName: digits\n');
if (!config) throw new Error('The config of the test is none.');
const loaded = { path: join(folder, 'config.yaml'), folder, config, warnings: [] };
const state = openStateFolder(join(folder, 'state'));
/** A pid that no process has. */
const gone = 2 ** 30;
const old = Date.now() - startLimits.readyMs - 60_000;

/** A registry without heartbeats: what is in it is silent. */
function registryOf(...workers: readonly Partial<Registration>[]) {
  const registry = createMemoryRegistry();
  workers.forEach((more, i) => {
    const workerId = more.workerId ?? `worker-${i}`;
    registry.workers.set(workerId, {
      ...{
        workerId,
        jobName: 'digits',
        backend: 'embedded',
        host: 'elsewhere',
        pid: 7,
        startedAt: Date.now(),
      },
      ...{ configPath: '/c.yaml', configDigest: configDigest(loaded.config), logFile: '' },
      ...more,
    });
  });
  return registry;
}

const start = { state, loaded, workers: undefined, foreground: false };

test('a start has room where no worker has its job', async () => {
  const registry = registryOf({ jobName: 'letters' });
  await makeRoom(registry, start, 'redis');
  expect(registry.workers.size).toBe(1);
});

test('a worker of this machine whose process has gone makes room', async () => {
  const registry = registryOf({ host: hostname(), pid: gone, workerId: 'died' });
  await makeRoom(registry, { ...start, workers: 1 }, 'redis');
  expect(registry.workers.size).toBe(0);
});

test('the same config on another machine joins, another config is refused', async () => {
  await makeRoom(registryOf({}), start, 'redis');
  const other = registryOf({ configDigest: 'another' });
  await expect(makeRoom(other, start, 'redis')).rejects.toMatchObject({ code: 'job-running' });
  await makeRoom(other, { ...start, workers: 1 }, 'redis');
  expect(other.workers.size).toBe(1);
});

test('a container takes note of one that was killed under another name, and of no other', async () => {
  const registry = registryOf(
    { workerId: 'pod-killed', startedAt: old },
    { workerId: 'pod-starting' },
    { workerId: 'other-job', jobName: 'letters', startedAt: old },
  );
  await makeRoom(registry, { ...start, workers: 1, foreground: true }, 'redis');
  expect([...registry.workers.keys()]).toEqual(['pod-starting', 'other-job']);
});

test('a start by hand leaves what is silent elsewhere in the list, where people see that it failed', async () => {
  const registry = registryOf({ startedAt: old }, {});
  await makeRoom(registry, { ...start, workers: 1 }, 'redis');
  expect(registry.workers.size).toBe(2);
});
