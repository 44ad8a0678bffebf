import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  readdirSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join, relative } from 'node:path';
import { afterAll, afterEach, beforeAll, describe, expect, test, vi } from 'vitest';
import type { JobReport } from '../../schemas/jobEvents.ts';
import { httpDefaults } from '../../schemas/programs/httpDefaults.ts';
import { startLockKey } from '../../schemas/redis/redisKeys.ts';
import { builtImage, runContainer, type Container, type RunOptions } from '../support/container.ts';
import { freePort, startRedis, type TestRedis } from '../support/redis.ts';
import { openWorkshop, root, type Workshop } from '../support/serving.ts';

const maxMb = 250;
const image = builtImage();
const example = join(root, 'examples', 'digits');
const folder = mkdtempSync(join(tmpdir(), 'image-'));
const containers: Container[] = [];
let redis: TestRedis;
let shop: Workshop;

beforeAll(async () => {
  redis = await startRedis();
  shop = openWorkshop();
});
afterEach(async () => {
  for (const container of containers.splice(0)) {
    if (!container.hasEnded) container.signal('SIGKILL');
    await container.ended;
  }
});
afterAll(async () => {
  await shop.close();
  await redis.stop();
  rmSync(folder, { recursive: true, force: true });
});

/** A folder with the config of a job of digits, as it is mounted. */
function configFolder(jobName: string, address = `127.0.0.1:${redis.port}`): string {
  const path = join(folder, jobName);
  mkdirSync(path, { recursive: true });
  const lines = [
    'modelPath: /models',
    `jobName: ${jobName}`,
    'imageResize: 8,8',
    'redisUrl: ${env:REDIS_URL}',
  ];
  writeFileSync(join(path, 'config.yaml'), `${lines.join('\n')}\n`);
  writeFileSync(join(path, 'outside.yaml'), `${lines.slice(0, 3).join('\n')}\nredisUrl: ${address}\n`);
  return path;
}

function run(jobName: string, options: RunOptions = {}): Container {
  const container = runContainer(image, {
    ...options,
    env: { REDIS_URL: `127.0.0.1:${redis.port}`, ...options.env },
    mounts: { '/etc/cluster-serving': configFolder(jobName), '/models': join(example, 'model') },
  });
  containers.push(container);
  return container;
}

/** The image's own command, on a port of this test. */
const worker = (port: number) =>
  image.settings.Cmd.map((word) => (word === String(httpDefaults.port) ? String(port) : word));
const healthOn = (port: number) => ({ CLUSTER_SERVING_HEALTH_URL: `http://127.0.0.1:${port}/live` });
const healthcheck = image.settings.Healthcheck.Test.slice(1);

/** Waits until an address answers 200; a container that ends before says why. */
async function ready(container: Container, port: number, path = '/ready'): Promise<void> {
  await vi.waitFor(
    async () => {
      if (container.hasEnded) return;
      expect((await fetch(`http://127.0.0.1:${port}${path}`)).status).toBe(200);
    },
    { timeout: 60_000, interval: 200 },
  );
  expect(container.hasEnded, container.output.stdout + container.output.stderr).toBe(false);
}

function predict(port: number, digit: string): Promise<Response> {
  const body = readFileSync(join(example, 'images', `digit-${digit}.png`));
  const headers = { 'content-type': 'image/png' };
  return fetch(`http://127.0.0.1:${port}/predict`, { method: 'POST', headers, body });
}

/** Waits until a frontend reports these figures of a job to Prometheus. */
async function reports(
  port: number,
  figures: Readonly<Record<string, number>>,
  jobName: string,
): Promise<void> {
  await vi.waitFor(
    async () => {
      const metrics = await (await fetch(`http://127.0.0.1:${port}/metrics/prometheus`)).text();
      for (const [name, value] of Object.entries(figures))
        expect(metrics.split('\n')).toContain(`cluster_serving_job_${name}{job="${jobName}"} ${value}`);
    },
    { timeout: 60_000, interval: 200 },
  );
}

/** The class with the highest score in an answer of the digits. */
async function digitOf(answer: Response): Promise<number> {
  const { predictions } = (await answer.json()) as { predictions: [string] };
  const { value } = JSON.parse(predictions[0]) as { value: string };
  const { data } = JSON.parse(value) as { data: number[] };
  return data.indexOf(Math.max(...data));
}

