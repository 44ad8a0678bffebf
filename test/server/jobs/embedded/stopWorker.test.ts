import { mkdtempSync, rmSync } from 'node:fs';
import { hostname, tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import type { Registration } from '../../../../schemas/jobEvents.ts';
import { stopWorker } from '../../../../server/src/jobs/embedded/stopWorker.ts';
import { openStateFolder, type StateFolder } from '../../../../server/src/jobs/machine/stateFolder.ts';
import { createMemoryRegistry } from '../../../support/memoryRegistry.ts';

let folder: string;
let state: StateFolder;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'cluster-serving-stop-'));
  state = openStateFolder(folder);
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

/** A pid that no process has. */
const gone = 2 ** 30;

function worker(more: Partial<Registration>): Registration {
  return {
    ...{ workerId: 'here-12345678', jobName: 'digits', backend: 'embedded', host: hostname(), pid: gone },
    ...{ configPath: '/c.yaml', configDigest: '', logFile: '', startedAt: 1 },
    ...more,
  };
}

test('a worker on another machine is asked by a word in the registry, and forgotten once it is silent', async () => {
  const registration = worker({ host: 'elsewhere', pid: process.pid });
  const registry = createMemoryRegistry({ onAsked: (id, { living }) => living.delete(id) });
  registry.workers.set(registration.workerId, registration);
  registry.living.add(registration.workerId);
  const stopped = await stopWorker(state, registry, registration);
  expect(stopped).toEqual({ registration, forced: false, wasDead: false });
  expect(registry.asked).toEqual([registration.workerId]);
  expect(registry.workers.size).toBe(0);
});

test('a worker that has died here is not asked, and forgotten', async () => {
  const registration = worker({});
  const registry = createMemoryRegistry();
  registry.workers.set(registration.workerId, registration);
  state.saveJob({ ...registration, redis: { host: 'localhost', port: 1 } });
  expect(await stopWorker(state, registry, registration)).toMatchObject({ forced: false, wasDead: true });
  expect([registry.asked, registry.workers.size, state.jobs()]).toEqual([[], 0, []]);
});

test('without a registry the record of this machine is forgotten', async () => {
  const registration = worker({});
  state.saveJob({ ...registration, redis: { host: 'localhost', port: 1 } });
  expect(await stopWorker(state, undefined, registration)).toMatchObject({ wasDead: true });
  expect(state.jobs()).toEqual([]);
});

test('a registration with the pid of a process that is no worker ends nothing', async () => {
  // This process would not see the end of the test otherwise.
  const registration = worker({ pid: process.pid });
  const registry = createMemoryRegistry();
  registry.workers.set(registration.workerId, registration);
  expect(await stopWorker(state, registry, registration)).toMatchObject({ forced: false });
  expect(registry.workers.size).toBe(0);
});
