import { spawnSync } from 'node:child_process';
import { existsSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import type { JobReport, OtherFlinkJob } from '../../schemas/jobEvents.ts';
import { eventually, freePort, startRedis, type TestRedis } from '../support/redis.ts';
import { models, openWorkshop, root, type Workshop } from '../support/serving.ts';
import { buildTinyJar, startCluster, type Cluster } from './cluster.ts';

let jarFolder: string;
let jar: string;
beforeAll(() => {
  jarFolder = mkdtempSync(join(tmpdir(), 'tiny-jar-'));
  jar = buildTinyJar(jarFolder);
});
afterAll(() => rmSync(jarFolder, { recursive: true, force: true }));

/** Lists what a cluster runs. */
async function runningOn(cluster: Cluster): Promise<string[]> {
  const { jobs } = (await cluster.rest('/jobs/overview')) as { jobs: { name: string; state: string }[] };
  return jobs.filter(({ state }) => state === 'RUNNING').map(({ name }) => name);
}

describe("a jar of the user's on a cluster that runs", () => {
  let cluster: Cluster;
  let redis: TestRedis;
  let shop: Workshop;
  beforeAll(async () => {
    [cluster, redis] = await Promise.all([startCluster(2), startRedis()]);
  });
  afterAll(async () => {
    await cluster.stop();
    await redis.stop();
  });
  beforeEach(() => {
    shop = openWorkshop();
  });
  afterEach(() => shop.close());

  const config = (jobName: string, more = '') =>
    shop.config(
      jobName,
      `modelPath: ${join(models, 'mlp')}\njobName: ${jobName}\nbackend: flink\nflinkRestUrl: ${cluster.url}\nredisUrl: 127.0.0.1:${redis.port}\n${more}`,
    );
  const start = (path: string, ...more: string[]) =>
    shop.cli('start', '-c', path, '--jar', jar, '--class', 'Tiny', '--json', ...more);

  test('runs under its job name beside a foreign job, and is stopped alone', async () => {
    const foreign = config('foreign');
    expect(cluster.flink('run', '-d', '-Dpipeline.name=foreign', '-c', 'Tiny', jar, '-c', foreign).code).toBe(0);
    const path = config('a job');
    expect(await start(path)).toMatchObject({ code: 0 });
    const { jobs: ours, otherFlinkJobs: others } = JSON.parse(
      await shop.must('list', '--json', '-c', path),
    ) as { jobs: JobReport[]; otherFlinkJobs: OtherFlinkJob[] };
    expect(ours.map(({ jobName }) => jobName)).toEqual(['a job']);
    expect(others).toMatchObject([{ flinkRestUrl: cluster.url, name: 'foreign', state: 'RUNNING' }]);
    const [job] = ours;
    expect(job).toMatchObject({
      jobName: 'a job',
      backend: 'flink',
      state: 'running',
      flinkJobs: [{ state: 'RUNNING', parallelism: 1, configPath: path, jar }],
    });
    expect(job?.flinkJobs?.[0]?.taskManagers).toHaveLength(1);
    expect(cluster.flink('list').stdout).toMatch(/: a job \(RUNNING\)/);
    const status = await shop.must('status', 'a job', '-c', path);
    expect(status).toContain(job?.flinkJobs?.[0]?.url);

    await shop.must('stop', 'a job', '-c', path);
    expect(await runningOn(cluster)).toEqual(['foreign']);
    expect(await shop.jobs(path)).toEqual([]);
    const [left] = ((await cluster.rest('/jobs/overview')) as { jobs: { jid: string; name: string }[] }).jobs.filter(
      ({ name }) => name === 'foreign',
    );
    expect(cluster.flink('cancel', left?.jid ?? '').code).toBe(0);
  });

  test('is refused while a job of its name runs, and a job that Flink itself cancelled is forgotten', async () => {
    const path = config('once');
    expect(await start(path)).toMatchObject({ code: 0 });
    const again = await start(path);
    expect(again.code).toBe(1);
    expect(again.stdout).toContain('"code":"job-running"');
    const [job] = await shop.jobs(path);
    expect(cluster.flink('cancel', job?.flinkJobs?.[0]?.jobId ?? '').code).toBe(0);
    await eventually('the job to be gone', async () => (await shop.jobs(path)).length === 0);
    expect(await redis.client.keys('cluster-serving:*')).toEqual([]);
  });

  test('that fails is shown as failed with the reason, and can be started again', async () => {
    const path = config('breaks');
    expect(await start(path)).toMatchObject({ code: 0 });
    writeFileSync(`${path}.fail`, '');
    const failed = await eventually('FAILED', async () =>
      (await shop.jobs(path)).find(({ state }) => state === 'failed'),
    );
    expect(failed.flinkJobs?.[0]?.state).toBe('FAILED');
    expect(failed.failure).toContain('modelPath: ');
    rmSync(`${path}.fail`);
    expect(await start(path)).toMatchObject({ code: 0 });
    await shop.must('stop', '-c', path);
  });

  test.each<[string, string, (path: string) => Promise<{ code: number; stdout: string }>]>([
    ['flink-jar-refused', 'a jar that is not there', (path) => shop.cli('start', '-c', path, '--jar', '/no.jar', '--json')],
    ['flink-jar-refused', 'a class that is not in it', (path) => shop.cli('start', '-c', path, '--jar', jar, '--class', 'Big', '--json')],
    ['flink-slots', 'more copies than slots', (path) => start(path, '--workers', '9')],
  ])('ends with %s for %s, in one line, and leaves nothing', async (code, _, attempt) => {
    const path = config('refused');
    const result = await attempt(path);
    expect(result.code).toBe(1);
    const said = result.stdout.trim().split('\n').at(-1) ?? '';
    expect(JSON.parse(said)).toMatchObject({ error: { code } });
    expect(await runningOn(cluster)).toEqual([]);
    expect(await redis.client.keys('cluster-serving*')).toEqual([]);
  });

  test.each(['cluster', 'redis', 'submit', 'model'])(
    'whose start is cancelled at the step %s leaves nothing on the cluster and in Redis',
    async (step) => {
      const path = config('given up');
      writeFileSync(`${path}.loading`, '');
      const args = ['start', '-c', path, '--jar', jar, '--class', 'Tiny', '--json'];
      const { code, steps } = await shop.cancelAt(step, ...args);
      expect(steps).toContain(step);
      expect(code).toBe(1);
      expect(await runningOn(cluster)).toEqual([]);
      expect(await redis.client.keys('cluster-serving*')).toEqual([]);
    },
  );

  test('whose main throws is refused with what it means', async () => {
    const { code, stdout } = await start(config('throws', '# two-models\n'));
    expect(code).toBe(1);
    expect(stdout).toContain('modelPath: ');
    expect(await redis.client.keys('cluster-serving*')).toEqual([]);
  });
});

describe('a cluster that is not there', () => {
  let shop: Workshop;
  let flinkPort: number;
  let redisPort: number;
  let path: string;
  beforeEach(async () => {
    shop = openWorkshop();
    [flinkPort, redisPort] = [await freePort(), await freePort()];
    path = shop.config(
      'lonely',
      `modelPath: ${join(models, 'mlp')}\njobName: lonely\nbackend: flink\nflinkRestUrl: localhost:${flinkPort}\nredisUrl: localhost:${redisPort}\n`,
    );
  });
  afterEach(() => shop.close());

  test('is named by its code in one line, and no Redis is started for it', async () => {
    const { code, stderr, stdout } = await shop.cli('start', '-c', path);
    expect({ code, stdout, lines: stderr.trim().split('\n').length }).toEqual({ code: 1, stdout: '', lines: 1 });
    expect((await shop.cli('start', '-c', path, '--json')).stdout).toContain('"code":"flink-refused"');
    expect(existsSync(join(shop.state, `redis-${redisPort}`))).toBe(false);
    const doctor = await shop.cliWith({ env: { FLINK_HOME: '' } }, 'doctor', '-c', path, '--json');
    expect(doctor.code).toBe(1);
  });

  test('cannot be started without FLINK_HOME', async () => {
    const { stdout } = await shop.cliWith(
      { env: { FLINK_HOME: '' } },
      'start',
      '-c',
      path,
      '--start-flink',
      '--json',
    );
    expect(stdout).toContain('"code":"flink-missing"');
  });

  test('is offered on a terminal, and after a no nothing is started', () => {
    const program = join(root, 'bin', 'cluster-serving.cjs');
    // `script` gives the command a terminal of its own.
    const { stdout } = spawnSync('script', ['-qec', `${process.execPath} ${program} start -c '${path}'`, '/dev/null'], {
      input: 'n\n',
      encoding: 'utf8',
      env: { ...process.env, CLUSTER_SERVING_STATE: shop.state },
    });
    expect(stdout).toContain(`localhost:${flinkPort}. Start the Flink in FLINK_HOME there? [y/N]`);
    expect(existsSync(join(shop.state, `flink-${flinkPort}`))).toBe(false);
    expect(existsSync(join(shop.state, `redis-${redisPort}`))).toBe(false);
  });

  test('is started on demand with a place of its own, and goes with the shutdown', async () => {
    await shop.must('start', '-c', path, '--start-flink', '--jar', jar, '--class', 'Tiny');
    const [job] = await shop.jobs(path);
    expect(job).toMatchObject({ state: 'running', flinkJobs: [{ flinkRestUrl: `localhost:${flinkPort}` }] });
    expect(await shop.must('shutdown', '-c', path, '--yes')).toContain(`localhost:${flinkPort}`);
    await expect(fetch(`http://localhost:${flinkPort}/overview`)).rejects.toThrow();
    expect(existsSync(join(shop.state, `flink-${flinkPort}`))).toBe(false);
  });
});

describe('what answers at flinkRestUrl', () => {
  test.each<[string, string, number, string]>([
    ['flink-not-flink', 'text/html', 200, '<html></html>'],
    ['flink-not-flink', 'application/json', 200, '{"version":"2"}'],
    ['flink-not-flink', 'application/json', 500, '[]'],
    ['flink-version', 'application/json', 200, '{"flink-version":"1.11.3","slots-total":4,"slots-available":4}'],
    ['flink-version', 'application/json', 200, '{"flink-version":"2.1.0","slots-total":4,"slots-available":4}'],
    ['flink-slots', 'application/json', 200, '{"flink-version":"1.20.0","slots-total":0,"slots-available":0}'],
  ])('gives %s for %s %d %s', async (code, type, status, body) => {
    const server = createServer((_, response) => {
      response.writeHead(status, { 'content-type': type }).end(body);
    });
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', () => resolve()));
    const { port } = server.address() as AddressInfo;
    const shop = openWorkshop();
    try {
      const path = shop.config(
        'x',
        `modelPath: ${join(models, 'mlp')}\nbackend: flink\nflinkRestUrl: 127.0.0.1:${port}\nredisUrl: 127.0.0.1:${port}\n`,
      );
      const { code: exit, stdout } = await shop.cli('start', '-c', path, '--json');
      expect(exit).toBe(1);
      expect(stdout).toContain(`"code":"${code}"`);
    } finally {
      server.close();
      await shop.close();
    }
  });
});