const labels = new Map(
  readFileSync(join(example, 'labels.csv'), 'utf8')
    .trim()
    .split('\n')
    .map((line) => line.split(',') as [string, string]),
);

async function jobs(jobName: string): Promise<readonly JobReport[]> {
  const all = await shop.jobs(join(configFolder(jobName), 'outside.yaml'));
  return all.filter((job) => job.jobName === jobName);
}

describe('the image', () => {
  const filesBelow = (path: string): string[] =>
    readdirSync(path, { recursive: true, withFileTypes: true })
      .filter((entry) => entry.isFile())
      .map((entry) => join(entry.parentPath, entry.name));

  test(`takes at most ${maxMb} MB`, () => {
    // A file that has several names is there once.
    const sizes = new Map(filesBelow(image.files).map((file) => [statSync(file).ino, statSync(file).size]));
    const bytes = [...sizes.values()].reduce((sum, size) => sum + size, 0);
    expect(bytes / 1e6).toBeLessThanOrEqual(maxMb);
    expect(bytes / 1e6).toBeGreaterThan(100);
  });

  test('holds nothing of how it was built, and no secrets', () => {
    for (const path of ['src', 'usr/local/lib/node_modules', 'usr/local/bin/npm', 'opt/cluster-serving'])
      expect(existsSync(join(image.files, path)), path).toBe(false);
    // What the system puts into the home of root.
    const home = filesBelow(join(image.files, 'root')).map((file) => relative(image.files, file));
    expect(home.filter((file) => !/\.(bashrc|profile)$/.test(file))).toEqual([]);
    const own = filesBelow(join(image.files, 'usr/local/lib/cluster-serving'));
    expect(own.filter((file) => /\.(map|ts)$|node_modules.*\.md$/.test(file))).toEqual([]);
  });

  test('names a user that is not root by number, and asks about health where its command answers', () => {
    expect(image.settings.User).toMatch(/^[1-9]\d+:[1-9]\d+$/);
    expect(image.settings.StopSignal).toBe('SIGTERM');
    expect(image.settings.Cmd.slice(-2)).toEqual(['--http', String(httpDefaults.port)]);
    const script = readFileSync(join(image.files, healthcheck.at(-1) ?? ''), 'utf8');
    expect(script).toContain(`http://127.0.0.1:${httpDefaults.port}/live`);
  });
});

describe('the command line in a container', () => {
  test('says its version and checks a config', async () => {
    const { version } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8')) as { version: string };
    const asked = run('lint', { args: ['--version'] });
    expect(await asked.ended).toBe(0);
    expect(asked.output.stdout).toContain(version);
    const lint = run('lint', { args: ['lint', 'config.yaml'] });
    expect(await lint.ended, lint.output.stdout).toBe(0);
  });

  test('has the rights of its user, and can write to its volume and to /tmp only', async () => {
    const script = [
      'id -u; id -g; grep CapEff /proc/self/status',
      'for folder in / /usr /etc/cluster-serving /models /usr/local/lib/cluster-serving /tmp "$HOME"',
      'do touch "$folder/file" 2>/dev/null && echo "wrote $folder"; done; true',
    ].join('\n');
    const shell = run('rights', { entrypoint: ['sh', '-c'], args: [script] });
    expect(await shell.ended, shell.output.stderr).toBe(0);
    expect(shell.output.stdout.trim().split('\n')).toEqual([
      ...['10001', '10001', expect.stringMatching(/CapEff:\s+0+$/) as string],
      ...['wrote /tmp', 'wrote /var/lib/cluster-serving'],
    ]);
  });
});

