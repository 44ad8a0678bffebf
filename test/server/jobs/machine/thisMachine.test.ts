import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { chmodSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { hostname, tmpdir } from 'node:os';
import { delimiter, join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { bindAddresses, loopbackAddresses } from '../../../../server/src/jobs/machine/loopback.ts';
import { waitUntil } from '../../../../server/src/jobs/machine/processes.ts';
import { isProcessName, isRunning, thisProcess } from '../../../../server/src/jobs/machine/processName.ts';
import {
  findRedisServer,
  isThisMachine,
  managedRedis,
  pidFile,
  removeCrashedRedis,
} from '../../../../server/src/jobs/machine/redisServer.ts';
import { openStateFolder, type StateFolder } from '../../../../server/src/jobs/machine/stateFolder.ts';
import { stateFolderPath } from '../../../../server/src/jobs/machine/stateFolderPath.ts';

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'cluster-serving-machine-'));
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

describe('the name of a process', () => {
  test('means the process that has it, and no other of its number', () => {
    const own = thisProcess();
    expect(isRunning(own)).toBe(true);
    expect(isRunning({ ...own, began: `${own.began}0` })).toBe(false);
    expect(isRunning({ ...own, pid: 1 })).toBe(false);
    expect(isRunning({ ...own, pid: 2 ** 30 })).toBe(false);
  });

  test('of another boot or container says nothing', () => {
    expect(isRunning({ ...thisProcess(), space: 'elsewhere' })).toBeUndefined();
    expect(isRunning({ ...thisProcess(), space: '' })).toBeUndefined();
  });

  test('means nothing that runs, once the process has ended', async () => {
    const child = spawn(process.execPath, ['-e', 'setInterval(() => {}, 1000)']);
    const ended = once(child, 'exit');
    child.kill('SIGKILL');
    await ended;
    expect(isRunning({ ...thisProcess(), pid: child.pid ?? 0 })).toBe(false);
  });

  test.each<[unknown, boolean]>([
    [{ pid: 1, space: '', began: '' }, true],
    [{ pid: 1, space: 'a', began: 'b', more: 1 }, true],
    [{ pid: 0, space: '', began: '' }, false],
    [{ pid: -1, space: '', began: '' }, false],
    [{ pid: 1.5, space: '', began: '' }, false],
    [{ pid: NaN, space: '', began: '' }, false],
    [{ pid: '1', space: '', began: '' }, false],
    [{ pid: 1, space: 1, began: '' }, false],
    [{ pid: 1, space: '' }, false],
    [{}, false],
    [null, false],
    [undefined, false],
    ['a', false],
    [[1, '', ''], false],
  ])('%j is one: %s', (value, is) => {
    expect(isProcessName(value)).toBe(is);
  });
});

describe('loopback', () => {
  test.each([
    ['127.0.0.1', ['127.0.0.1']],
    ['127.1.2.3', ['127.1.2.3']],
    ['::1', ['::1']],
    // Any address of this machine is reached over loopback.
    ['0.0.0.0', ['127.0.0.1']],
    ['::', ['127.0.0.1']],
    ['128.0.0.1', undefined],
    ['10.0.0.1', undefined],
    ['::2', undefined],
    ['no-such-host.invalid', undefined],
    ['a b', undefined],
  ])('addresses of %s are %j', async (host, addresses) => {
    expect(await loopbackAddresses(host)).toEqual(addresses);
  });

  test.each(['127.0.0.1', '127.9.9.9', '10.0.0.1', 'no-such-host.invalid'])(
    'is all that a server for %s listens at, each address once',
    async (host) => {
      const addresses = await bindAddresses(host);
      expect(addresses.slice(0, 2)).toEqual(['127.0.0.1', '-::1']);
      const bare = addresses.map((address) => address.replace(/^-/, ''));
      expect(new Set(bare).size).toBe(bare.length);
      for (const address of bare) expect(address).toMatch(/^(?:127\.|::1$)/);
      // What was asked for must be there; what is only another name of the machine need not.
      expect(addresses.includes('127.9.9.9')).toBe(host === '127.9.9.9');
    },
  );

  test.each([
    ['localhost', true],
    ['127.0.0.1', true],
    ['127.8.8.8', true],
    ['::1', true],
    [hostname(), true],
    ['localhost.example', false],
    ['128.0.0.1', false],
    [`${hostname()}.example`, false],
    ['', false],
  ])('or the name of this machine is what %s is: %s', (host, is) => {
    expect(isThisMachine(host)).toBe(is);
  });
});

