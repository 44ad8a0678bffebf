import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, readFileSync, readdirSync, symlinkSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { Redis } from 'ioredis';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { eventually, freePort, startRedis } from '../support/redis.ts';
import { models, openWorkshop, root, type Workshop } from '../support/serving.ts';

let shop: Workshop;
let port: number;
beforeEach(async () => {
  shop = openWorkshop();
  port = await freePort();
});
afterEach(() => shop.close());

const mlp = (jobName: string, more = '', host = '127.0.0.1') =>
  shop.config(
    jobName,
    `modelPath: ${join(models, 'mlp')}\njobName: ${jobName}\nredisUrl: ${host}:${port}\n${more}`,
  );
const folder = () => join(shop.state, `redis-${port}`);
const redisPid = () => Number(readFileSync(join(folder(), 'redis.pid'), 'utf8'));

/** Every process that was started with a word among its arguments. */
function processesWith(word: string): number[] {
  return readdirSync('/proc')
    .filter((name) => /^\d+$/.test(name))
    .filter((pid) => {
      try {
        return readFileSync(`/proc/${pid}/cmdline`, 'utf8').includes(word);
      } catch {
        return false;
      }
    })
    .map(Number);
}

interface Running {
  readonly child: ChildProcess;
  readonly ended: Promise<{ readonly code: number | null; readonly stdout: string; readonly stderr: string }>;
  /** Waits until the start has said that it is at this step. */
  at(step: string): Promise<unknown>;
}

function start(config: string, env: Readonly<Record<string, string>> = {}): Running {
  const child = spawn(
    process.execPath,
    [join(root, 'bin', 'cluster-serving.cjs'), 'start', '-c', config, '--json'],
    { env: { ...process.env, CLUSTER_SERVING_STATE: shop.state, ...env }, stdio: ['ignore', 'pipe', 'pipe'] },
  );
  let stdout = '';
  let stderr = '';
  child.stdout.on('data', (chunk: Buffer) => (stdout += chunk.toString()));
  child.stderr.on('data', (chunk: Buffer) => (stderr += chunk.toString()));
  return {
    child,
    ended: once(child, 'close').then(([code]) => ({ code: code as number | null, stdout, stderr })),
    at: (step) =>
      eventually(`the step ${step}`, () => Promise.resolve(stdout.includes(`"step":"${step}"`)), 40_000),
  };
}

async function withRedis<T>(use: (redis: Redis) => Promise<T>): Promise<T> {
  const redis = new Redis({ port, host: '127.0.0.1', protocol: 2 });
  try {
    return await use(redis);
  } finally {
    redis.disconnect();
  }
}

/** Keeps the worker of a start from becoming ready. */
async function stopWorker(starting: Running): Promise<{ readonly pid: number; readonly workerId: string }> {
  await starting.at('redis');
  return eventually('the worker', () => {
    for (const pid of processesWith('engine.mjs').filter((each) => parentOf(each) === starting.child.pid)) {
      const workerId = /--worker\0([^\0]+)/.exec(readFileSync(`/proc/${pid}/cmdline`, 'utf8'))?.[1];
      if (workerId === undefined) continue;
      process.kill(pid, 'SIGSTOP');
      return Promise.resolve({ pid, workerId });
    }
    return Promise.resolve(undefined);
  });
}

function parentOf(pid: number): number | undefined {
  try {
    return Number(/^PPid:\s*(\d+)/m.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))?.[1]);
  } catch {
    return undefined;
  }
}