describe('a worker in a container', () => {
  test('answers over HTTP and from the queue, is healthy, and prints its log', async () => {
    const [port, frontendPort] = [await freePort(), await freePort()];
    const serving = run('digits', { args: worker(port) });
    await ready(serving, port);
    for (const digit of ['03', '07', '11'])
      expect(await digitOf(await predict(port, digit))).toBe(Number(labels.get(`digit-${digit}.png`)));

    const frontend = run('digits', { args: ['http', '-c', 'config.yaml', `--port=${frontendPort}`] });
    await ready(frontend, frontendPort);
    expect(await digitOf(await predict(frontendPort, '05'))).toBe(Number(labels.get('digit-05.png')));
    // The frontend looks at the queue from time to time.
    await reports(frontendPort, { waiting: 0, pending: 0 }, 'digits');

    for (const [container, at] of [
      [serving, port],
      [frontend, frontendPort],
    ] as const) {
      expect(container.exec(healthcheck, healthOn(at))).toMatchObject({ code: 0 });
      expect(container.exec(healthcheck, healthOn(await freePort()))).toMatchObject({ code: 1 });
      container.signal('SIGTERM');
      expect(await container.ended, container.output.stderr).toBe(0);
    }
    expect(serving.output.stderr).toMatch(/ INFO {2}stopped after \d+ records/);
    expect(await jobs('digits')).toEqual([]);
  });

  test('is what its frontend waits for, which lives, is not ready, and reports the records that wait', async () => {
    const port = await freePort();
    const frontend = run('early', { args: ['http', '-c', 'config.yaml', `--port=${port}`] });
    await ready(frontend, port, '/live');
    expect((await fetch(`http://127.0.0.1:${port}/ready`)).status).toBe(503);
    expect(frontend.exec(healthcheck, healthOn(port)).code).toBe(0);
    await redis.client.xadd('early', '*', 'uri', 'first', 'data', '');
    // By this figure the first worker is started where there may be none.
    await reports(port, { waiting: 1, pending: 0 }, 'early');
    frontend.signal('SIGTERM');
    expect(await frontend.ended).toBe(0);
  });

  test('answers what is in flight when it is asked to stop, and ends with 0', async () => {
    const port = await freePort();
    const serving = run('drained', { args: [...worker(port), '--http-option', 'drainDelay=10000'] });
    await ready(serving, port);
    const answers = Promise.all(Array.from({ length: 50 }, () => predict(port, '09')));
    serving.signal('SIGTERM');
    await vi.waitFor(async () => expect((await fetch(`http://127.0.0.1:${port}/ready`)).status).toBe(503), {
      timeout: 60_000,
      interval: 20,
    });
    const found = await Promise.all((await answers).map((answer) => digitOf(answer)));
    expect(new Set(found)).toEqual(new Set([Number(labels.get('digit-09.png'))]));
    expect(await serving.ended).toBe(0);
  });

  test('joins another that starts at the same time', async () => {
    const [first, second] = [await freePort(), await freePort()];
    const one = run('joined', { args: worker(first), hostname: 'pod-1' });
    const two = run('joined', { args: worker(second), hostname: 'pod-2' });
    await Promise.all([ready(one, first), ready(two, second)]);
    const [job] = await jobs('joined');
    expect(job?.workers.map(({ registration }) => registration.host).sort()).toEqual(['pod-1', 'pod-2']);
  });

  test('takes the place of one that was killed, under the same name and at once', async () => {
    const [first, second] = [await freePort(), await freePort()];
    const killed = run('again', { args: worker(first), hostname: 'pod-3' });
    await ready(killed, first);
    killed.signal('SIGKILL');
    await killed.ended;
    const next = run('again', { args: worker(second), hostname: 'pod-3' });
    await ready(next, second);
    expect(await digitOf(await predict(second, '02'))).toBe(Number(labels.get('digit-02.png')));
  });

  test('ends with 1 and says where Redis was looked for', async () => {
    const nowhere = `127.0.0.1:${await freePort()}`;
    const serving = run('alone', { args: worker(await freePort()), env: { REDIS_URL: nowhere } });
    expect(await serving.ended).toBe(1);
    expect(serving.output.stderr).toMatch(/redis/i);
  });

  test('ends when it is asked to before it is ready', async () => {
    // The lock of another start, which it waits for.
    await redis.client.set(startLockKey('waits'), JSON.stringify({ host: 'elsewhere', pid: 1 }));
    const serving = run('waits', { args: worker(await freePort()) });
    await vi.waitFor(() => expect(serving.output.stderr).toContain('waits for its turn'), {
      timeout: 60_000,
    });
    serving.signal('SIGTERM');
    expect(await serving.ended).toBe(1);
    expect(await jobs('waits')).toEqual([]);
  });
});
