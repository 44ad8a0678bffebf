import { spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, readFileSync, readdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { answerOf, dense, put, record } from '../support/ask.ts';
import { eventually, startRedis, type TestRedis } from '../support/redis.ts';
import { models, openWorkshop, root, type Workshop } from '../support/serving.ts';

let redis: TestRedis;
let shop: Workshop;
let config: string;

beforeAll(async () => {
  redis = await startRedis();
  shop = openWorkshop();
  config = serving('commands', 'echo');
  await shop.must('start', '-c', config);
});
afterAll(async () => {
  await shop.close();
  await redis.stop();
});

const serving = (jobName: string, model: string, more = '') =>
  shop.config(
    jobName,
    `modelPath: ${join(models, model)}\njobName: ${jobName}\nredisUrl: 127.0.0.1:${redis.port}\n${more}`,
  );

describe('predict', () => {
  const outputs = (stdout: string) =>
    stdout
      .trim()
      .split('\n')
      .map((line) => JSON.parse(line) as { outputs?: { shape: number[]; data: number[] }[]; error?: string })
      .filter((line) => line.outputs ?? line.error);

  test('sends JSON instances from a file and from the standard input', async () => {
    const file = join(shop.folder, 'two.json');
    writeFileSync(file, JSON.stringify({ instances: [{ x: [1, 2] }, { x: [3, 4, 5] }] }));
    expect(outputs(await shop.must('predict', '-c', config, '--json', file))).toMatchObject([
      { outputs: [{ shape: [2], data: [1, 2] }] },
      { outputs: [{ shape: [3], data: [3, 4, 5] }] },
    ]);
    const { stdout } = await shop.cliWith(
      { input: '{"instances":[{"x":[7]}]}' },
      'predict',
      '-c',
      config,
      '--json',
      '-',
    );
    expect(outputs(stdout)).toMatchObject([{ outputs: [{ data: [7] }] }]);
  });

  test('sends .npy files', async () => {
    const header = "{'descr': '<f4', 'fortran_order': False, 'shape': (3,), }".padEnd(117) + '\n';
    const file = join(shop.folder, 'three.npy');
    const magic = Buffer.from([0x93, ...Buffer.from('NUMPY'), 1, 0, header.length, 0]);
    writeFileSync(
      file,
      Buffer.concat([magic, Buffer.from(header), Buffer.from(Float32Array.of(1, 2, 3).buffer)]),
    );
    expect(outputs(await shop.must('predict', '-c', config, '--json', file))).toMatchObject([
      { outputs: [{ data: [1, 2, 3] }] },
    ]);
  });

  test('reports a record that cannot be answered, and exits with 1', async () => {
    const image = join(root, 'test', 'fixtures', 'wire', 'images', 'tiny.png');
    const { code, stdout } = await shop.cli('predict', '-c', config, '--json', image);
    expect(code).toBe(1);
    expect(outputs(stdout)).toMatchObject([
      { error: expect.stringMatching(/^(input-mismatch|record-undecodable)$/) as string },
    ]);
  });

  test('refuses files of other kinds as wrong use', async () => {
    expect((await shop.cli('predict', '-c', config, config)).code).toBe(2);
  });

  test('leaves no key behind', async () => {
    expect(await redis.client.keys('cluster-serving_commands:*')).toEqual([]);
  });
});

test('a word in Redis stops a worker wherever it runs', async () => {
  const path = serving('elsewhere', 'echo');
  await shop.must('start', '-c', path);
  const [job] = (await shop.jobs(path)).filter(({ jobName }) => jobName === 'elsewhere');
  const { workerId, pid } = job?.workers[0]?.registration ?? { workerId: '', pid: 0 };
  await redis.client.set(`cluster-serving:stop:${workerId}`, '1');
  await eventually('the end of the process', () => {
    try {
      process.kill(pid, 0);
      return Promise.resolve(false);
    } catch {
      return Promise.resolve(true);
    }
  });
  expect((await shop.jobs(path)).map(({ jobName }) => jobName)).not.toContain('elsewhere');
  expect(existsSync(join(shop.state, 'jobs', `${workerId}.json`))).toBe(false);
});

test('status shows the model, the stages and the failures of a job', async () => {
  await put(redis, 'commands', 'one', record({ x: dense([2], [1, 2]) }));
  const text = await eventually('figures', async () => {
    const status = await shop.must('status', 'commands', '-c', config);
    return /answered [1-9]/.test(status) && status;
  });
  expect(text).toContain('echo.onnx (onnx)');
  for (const stage of ['queueWait', 'decode', 'inference', 'write']) expect(text).toContain(stage);
  expect((await shop.cli('status', 'nobody', '-c', config)).code).toBe(1);
});

test('list and status name a Redis that cannot be asked, also without a job', async () => {
  const gone = await startRedis();
  await gone.stop();
  const away = shop.config('away', `modelPath: ${join(models, 'echo')}\nredisUrl: 127.0.0.1:${gone.port}\n`);
  const redisUrl = `127.0.0.1:${gone.port}`;
  for (const command of ['list', 'status']) {
    expect(await shop.must(command, '-c', away)).toContain(redisUrl);
    const { errors } = JSON.parse(await shop.must(command, '-c', away, '--json')) as { errors: object[] };
    expect(errors).toContainEqual(expect.objectContaining({ redis: redisUrl }));
  }
  const { code, stderr } = await shop.cli('status', 'nobody', '-c', away);
  expect(code).toBe(1);
  expect(stderr).toContain(redisUrl);
});

describe('doctor', () => {
  const findings = (stdout: string) =>
    Object.fromEntries(
      (JSON.parse(stdout) as { findings: { check: string; ok: boolean }[] }).findings.map(({ check, ok }) => [
        check,
        ok,
      ]),
    );

  test('finds everything in order for a config that starts', async () => {
    const { code, stdout } = await shop.cli('doctor', '-c', config, '--json');
    expect(findings(stdout)).toEqual({
      'Node.js': true,
      'ONNX Runtime': true,
      'Redis rights': true,
      clocks: true,
      registry: true,
      'state folder': true,
      config: true,
      model: true,
      Redis: true,
    });
    expect(code).toBe(0);
  });

  test('names the model folder and a Redis that drops keys', async () => {
    await redis.client.config('SET', 'maxmemory', '1gb', 'maxmemory-policy', 'allkeys-lru');
    const path = shop.config('ill', `modelPath: nowhere\nredisUrl: 127.0.0.1:${redis.port}\n`);
    const { code, stdout } = await shop.cli('doctor', '-c', path, '--json');
    expect(findings(stdout)).toMatchObject({ model: false, Redis: false });
    expect(code).toBe(1);
    const started = await shop.cli('start', '-c', serving('evicting', 'echo'));
    expect(started.code).toBe(0);
    expect(started.stderr).toContain('config set maxmemory-policy noeviction');
    await redis.client.config('SET', 'maxmemory', '0', 'maxmemory-policy', 'noeviction');
  });
});

test('a state folder that cannot be made is named, with the variable that moves it', async () => {
  const { code, stderr } = await shop.cliWith({ env: { CLUSTER_SERVING_STATE: config } }, 'list');
  expect(code).toBe(1);
  expect(stderr).toContain('CLUSTER_SERVING_STATE');
});

test('shutdown asks on a terminal and changes nothing after a no', async () => {
  // `script` gives the command a terminal of its own.
  const command = `${process.execPath} ${join(root, 'bin', 'cluster-serving.cjs')} shutdown -c '${config}'`;
  const { stdout } = spawnSync('script', ['-qec', command, '/dev/null'], {
    input: 'n\n',
    encoding: 'utf8',
    env: { ...process.env, CLUSTER_SERVING_STATE: shop.state },
  });
  expect(stdout).toContain('Go on?');
  expect((await shop.jobs(config)).find(({ jobName }) => jobName === 'commands')?.state).toBe('running');
});

test('every command explains itself', async () => {
  const help = await shop.must('--help');
  const names = [...help.matchAll(/^ {2}([a-z]+)/gm)]
    .map(([, name]) => name ?? '')
    .filter((name) => name !== 'help');
  expect(names.length).toBeGreaterThanOrEqual(11);
  for (const name of names) expect((await shop.must(name, '--help')).length).toBeGreaterThan(50);
  const page = readFileSync(join(root, 'docs', 'commands.md'), 'utf8');
  for (const name of names) expect(page).toContain(`\`cluster-serving ${name}`);
});

test('the HTTP frontend starts on a Node.js that cannot require modules, as those before 20.19', async () => {
  const env = { NODE_OPTIONS: '--no-experimental-require-module' };
  const { code, stdout } = await shop.cliWith({ env }, 'http', '--help');
  expect(code).toBe(0);
  expect(stdout).toContain('cluster-serving-http');
});

test('ONNX Runtime, which reports its use by default, is kept from it', async () => {
  const home = join(shop.folder, 'home');
  mkdirSync(home);
  const env = { HOME: home, XDG_CACHE_HOME: join(home, '.cache'), XDG_DATA_HOME: join(home, '.data') };
  const path = serving('silent', 'echo');
  await shop.cliWith({ env }, 'doctor', '-c', path);
  expect((await shop.cliWith({ env }, 'start', '-c', path)).code).toBe(0);
  await put(redis, 'silent', 'one', record({ x: dense([1], [1]) }));
  await answerOf(redis, 'silent', 'one');
  await shop.must('stop', 'silent', '-c', path);
  expect(readdirSync(home, { recursive: true })).toEqual([]);
});