describe('two starts on a port where no Redis is', () => {
  test.each([1, 2, 3])(
    'both succeed at once and share the Redis that one has started (trial %i)',
    async () => {
      const starts = [start(mlp('one')), start(mlp('two'))];
      const ends = await Promise.all(starts.map(({ ended }) => ended));
      expect(ends.map(({ code }) => code)).toEqual([0, 0]);
      expect(processesWith(`:${port}`)).toEqual([redisPid()]);
      expect(ends.filter(({ stdout }) => stdout.includes('"startedRedis":true'))).toHaveLength(1);
      expect(existsSync(join(shop.state, `redis-${port}.lock`))).toBe(false);
    },
  );

  test('a cancelled one leaves the Redis that the other uses by now, and says so', async () => {
    const first = start(mlp('one'));
    await stopWorker(first);
    expect((await start(mlp('two')).ended).code).toBe(0);
    first.child.kill('SIGINT');
    const { code, stdout } = await first.ended;
    expect(code).toBe(1);
    expect(stdout).toContain('goes on, because it holds');
    const jobs = await shop.jobs(mlp('two'));
    expect(jobs.map(({ jobName, state }) => [jobName, state])).toEqual([['two', 'running']]);
    expect(processesWith(`:${port}`)).toEqual([redisPid()]);
  });

  test('with state folders of their own still lead to one Redis, and to no process without a name', async () => {
    const other = join(shop.folder, 'other state');
    const env = { CLUSTER_SERVING_STATE: other };
    const ends = await Promise.all([start(mlp('one')).ended, start(mlp('two'), env).ended]);
    expect(ends.map(({ code }) => code)).toEqual([0, 0]);
    const pids = [shop.state, other].flatMap((state) => {
      const file = join(state, `redis-${port}`, 'redis.pid');
      return existsSync(file) ? [Number(readFileSync(file, 'utf8'))] : [];
    });
    expect(processesWith(`:${port}`)).toEqual(pids);
    await shop.cliWith({ env }, 'stop', '--all');
    await shop.cliWith({ env }, 'shutdown', '-c', mlp('two'), '--yes');
  });
});

describe('a start that fails or is cancelled', () => {
  test('leaves a Redis that a client has put records into meanwhile', async () => {
    const first = start(mlp('one'));
    await stopWorker(first);
    await withRedis((redis) => redis.xadd('somebody', '*', 'uri', 'u', 'data', 'd'));
    first.child.kill('SIGTERM');
    const { stdout } = await first.ended;
    expect(stdout).toContain('it holds 1 key by now');
    expect(await withRedis((redis) => redis.xlen('somebody'))).toBe(1);
    expect((await shop.cli('shutdown', '-c', mlp('one'), '--yes')).code).toBe(0);
    expect(processesWith(`:${port}`)).toEqual([]);
  });

  test('keeps the data that an earlier Redis has left', async () => {
    const config = mlp('kept');
    await shop.must('start', '-c', config);
    await withRedis((redis) => redis.set('mine', '1'));
    await shop.must('shutdown', '-c', config, '--yes', '--keep-data');
    const again = start(config);
    await again.at('model');
    again.child.kill('SIGINT');
    expect((await again.ended).code).toBe(1);
    await shop.must('start', '-c', config);
    expect(await withRedis((redis) => redis.get('mine'))).toBe('1');
  });

  test('by a closed terminal is taken back as by Ctrl-C', async () => {
    const first = start(mlp('closed'));
    await first.at('model');
    first.child.kill('SIGHUP');
    expect((await first.ended).code).toBe(1);
    expect(existsSync(folder())).toBe(false);
    expect(processesWith(`:${port}`)).toEqual([]);
    expect(readdirSync(join(shop.state, 'jobs'))).toEqual([]);
  });

  test('because its worker cannot be remembered, as on a full disk, says so in one sentence and takes it back', async () => {
    const redis = await startRedis();
    port = redis.port;
    await shop.cli('list', '-c', mlp('full'));
    // Nothing can be written into it by any user.
    rmSync(join(shop.state, 'jobs'), { recursive: true });
    symlinkSync('/proc', join(shop.state, 'jobs'));
    const { code, stdout, stderr } = await start(mlp('full')).ended;
    rmSync(join(shop.state, 'jobs'));
    expect(code).toBe(1);
    expect(stdout).toContain('"state-unwritable"');
    expect(stderr).toBe('');
    expect(await redis.client.hlen('cluster-serving:workers')).toBe(0);
    expect(processesWith(`${shop.folder}/full`)).toEqual([]);
    await redis.stop();
  });

  test('by a model that takes too long to warm up names the batch size', async () => {
    const { code, stdout } = await start(mlp('huge', 'batchSize: 1000000\n')).ended;
    const end = stdout.trim().split('\n').at(-1) ?? '';
    // A machine that is quick enough may serve it; none may wait for ever.
    if (code !== 0) expect(end).toContain('batchSize 1000000');
  }, 120_000);
});

