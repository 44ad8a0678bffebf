import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { mkdirSync, symlinkSync, writeFileSync } from 'node:fs';
import { hostname } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { Registration } from '../../schemas/jobEvents.ts';
import { frontendsKey, workersKey } from '../../schemas/redis/redisKeys.ts';
import { eventually, startRedis, type TestRedis } from '../support/redis.ts';
import { models, openWorkshop, type Workshop } from '../support/serving.ts';

/* A client that may write to Redis, as every client may, and is not the operator of this machine. */

let redis: TestRedis;
let shop: Workshop;
let config: string;
let bystander: ChildProcess;
let secret: string;

/** Ends lines, clears and titles the terminal, turns its text around. */
const hostile =
  'n\n2026-01-01T00:00:00.000Z ERROR forged\r\u001b]0;title\u0007\u001b[2J\u009b31m\u202e\u2066\u2028';

function registration(workerId: string, more: Partial<Registration>): string {
  const entry: Registration = {
    workerId,
    jobName: 'foreign',
    backend: 'embedded',
    host: hostname(),
    pid: bystander.pid ?? 0,
    configPath: secret,
    configDigest: '',
    logFile: secret,
    startedAt: Date.now(),
    ...more,
  };
  return JSON.stringify(entry);
}

beforeAll(async () => {
  redis = await startRedis();
  shop = openWorkshop();
  config = shop.config(
    'job',
    `modelPath: ${join(models, 'echo')}\njobName: job\nredisUrl: 127.0.0.1:${redis.port}\nmaxDeliveries: 1\n`,
  );
  await shop.must('start', '-c', config);
  // Its arguments hold all that a look for parts of them would find.
  const words = ['engine.mjs --worker foreign-0a1b2c3d', 'foreign-0a1b2c3d', `:${redis.port}`];
  bystander = spawn(process.execPath, ['-e', 'setInterval(() => {}, 1e6)', ...words]);
  await once(bystander, 'spawn');
  secret = join(shop.folder, 'secret.txt');
  writeFileSync(secret, 'the secret of this machine\n');
});
afterAll(async () => {
  bystander.kill('SIGKILL');
  await shop.close();
  await redis.stop();
});

describe('names that were written into Redis', () => {
  beforeAll(async () => {
    await redis.client.xadd('job', '*', 'uri', hostile, 'data', hostile, 'serde', hostile);
    await eventually('the letter', async () => (await redis.client.xlen('job:dead')) > 0);
    await redis.client.xadd('job', '*', 'uri', hostile, 'data', 'AAAA');
    await eventually('two letters', async () => (await redis.client.xlen('job:dead')) > 1);
    const names = {
      jobName: hostile,
      host: hostile,
      configPath: hostile,
      logFile: hostile,
      failure: hostile,
    };
    await redis.client.hset(workersKey, 'w', registration('w', names));
    await redis.client.xadd(hostile, '*', 'uri', hostile, 'data', 'x');
    await redis.client.xgroup('CREATE', hostile, hostile, '0');
    await redis.client.xreadgroup('GROUP', hostile, hostile, 'COUNT', 1, 'STREAMS', hostile, '>');
    const beat = {
      frontendId: 'f',
      url: hostile,
      host: hostile,
      pid: 1,
      startedAt: 1,
      jobNames: ['job', hostile],
    };
    await redis.client.hset(frontendsKey, 'f', `${Date.now() + 600_000} ${JSON.stringify(beat)}`);
  });
  afterAll(async () => {
    await redis.client.hdel(workersKey, 'w');
    await redis.client.hdel(frontendsKey, 'f');
    await redis.client.del(hostile);
  });

  test.each<readonly [string, readonly string[]]>([
    ['list', ['list']],
    ['list for programs', ['list', '--json']],
    ['status', ['status']],
    ['status of a hostile name', ['status', hostile]],
    ['status for programs', ['status', '--json']],
    ['status of what is not known', ['status', `no${hostile}`]],
    ['the same for programs', ['status', `no${hostile}`, '--json']],
    ['logs', ['logs']],
    ['logs of a hostile name', ['logs', hostile]],
    ['queue list', ['queue', 'list', hostile]],
    ['queue list for programs', ['queue', 'list', hostile, '--json']],
    ['queue waiting', ['queue', 'waiting', hostile]],
    ['queue pending', ['queue', 'pending', hostile]],
    ['queue dead', ['queue', 'dead', 'job']],
    ['queue dead for programs', ['queue', 'dead', 'job', '--json']],
    ['queue peek', ['queue', 'peek', hostile]],
    ['queue peek at dead letters', ['queue', 'peek', 'job', '--dead']],
    ['the same for programs', ['queue', 'peek', 'job', '--dead', '--json']],
    ['queue requeue of what is none', ['queue', 'requeue', hostile, '1-1']],
    ['queue kill of what is none', ['queue', 'kill', hostile, '1-1']],
    ['queue send-test to an unknown job', ['queue', 'send-test', hostile]],
    ['stop of what is not known', ['stop', `no${hostile}`]],
    ['stop of an unknown frontend', ['stop', '--http', `no${hostile}`]],
    ['lint of a hostile path', ['lint', hostile]],
    ['doctor', ['doctor']],
    ['a wrong use', ['queue', 'peek', '--redis', hostile]],
  ])('do not act on a terminal: %s', async (_name, args) => {
    const { stdout, stderr } = await shop.cli(...args, ...(args[0] === 'lint' ? [] : ['-c', config]));
    const lines = `${stdout}${stderr}`.split('\n');
    expect(lines.join('')).not.toBe('');
    expect(lines.join('')).not.toMatch(/[\p{Cc}\p{Zl}\p{Zp}\p{Bidi_Control}]/u);
    expect(lines.filter((line) => line.startsWith('2026-01-01'))).toEqual([]);
    if (args.includes('--json'))
      for (const line of stdout.trim().split('\n')) expect(() => JSON.parse(line) as unknown).not.toThrow();
  });
});