describe('redis-server', () => {
  function program(...path: readonly string[]): string {
    const file = join(folder, ...path, 'redis-server');
    mkdirSync(join(file, '..'), { recursive: true });
    writeFileSync(file, '');
    chmodSync(file, 0o755);
    return file;
  }

  test('is found on the PATH first, then below REDIS_HOME', () => {
    const [onPath, inSrc, atHome] = [program('bin'), program('home', 'src'), program('home')];
    const env = {
      PATH: ['', join(folder, 'none'), join(folder, 'bin')].join(delimiter),
      REDIS_HOME: join(folder, 'home'),
    };
    expect(findRedisServer(env)).toBe(onPath);
    expect(findRedisServer({ ...env, PATH: '' })).toBe(inSrc);
    rmSync(inSrc);
    expect(findRedisServer({ REDIS_HOME: env.REDIS_HOME })).toBe(atHome);
    expect(findRedisServer({})).toBeUndefined();
    expect(findRedisServer({ PATH: join(folder, 'none') })).toBeUndefined();
  });

  describe('that was started from here', () => {
    let state: StateFolder;
    beforeEach(() => {
      state = openStateFolder(join(folder, 'state'));
      mkdirSync(state.redisFolder(7), { recursive: true });
    });
    const data = () => join(state.redisFolder(7), 'dump.rdb');

    test.each([
      ['of another program', String(process.pid)],
      ['of none', String(2 ** 30)],
      ['of a group of processes', '-1'],
      ['of all processes', '0'],
      ['that is no number', 'x'],
      ['that is empty', ''],
    ])('does not run when its file has a number %s, and what it left is removed', (_, pid) => {
      writeFileSync(pidFile(state.redisFolder(7)), pid);
      writeFileSync(data(), '');
      expect(managedRedis(state, 7)).toBeUndefined();
      removeCrashedRedis(state, 7);
      expect(() => rmSync(data())).toThrow(/ENOENT/);
    });

    test('and stopped with its data kept is not taken for one that crashed', () => {
      writeFileSync(data(), 'kept');
      expect(managedRedis(state, 7)).toBeUndefined();
      removeCrashedRedis(state, 7);
      removeCrashedRedis(state, 8);
      rmSync(data());
    });
  });
});

test('the state folder is where the environment says, else where the platform keeps state', () => {
  expect(stateFolderPath({ CLUSTER_SERVING_STATE: '/s', XDG_STATE_HOME: '/x' })).toBe('/s');
  expect(stateFolderPath({ XDG_STATE_HOME: '/x' })).toBe(join('/x', 'cluster-serving'));
  expect(stateFolderPath({ CLUSTER_SERVING_STATE: '' })).toMatch(/[\\/]cluster-serving$/);
  expect(stateFolderPath({})).not.toBe('cluster-serving');
});

describe('a wait for a condition', () => {
  test('ends as soon as it holds, and is asked at least once', async () => {
    let asked = 0;
    expect(await waitUntil(() => ++asked === 3, 60_000)).toBe(true);
    expect(asked).toBe(3);
    expect(await waitUntil(() => Promise.resolve(true), 0)).toBe(true);
    expect(await waitUntil(() => false, 0)).toBe(false);
    expect(await waitUntil(() => false, -1)).toBe(false);
  });

  test('fails as the condition does', async () => {
    await expect(waitUntil(() => Promise.reject(new Error('away')), 60_000)).rejects.toThrow('away');
  });
});