describe('a start that was killed', () => {
  test.each(['redis', 'model', 'warm-up'])('at the step "%s" can be repeated at once', async (step) => {
    const config = mlp('killed');
    const first = start(config);
    await first.at(step);
    first.child.kill('SIGKILL');
    await first.ended;
    expect((await start(config).ended).stdout).toContain('"started":{');
    expect(await shop.jobs(config)).toMatchObject([{ state: 'running', workers: [{}] }]);
    expect(processesWith(`:${port}`)).toEqual([redisPid()]);
  });

  test('whose worker was too busy to notice has that worker ended by the next start', async () => {
    const config = mlp('busy');
    const first = start(config);
    const worker = await stopWorker(first);
    // It goes on to its registration, and is stopped again.
    const registered = withRedis((redis) =>
      eventually('the registration', async () => (await redis.hlen('cluster-serving:workers')) > 0),
    );
    process.kill(worker.pid, 'SIGCONT');
    await registered;
    process.kill(worker.pid, 'SIGSTOP');
    first.child.kill('SIGKILL');
    await first.ended;
    expect((await start(config).ended).code).toBe(0);
    expect(processesWith(worker.workerId)).toEqual([]);
  });

  test('and left the lock of the port is no reason to wait', async () => {
    await shop.cli('list', '-c', mlp('left'));
    writeFileSync(
      join(shop.state, `redis-${port}.lock`),
      JSON.stringify({ pid: 1, space: 'an earlier boot', began: '0' }),
    );
    // Of another boot it counts no more once it is old; of this one at once.
    const dead = spawn(process.execPath, ['-e', '']);
    await once(dead, 'exit');
    const { thisProcess } = await import('../../server/src/jobs/machine/processName.ts');
    writeFileSync(
      join(shop.state, `redis-${port}.lock`),
      JSON.stringify({ ...thisProcess(), pid: dead.pid }),
    );
    expect((await start(mlp('left')).ended).code).toBe(0);
  });
});

test('a second start of the same job says who is starting it, and the first leaves no lock', async () => {
  const redis = await startRedis();
  port = redis.port;
  const config = mlp('same');
  const first = start(config);
  const { pid } = await stopWorker(first);
  const second = await start(config).ended;
  expect(second.stdout).toContain('"job-running"');
  expect(second.stdout).toContain(`(pid ${first.child.pid ?? 0})`);
  process.kill(pid, 'SIGCONT');
  expect((await first.ended).code).toBe(0);
  expect(await redis.client.exists('cluster-serving:starting:same')).toBe(0);
  await shop.cli('stop', 'same');
  await redis.stop();
});

test.each(['127.0.1.1', '127.0.0.2'])(
  'a Redis is started where the config says, if that is this machine: %s',
  async (host) => {
    const config = mlp('debian', '', host);
    expect((await shop.cli('doctor', '-c', config)).stdout).toContain('"start" will start');
    expect((await start(config).ended).code).toBe(0);
    expect(await withRedis((redis) => redis.ping())).toBe('PONG');
  },
);

test('a worker that gets SIGHUP finishes what it has, says so in its log, and opens no debugger at SIGUSR1', async () => {
  const config = mlp('hangup');
  expect((await start(config).ended).code).toBe(0);
  const [job] = await shop.jobs(config);
  const pid = job?.workers[0]?.registration.pid ?? 0;
  process.kill(pid, 'SIGUSR1');
  process.kill(pid, 'SIGHUP');
  await eventually('the end', () => Promise.resolve(!existsSync(`/proc/${pid}`)));
  const log = readFileSync(job?.workers[0]?.registration.logFile ?? '', 'utf8');
  expect(log).toContain('SIGHUP');
  expect(log).toContain('stopped after');
  expect(log).not.toContain('Debugger listening');
});
