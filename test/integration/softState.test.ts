import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { workersKey } from '../../schemas/redis/redisKeys.ts';
import { dense, outputsOf, put, record } from '../support/ask.ts';
import { eventually, startRedis, type TestRedis } from '../support/redis.ts';
import { models, openWorkshop, type Workshop } from '../support/serving.ts';
import { ask, post, row, startFrontend, type TestFrontend } from './httpSupport.ts';

let redis: TestRedis;
let shop: Workshop;
let frontend: TestFrontend | undefined;
let path: string;

beforeEach(async () => {
  redis = await startRedis('--appendonly', 'no');
  shop = openWorkshop();
  path = shop.config(
    'mlp',
    `modelPath: ${join(models, 'mlp')}\njobName: mlp\nredisUrl: 127.0.0.1:${redis.port}\n`,
  );
});
afterEach(async () => {
  frontend?.signal('SIGKILL');
  frontend = undefined;
  await shop.close();
  await redis.stop();
});

const predict = () => post(`${frontend?.url ?? ''}/predict`, { instances: [{ x: row(1) }] });

describe('a Redis that has lost all it had', () => {
  test.each([
    ['by a flush', () => redis.client.flushall()],
    ['by a restart without persistence', async () => (await redis.kill(), redis.start())],
  ])('%s knows its worker again, and forgets it with its stop', async (_, lose) => {
    await shop.must('start', '-c', path);
    frontend = await startFrontend('-c', path);
    expect((await predict()).status).toBe(200);
    await lose();
    await eventually('HTTP is ready', async () => (await predict()).status === 200);
    await eventually('it is registered', async () => (await redis.client.hlen(workersKey)) === 1);
    expect((await shop.jobs(path)).map(({ state }) => state)).toEqual(['running']);
    await put(redis, 'mlp', 'one', record({ x: dense([64], row(1)) }));
    expect(await outputsOf(redis, 'mlp', 'one')).toHaveLength(1);
    const second = await shop.cli('start', '-c', path);
    expect([second.code, second.stderr]).toEqual([1, expect.stringContaining('already runs')]);

    await shop.must('stop', 'mlp', '-c', path);
    expect(await redis.client.hlen(workersKey)).toBe(0);
    expect(await redis.client.keys('cluster-serving:worker:*')).toEqual([]);
  });
});

describe('a worker whose clock is 90 s ahead', () => {
  test('answers before the deadline, and the clock is said by its log, by /health and by the doctor', async () => {
    const shift = join(shop.folder, 'shift.mjs');
    writeFileSync(shift, 'const now = Date.now;\nDate.now = () => now() + 90_000;\n');
    const env = { NODE_OPTIONS: `--import=${pathToFileURL(shift).href}` };
    expect((await shop.cliWith({ env }, 'start', '-c', path)).code).toBe(0);
    frontend = await startFrontend('-c', path);
    const answer = await post(
      `${frontend.url}/predict`,
      { instances: [{ x: row(1) }] },
      { 'x-deadline-ms': '20000' },
    );
    expect(answer.status).toBe(200);
    const [job] = await shop.jobs(path);
    expect(readFileSync(job?.workers[0]?.registration.logFile ?? '', 'utf8')).toMatch(
      /clock is (90|89\.\d|90\.\d) s ahead of Redis's/,
    );
    const health = await eventually('the worker’s clock is seen', async () => {
      const { status, json } = await ask(`${frontend?.url ?? ''}/health`);
      const checks = json.checks as { name: string; ok: boolean; detail: string }[];
      const clock = checks.find(({ name }) => name === 'clock');
      return clock && { status, ...clock };
    });
    expect(health).toMatchObject({
      status: 200,
      ok: true,
      detail: expect.stringMatching(/worker on .* ahead/) as string,
    });
    const doctor = await shop.cliWith({ env }, 'doctor', '-c', path);
    expect(doctor.stdout).toMatch(/PROBLEM clocks: .* s ahead of Redis's/);
    expect((await shop.cli('doctor', '-c', path)).stdout).toMatch(/OK\s+clocks/);
  });
});
