import { spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, mkdirSync, readFileSync, readdirSync, writeFileSync } from 'node:fs';
import { createServer, type AddressInfo } from 'node:net';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { eventually, freePort, startRedis, type TestRedis } from '../support/redis.ts';
import { models, openWorkshop, root, type Workshop } from '../support/serving.ts';

let shop: Workshop;
let port: number;
beforeEach(async () => {
  shop = openWorkshop('cluster serving Ümläut\'s "quotes"');
  port = await freePort();
});
afterEach(() => shop.close());

const digits = () =>
  shop.config(
    'digits',
    `modelPath: ${join(root, 'examples', 'digits', 'model')}\njobName: digits\nimageResize: 8,8\nredisUrl: localhost:${port}\n`,
  );
const mlp = (jobName: string, more = '') =>
  shop.config(
    jobName.replace(/\W/g, '_'),
    `modelPath: ${join(models, 'mlp')}\njobName: ${JSON.stringify(jobName)}\nredisUrl: 127.0.0.1:${port}\n${more}`,
  );

describe('a job from a config file', () => {
  test('starts with a Redis of its own, classifies the held-out digits, and stops with it', async () => {
    const config = digits();
    expect(await shop.must('start', '-c', config)).toContain('"digits" is serving');
    const images = join(root, 'examples', 'digits', 'images');
    const names = readdirSync(images).sort();
    const printed = await shop.must(
      'predict',
      '-c',
      config,
      '--json',
      ...names.map((name) => join(images, name)),
    );
    const truth = new Map(
      readFileSync(join(root, 'examples', 'digits', 'labels.csv'), 'utf8')
        .trim()
        .split('\n')
        .map((line) => line.split(',') as [string, string]),
    );
    const right = printed
      .trim()
      .split('\n')
      .map((line) => JSON.parse(line) as { name: string; outputs?: [{ data: number[] }] })
      .filter(
        ({ name, outputs }) =>
          outputs?.[0].data.indexOf(Math.max(...outputs[0].data)) === Number(truth.get(name)),
      );
    expect(names.length).toBeGreaterThanOrEqual(20);
    expect(right.length / names.length).toBeGreaterThanOrEqual(0.95);
    expect(await shop.jobs(config)).toMatchObject([
      { jobName: 'digits', state: 'running', workers: [{ heartbeat: { modelType: 'onnx' } }] },
    ]);
    expect(await shop.must('shutdown', '-c', config)).toContain('its data is removed');
    expect(existsSync(join(shop.state, `redis-${port}`))).toBe(false);
    expect((await shop.cli('shutdown', '-c', config)).code).toBe(0);
  });

  test('a second start of the same name is refused and says where the job runs', async () => {
    const config = mlp('twice');
    await shop.must('start', '-c', config);
    const [job] = await shop.jobs(config);
    const again = await shop.cli('start', '-c', config, '--json');
    expect(again.code).toBe(1);
    expect(again.stdout).toContain('"code":"job-running"');
    expect(again.stdout).toContain(`pid ${String(job?.workers[0]?.registration.pid)}`);
    await shop.must('start', '-c', config, '--workers', '2');
    expect((await shop.jobs(config))[0]?.workers).toHaveLength(3);
  });

  test('names with blanks, quotes, shell letters and other alphabets start and stop', async () => {
    for (const name of ['a job', '数字 ß', `it's "$(echo)"; rm`]) {
      const config = mlp(name);
      await shop.must('start', '-c', config);
      expect((await shop.jobs(config)).map(({ jobName }) => jobName)).toContain(name);
      expect(await shop.must('stop', name)).toContain('Stopped');
      expect((await shop.jobs(config)).map(({ jobName }) => jobName)).not.toContain(name);
    }
  });

  test('stop is idempotent, restart gives a new process, logs show both', async () => {
    const config = mlp('again');
    await shop.must('start', '-c', config);
    const pid = async () => (await shop.jobs(config))[0]?.workers[0]?.registration.pid;
    const before = await pid();
    await shop.must('restart', '-c', config);
    expect(await pid()).not.toBe(before);
    expect(await shop.must('logs', 'again')).toContain('ready: job again');
    await shop.must('stop', '-c', config);
    expect(await shop.must('stop', '-c', config)).toContain('No job "again" is running');
    expect(await shop.must('list', '-c', config)).toContain('No jobs');
  });

  test('a config that was broken since the start still says what to stop, unless it hides which', async () => {
    const path = mlp('edited');
    await shop.must('start', '-c', path);
    const text = readFileSync(path, 'utf8');
    writeFileSync(path, `${text}batchSize: many\n`);
    expect((await shop.must('logs', '-c', path)).includes('ready')).toBe(true);
    writeFileSync(path, text.replace('jobName:', 'jobName'));
    expect((await shop.cli('stop', '-c', path)).code).toBe(1);
    expect((await shop.jobs(path)).map(({ state }) => state)).toEqual(['running']);
    writeFileSync(path, text.replace(/modelPath.*/, 'modelPath: s3://elsewhere/model'));
    expect(await shop.must('stop', '-c', path)).toContain('Stopped "edited"');
  });

  test('a worker killed by the system is listed as failed, and a new start takes its place', async () => {
    const config = mlp('killed');
    await shop.must('start', '-c', config);
    const [job] = await shop.jobs(config);
    process.kill(job?.workers[0]?.registration.pid ?? 0, 'SIGKILL');
    const failed = await eventually('FAILED', async () =>
      (await shop.jobs(config)).find(({ state }) => state === 'failed'),
    );
    expect(failed.failure).toContain('died');
    await shop.must('start', '-c', config);
    expect(await shop.jobs(config)).toMatchObject([{ state: 'running', workers: [{}] }]);
  });

  test('shutdown works from any half state, and data that is kept is there at the next start', async () => {
    const config = mlp('half');
    const folder = join(shop.state, `redis-${port}`);
    const redisPid = () => Number(readFileSync(join(folder, 'redis.pid'), 'utf8'));
    await shop.must('start', '-c', config);
    // Redis dead, worker alive.
    process.kill(redisPid(), 'SIGKILL');
    expect(await shop.must('shutdown', '-c', config)).toContain('Nothing runs');
    expect(existsSync(folder)).toBe(false);
    expect(await shop.must('list', '-c', config)).toContain('No jobs');
    // Worker dead, Redis alive; then its data kept.
    await shop.must('start', '-c', config);
    process.kill((await shop.jobs(config))[0]?.workers[0]?.registration.pid ?? 0, 'SIGKILL');
    expect(await shop.must('shutdown', '-c', config, '--keep-data')).toContain('Stopped');
    await shop.must('shutdown', '-c', config);
    expect(existsSync(join(folder, 'appendonlydir'))).toBe(true);
    await shop.must('start', '-c', config);
    await shop.must('shutdown', '-c', config);
    expect(existsSync(folder)).toBe(false);
  });

  test('watch reports a job that comes, goes on and goes', async () => {
    const config = mlp('watched');
    await shop.must('start', '-c', config);
    const watch = spawn(
      process.execPath,
      [join(root, 'bin', 'cluster-serving.cjs'), 'watch', '-c', config, '--json', '--interval', '100'],
      {
        env: { ...process.env, CLUSTER_SERVING_STATE: shop.state },
        stdio: ['ignore', 'pipe', 'inherit'],
      },
    );
    let text = '';
    watch.stdout.on('data', (chunk: Buffer) => (text += chunk.toString()));
    const events = () =>
      text
        .trim()
        .split('\n')
        .filter(Boolean)
        .map((line) => JSON.parse(line) as { event: string; job?: { state: string } });
    await eventually('running', () =>
      Promise.resolve(events().some(({ event, job }) => event === 'job' && job?.state === 'running')),
    );
    await shop.must('stop', 'watched');
    await eventually('gone', () => Promise.resolve(events().some(({ event }) => event === 'gone')));
    await shop.must('shutdown', '-c', config, '--yes');
    await eventually('Redis away', () =>
      Promise.resolve(
        events().some(({ event, ...rest }) => event === 'redis' && 'error' in rest && rest.error !== null),
      ),
    );
    watch.kill('SIGTERM');
    expect(await new Promise((resolve) => watch.once('exit', resolve))).toBe(0);
  });

  test('init writes a file that start understands, and never overwrites one', async () => {
    const folder = join(shop.folder, 'new');
    mkdirSync(folder);
    expect((await shop.cliWith({ cwd: folder }, 'init')).code).toBe(0);
    const path = join(folder, 'config.yaml');
    const text = readFileSync(path, 'utf8').replace(/^modelPath:.*/m, `modelPath: ${join(models, 'mlp')}`);
    writeFileSync(path, `${text}redisUrl: localhost:${port}\n`);
    await shop.cliWith({ cwd: folder }, 'init');
    expect(readFileSync(path, 'utf8')).toContain(String(port));
    const started = await shop.cliWith({ cwd: folder }, 'start');
    expect(started).toMatchObject({ code: 0, stderr: '' });
    await shop.must('shutdown', '-c', path, '--yes');
  });

  test.each(['config', 'redis', 'model', 'warm-up'])(
    'a start that is interrupted at the step "%s" leaves no worker, no Redis and no registration',
    async (step) => {
      // Large batches take a while to warm, so that the start cannot end before it is interrupted.
      const config = mlp(`interrupted ${step}`, 'batchSize: 1000000\n');
      const { signal, code } = await interrupted(config, step);
      expect({ signal, code }).toEqual({ signal: null, code: 1 });
      expect(existsSync(join(shop.state, `redis-${port}`))).toBe(false);
      expect(readdirSync(join(shop.state, 'jobs'))).toEqual([]);
      expect(await shop.must('list', '-c', config)).toContain('refuses the connection');
    },
  );

  test('a start that waits for a Redis without an answer ends as soon as it is interrupted', async () => {
    const mute = createServer().listen(0, '127.0.0.1');
    await once(mute, 'listening');
    const { port: mutePort } = mute.address() as AddressInfo;
    const text = `modelPath: ${join(models, 'mlp')}\nredisUrl: 127.0.0.1:${mutePort}\nredisTimeout: 600000\n`;
    // Longer than a test may take: only the interruption can end it.
    const { signal, code } = await interrupted(shop.config('mute', text), 'redis');
    expect({ signal, code }).toEqual({ signal: null, code: 1 });
    mute.close();
  });

  async function interrupted(config: string, step: string) {
    const program = join(root, 'bin', 'cluster-serving.cjs');
    const start = spawn(process.execPath, [program, 'start', '-c', config, '--json'], {
      env: { ...process.env, CLUSTER_SERVING_STATE: shop.state },
      stdio: ['ignore', 'pipe', 'inherit'],
    });
    let seen = '';
    start.stdout.on('data', (chunk: Buffer) => {
      const had = seen.includes(`"step":"${step}"`);
      seen += chunk.toString();
      if (!had && seen.includes(`"step":"${step}"`)) start.kill('SIGTERM');
    });
    const [code, signal] = (await once(start, 'exit')) as [number | null, string | null];
    return { code, signal };
  }

  test('in the foreground it serves until it is asked to stop, and ends with 0', async () => {
    const config = mlp('fore');
    const serving = spawn(
      process.execPath,
      [join(root, 'bin', 'cluster-serving.cjs'), 'start', '-c', config, '--foreground'],
      {
        env: { ...process.env, CLUSTER_SERVING_STATE: shop.state },
        stdio: ['ignore', 'pipe', 'inherit'],
      },
    );
    await new Promise<void>((resolve) => serving.stdout.on('data', () => resolve()));
    serving.kill('SIGTERM');
    expect(await new Promise((resolve) => serving.once('exit', resolve))).toBe(0);
    expect(await shop.must('list', '-c', config)).toContain('No jobs');
  });

  /** A start in the foreground, as a container or systemd runs it; `ready` once it has said that its job is serving. */
  function foreground(config: string, ...args: string[]) {
    const program = join(root, 'bin', 'cluster-serving.cjs');
    const child = spawn(process.execPath, [program, 'start', '-c', config, '--foreground', ...args], {
      env: { ...process.env, CLUSTER_SERVING_STATE: shop.state },
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    const seen = { stdout: '', stderr: '' };
    child.stderr.on('data', (chunk: Buffer) => (seen.stderr += chunk.toString()));
    const ready = new Promise<void>((resolve) =>
      child.stdout.on('data', (chunk: Buffer) => {
        seen.stdout += chunk.toString();
        if (seen.stdout.includes('is serving')) resolve();
      }),
    );
    const ended = new Promise<number | null>((resolve) => child.once('close', resolve));
    return { child, seen, ready, ended };
  }

  test('in the foreground all workers print their logs, and a signal to their parent ends them all', async () => {
    const config = mlp('foretwo');
    const { child, seen, ready, ended } = foreground(config, '--workers', '2');
    await ready;
    const [job] = await shop.jobs(config);
    expect(job?.workers).toHaveLength(2);
    child.kill('SIGTERM');
    expect(await ended).toBe(0);
    expect(seen.stderr.match(/ INFO {2}stopped/g)).toHaveLength(2);
    expect(await shop.must('list', '-c', config)).toContain('No jobs');
  });

  test('starts in the foreground that begin together are all there in the end', async () => {
    const config = mlp('together');
    const starts = [1, 2].map(() => foreground(config, '--workers', '1'));
    await Promise.all(starts.map(({ ready }) => ready));
    const [job] = await shop.jobs(config);
    expect(job?.workers).toHaveLength(2);
    for (const { child } of starts) child.kill('SIGTERM');
    expect(await Promise.all(starts.map(({ ended }) => ended))).toEqual([0, 0]);
  });
});

describe('what cannot start says so in one clear line, exits 1 and leaves nothing', () => {
  let redis: TestRedis;
  beforeAll(async () => {
    redis = await startRedis('--requirepass', 'secret');
  });
  afterAll(() => redis.stop());

  test.each([
    ['a config that is missing', 'config-unreadable', () => join(shop.folder, 'none.yaml')],
    ['a folder instead of a file', 'config-unreadable', () => shop.folder],
    [
      'a binary file',
      'config-unreadable',
      () => (writeFileSync(join(shop.folder, 'b.yaml'), Buffer.from([1, 0, 2])), join(shop.folder, 'b.yaml')),
    ],
    ['an empty file', 'config-invalid', () => shop.config('empty', '')],
    ['a mistyped value', 'config-invalid', () => mlp('wrong', 'batchSize: many\n')],
    [
      'a model folder that is missing',
      'model-missing',
      () => shop.config('c', `modelPath: nowhere\nredisUrl: localhost:${port}\n`),
    ],
    ['two models', 'model-undetected', () => twoModels()],
    ['a model of another framework', 'model-unsupported', () => modelFile('net.model')],
    ['a file that is no model', 'model-damaged', () => modelFile('broken.onnx')],
    ['a Redis that asks for a password', 'redis-auth', () => mlpOn(redis.port)],
    ['a wrong password', 'redis-auth', () => mlpOn(redis.port, 'redisPassword: guess\n')],
    ['Kafka for a job on Flink', 'config-invalid', () => mlp('kafka', 'queueUsed: kafka\nbackend: flink\n')],
    [
      'an unknown host',
      'redis-dns',
      () => shop.config('dns', `modelPath: ${join(models, 'mlp')}\nredisUrl: no-such-host.invalid:1\n`),
    ],
    [
      'a trust store that is missing',
      'trust-store-unreadable',
      () => mlp('tls', 'redisSecureEnabled: true\nredisSecureTrustStorePath: none.p12\n'),
    ],
  ])('%s: %s', async (_, code, config) => {
    const { code: exit, stdout } = await shop.cli('start', '-c', config(), '--json');
    const last = JSON.parse(stdout.trim().split('\n').at(-1) ?? '{}') as {
      error?: { code: string; message: string };
    };
    expect(last.error?.code).toBe(code);
    expect(last.error?.message.length).toBeGreaterThan(20);
    expect(exit).toBe(1);
    expect(
      readdirSync(join(shop.folder)).includes('state') ? readdirSync(join(shop.state, 'jobs')) : [],
    ).toEqual([]);
  });

  test('a backend that is named on the command line is the one that the config is checked for', async () => {
    const place = `jobName: x\nredisUrl: localhost:${port}\nflinkRestUrl: localhost:${port}\n`;
    const onFlink = shop.config('flink', `modelPath: s3://models/m\nbackend: flink\n${place}`);
    const refused = await shop.cli('start', '-c', onFlink, '--backend', 'embedded', '--json');
    expect(refused).toMatchObject({
      code: 1,
      stdout: expect.stringContaining('not-supported-yet') as string,
    });
    const here = shop.config('here', `modelPath: s3://models/m\n${place}`);
    const asked = await shop.cli('start', '-c', here, '--backend', 'flink', '--json');
    expect(asked).toMatchObject({ code: 1, stdout: expect.stringContaining('"flink-refused"') as string });
  });

  test('what speaks another protocol is not taken for Redis', async () => {
    const server = createServer((socket) => {
      socket.on('error', () => undefined);
      socket.write('HTTP/1.1 400 Bad Request\r\n\r\n');
    });
    await new Promise<void>((resolve) => server.listen(port, '127.0.0.1', () => resolve()));
    const { code, stdout } = await shop.cli('start', '-c', mlp('http'), '--json');
    server.close();
    expect(code).toBe(1);
    expect(stdout).toContain('"code":"redis-not-redis"');
  });

  test('a password given by the environment is used and shows nowhere', async () => {
    const config = mlpOn(redis.port, 'redisPassword: ${env:TEST_REDIS_PASSWORD}\n');
    const env = { TEST_REDIS_PASSWORD: 'secret' };
    const started = await shop.cliWith({ env }, 'start', '-c', config);
    expect(started).toMatchObject({ code: 0 });
    const jobs = await shop.cliWith({ env }, 'list', '-c', config, '--json');
    expect(jobs.stdout).toContain('"state":"running"');
    await shop.cliWith({ env }, 'stop', '-c', config);
    const files = readdirSync(shop.state, { recursive: true, withFileTypes: true }).filter((entry) =>
      entry.isFile(),
    );
    for (const file of files)
      expect(readFileSync(join(file.parentPath, file.name), 'utf8')).not.toContain('secret"');
    expect(jobs.stdout + started.stdout + started.stderr).not.toContain('secret"');
  });

  test('wrong use exits with 2', async () => {
    expect((await shop.cli('start', '--no-such-option')).code).toBe(2);
    expect((await shop.cli('strat')).code).toBe(2);
    expect((await shop.cli('--version')).code).toBe(0);
  });

  const mlpOn = (redisPort: number, more = '') =>
    shop.config(
      'auth',
      `modelPath: ${join(models, 'mlp')}\njobName: auth\nredisUrl: localhost:${redisPort}\n${more}`,
    );

  function modelFile(name: string): string {
    const config = shop.config('m', `modelPath: model\nredisUrl: localhost:${port}\n`);
    mkdirSync(join(shop.folder, 'm', 'model'));
    writeFileSync(join(shop.folder, 'm', 'model', name), 'x');
    return config;
  }

  function twoModels(): string {
    const config = modelFile('a.onnx');
    writeFileSync(join(shop.folder, 'm', 'model', 'b.onnx'), 'x');
    return config;
  }
});

describe('the original’s commands', () => {
  test('cluster-serving-start takes -c and -o, cluster-serving-shutdown does not ask without a terminal', () => {
    const config = mlp('seed');
    const call = (name: string, ...args: string[]) =>
      spawnSync(process.execPath, [join(root, 'bin', `${name}.cjs`), ...args], {
        cwd: shop.folder,
        env: { ...process.env, CLUSTER_SERVING_STATE: shop.state },
        encoding: 'utf8',
      });
    expect(call('cluster-serving-start', '-c', config, '-o', '2').status).toBe(0);
    expect(call('cluster-serving-stop', 'seed').stdout).toContain('Stopped');
    const shutdown = call('cluster-serving-shutdown', '-c', config);
    expect(shutdown.status).toBe(0);
    expect(shutdown.stdout).toContain('its data is removed');
  });
});