describe('a registration that anyone may write', () => {
  const isAlive = () => bystander.exitCode === null && bystander.signalCode === null;

  test.each<readonly [string, string, Partial<Registration>]>([
    ['its own form of id', 'foreign-0a1b2c3d', {}],
    ['an id that is a word of many commands', 'node', {}],
    ['an option as its id', '-e', {}],
    ['a path as its id', '../../secret', {}],
    ['the pid of a group', 'foreign-0a1b2c3d', { pid: -1 }],
  ])('ends no process that is no worker of its id: %s', async (_name, workerId, more) => {
    await redis.client.hset(workersKey, workerId, registration(workerId, more));
    // One that cannot be a worker's is no job at all.
    await shop.cli('stop', 'foreign', '-c', config);
    expect(isAlive()).toBe(true);
    await redis.client.hdel(workersKey, workerId);
    expect((await shop.jobs(config)).map(({ jobName }) => jobName)).toEqual(['job']);
  });

  test('cannot claim another job for a worker that this machine has on record', async () => {
    const [job] = await shop.jobs(config);
    const worker = job?.workers[0]?.registration as Registration;
    await redis.client.hset(workersKey, worker.workerId, JSON.stringify({ ...worker, jobName: 'foreign' }));
    expect((await shop.cli('stop', 'foreign', '-c', config)).code).toBe(1);
    expect(() => process.kill(worker.pid, 0)).not.toThrow();
    await redis.client.hset(workersKey, worker.workerId, JSON.stringify(worker));
  });

  test('shows no file but a log', async () => {
    const link = join(shop.state, 'logs', 'link.log');
    symlinkSync(secret, link);
    mkdirSync(join(shop.state, 'logs', 'folder.log'));
    const up = join(shop.state, 'logs', '..', '..', 'secret.txt');
    for (const logFile of [secret, link, up, join(shop.state, 'logs', 'folder.log'), '/proc/self/environ']) {
      await redis.client.hset(workersKey, 'reader', registration('reader', { jobName: 'foreign', logFile }));
      const { code, stdout, stderr } = await shop.cli('logs', 'foreign', '-c', config);
      expect(code).toBe(1);
      expect(`${stdout}${stderr}`).not.toMatch(/secret of this machine|PATH=/);
      // What the editor opens is what this names.
      expect(await shop.cli('logs', 'foreign', '--files', '-c', config)).toMatchObject({
        code: 1,
        stdout: '',
      });
    }
    await redis.client.hdel(workersKey, 'reader');
    expect(await shop.must('logs', 'job', '-c', config)).toContain('ready: job job');
    const [job] = await shop.jobs(config);
    const logs = await shop.must('logs', 'job', '--files', '-c', config);
    expect(logs).toBe(`${job?.workers[0]?.registration.logFile ?? ''}\n`);
  });

  test('makes no program read a device or a pipe that it calls a config', async () => {
    for (const configPath of ['/dev/zero', '/dev/tty', '/dev/stdin']) {
      await redis.client.hset(workersKey, 'reader', registration('reader', { configPath, logFile: '' }));
      await shop.must(
        'queue',
        'peek',
        'foreign',
        '-c',
        join(shop.folder, 'none.yaml'),
        '--redis',
        `127.0.0.1:${redis.port}`,
      );
    }
    await redis.client.hdel(workersKey, 'reader');
  });
});
