import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import type { Heartbeat, Registration, ReloadRequest } from '../../../schemas/jobEvents.ts';
import { heartbeatIntervalMs } from '../../../schemas/redis/redisKeys.ts';
import { createLog } from '../../../server/src/engine/log.ts';
import { createVitalSigns, type VitalSigns } from '../../../server/src/engine/vitalSigns.ts';

const registration: Registration = {
  ...{
    workerId: 'here-12345678',
    jobName: 'digits',
    host: 'here',
    pid: 1,
    backend: 'embedded',
    startedAt: 0,
  },
  ...{ configPath: '/config.yaml', configDigest: '', logFile: '/log' },
};

/** A worker that has answered this many, by the store's count of what it does once a second. */
function createWorld() {
  const lines: string[] = [];
  const world = {
    lines,
    processed: 0,
    full: false,
    stopAsked: false,
    reloadAsked: undefined as ReloadRequest | undefined,
    aheadMs: 0,
    trims: 0,
    beats: [] as (string | undefined)[],
  };
  const signs = createVitalSigns({
    queue: {
      keepAlive: () => Promise.resolve(),
      trim() {
        world.trims += 1;
        return Promise.resolve();
      },
      renew(_, heartbeat) {
        world.beats.push(heartbeat && 'state' in heartbeat ? heartbeat.state : undefined);
        return Promise.resolve({ stop: world.stopAsked, reload: world.reloadAsked });
      },
      fail: () => Promise.resolve(),
      forget: () => Promise.resolve(),
      readSecret: () => Promise.resolve(undefined),
      isFull: () => Promise.resolve(world.full),
      get clockAheadMs() {
        return world.aheadMs;
      },
    },
    registration,
    onStopAsked: () => lines.push('stop'),
    onReloadAsked: ({ by }) => lines.push(`reload by ${by}`),
    log: createLog(({ level, message }) => void lines.push(`${level}: ${message}`)),
  });
  const heartbeat = (state: Heartbeat['state']) =>
    ({ state, processed: world.processed, expired: 0 }) as Heartbeat;
  return { world, signs, ready: () => signs.ready(heartbeat, registration) };
}

let open: VitalSigns | undefined;
beforeEach(() => {
  vi.useFakeTimers();
});
afterEach(async () => {
  await open?.end();
  vi.useRealTimers();
});

async function serving() {
  const { world, signs, ready } = createWorld();
  open = signs;
  await signs.start();
  await ready();
  /** @returns how many times the queue was trimmed within these beats */
  const beat = async (times: number) => {
    const before = world.trims;
    await vi.advanceTimersByTimeAsync(times * heartbeatIntervalMs);
    return world.trims - before;
  };
  return { world, signs, beat };
}

describe('a queue is trimmed', () => {
  test('with each beat while records are answered', async () => {
    const { world, beat } = await serving();
    for (let i = 1; i <= 3; i++) {
      world.processed += 10;
      expect(await beat(1)).toBe(1);
    }
  });

  test('now and then by a worker without work, for other groups may acknowledge later than it has answered', async () => {
    const { beat } = await serving();
    const trims = await beat(20);
    expect(trims).toBeGreaterThanOrEqual(3);
    expect(trims).toBeLessThan(10);
  });

  test('with each beat while Redis is full, though no record comes: clients wait for the room', async () => {
    const { world, beat } = await serving();
    world.full = true;
    await beat(5);
    expect(await beat(5)).toBe(5);
    world.full = false;
    await beat(5);
    expect(await beat(5)).toBeLessThan(5);
  });
});

test('a worker beats before it is ready, and says that Redis is full once', async () => {
  const { world, signs, ready } = createWorld();
  open = signs;
  await signs.start();
  expect(world.beats).toEqual([undefined]);
  world.full = true;
  await ready();
  await vi.advanceTimersByTimeAsync(12 * heartbeatIntervalMs);
  expect(new Set(world.beats.slice(1))).toEqual(new Set(['full']));
  expect(world.lines.filter((line) => line.includes('maxmemory'))).toHaveLength(1);
});

test('a clock that differs is reported once, and when it agrees again', async () => {
  const { world, beat } = await serving();
  world.aheadMs = 5_000;
  await beat(3);
  world.aheadMs = 0;
  await beat(3);
  expect(world.lines.map((line) => line.split(':')[0])).toEqual(['warn', 'info']);
});

test('a worker that is asked for a reload is asked once, and not while it stops', async () => {
  const { world, beat } = await serving();
  world.reloadAsked = { by: 'rollback', asked: 'an-id' };
  await beat(1);
  world.reloadAsked = undefined;
  await beat(1);
  expect(world.lines.filter((line) => line.startsWith('reload'))).toEqual(['reload by rollback']);
  world.stopAsked = true;
  world.reloadAsked = { by: 'command' };
  await beat(1);
  expect(world.lines.filter((line) => line.startsWith('reload'))).toHaveLength(1);
});

test('a worker that is asked to stop says so in its last beat', async () => {
  const { world, signs, beat } = await serving();
  world.stopAsked = true;
  await beat(1);
  expect(world.lines).toContain('stop');
  signs.stopping();
  await beat(1);
  expect(world.beats.at(-1)).toBe('stopping');
});
