import { hostname } from 'node:os';
import { describe, expect, test } from 'vitest';
import type { Registration } from '../../../../schemas/jobEvents.ts';
import { thisProcess } from '../../../../server/src/jobs/machine/processName.ts';
import { holdStart } from '../../../../server/src/jobs/start/holdStart.ts';
import { createMemoryRegistry } from '../../../support/memoryRegistry.ts';

const started = 1_000;
/** A pid that no process has. */
const gone = 2 ** 30;

function lockOf(more: object = {}): string {
  return JSON.stringify({ ...thisProcess(), host: hostname(), since: started, ...more });
}

function registration(workerId: string, more: Partial<Registration> = {}): Registration {
  return {
    ...{ workerId, jobName: 'digits', backend: 'embedded', host: hostname(), pid: gone },
    ...{ configPath: '/c.yaml', configDigest: '', logFile: '', startedAt: started + 1 },
    ...more,
  };
}

test('a start holds the lock of its job until it releases it', async () => {
  const registry = createMemoryRegistry();
  const held = await holdStart(registry, 'digits');
  expect(registry.locks.has('digits')).toBe(true);
  held.requireHeld();
  await held.release();
  expect(registry.locks.size).toBe(0);
});

test('a start whose lock another has taken meanwhile does not go on, and leaves that lock', async () => {
  const registry = createMemoryRegistry();
  const held = await holdStart(registry, 'digits');
  registry.locks.set('digits', lockOf());
  expect(() => held.requireHeld()).toThrow(expect.objectContaining({ code: 'job-running' }));
  await held.release();
  expect(registry.locks.has('digits')).toBe(true);
});

test.each([
  ['lives', {}],
  ['runs on another machine', { host: 'elsewhere', pid: gone }],
])('the lock of a start that %s is respected', async (_, more) => {
  const registry = createMemoryRegistry();
  const lock = lockOf(more);
  registry.locks.set('digits', lock);
  await expect(holdStart(registry, 'digits')).rejects.toMatchObject({ code: 'job-running' });
  expect(registry.locks.get('digits')).toBe(lock);
});

test('a lock that says nothing of its start is respected', async () => {
  const registry = createMemoryRegistry();
  registry.locks.set('digits', 'no lock');
  await expect(holdStart(registry, 'digits')).rejects.toMatchObject({ code: 'job-running' });
});

test('the lock of a start that was killed here is taken, and what it left is forgotten, but nothing else', async () => {
  const registry = createMemoryRegistry();
  registry.locks.set('digits', lockOf({ pid: gone }));
  const others = [
    registration('before', { startedAt: started - 1 }),
    registration('elsewhere', { host: 'elsewhere' }),
    registration('other', { jobName: 'letters' }),
  ];
  for (const one of [...others, registration('left')]) registry.workers.set(one.workerId, one);
  const ready = registration('ready');
  registry.workers.set('ready', ready);
  registry.living.add('ready');
  const held = await holdStart(registry, 'digits');
  held.requireHeld();
  expect([...registry.workers.keys()]).toEqual(['before', 'elsewhere', 'other', 'ready']);
});

describe('a start that waits for its turn', () => {
  const busy = lockOf({ host: 'elsewhere' });

  test('says so once, and takes the lock when the other start is over', async () => {
    const registry = createMemoryRegistry();
    registry.locks.set('digits', busy);
    const warnings: string[] = [];
    const held = await holdStart(registry, 'digits', {
      signal: new AbortController().signal,
      onWarning(warning) {
        warnings.push(warning);
        registry.locks.delete('digits');
      },
    });
    held.requireHeld();
    expect(warnings).toHaveLength(1);
    expect(warnings[0]).toContain('elsewhere');
  });

  test('ends when it is cancelled, and leaves the lock of the other', async () => {
    const registry = createMemoryRegistry();
    registry.locks.set('digits', busy);
    const cancel = new AbortController();
    const waiting = holdStart(registry, 'digits', { signal: cancel.signal, onWarning: () => cancel.abort() });
    await expect(waiting).rejects.toMatchObject({ code: 'job-failed' });
    expect(registry.locks.get('digits')).toBe(busy);
  });

  test('says nothing where none is in its way', async () => {
    const registry = createMemoryRegistry();
    const warnings: string[] = [];
    const { signal } = new AbortController();
    await holdStart(registry, 'digits', { signal, onWarning: (warning) => void warnings.push(warning) });
    expect(warnings).toEqual([]);
  });
});
