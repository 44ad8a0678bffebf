import { spawn } from 'node:child_process';
import { createInterface } from 'node:readline';
import { join } from 'node:path';
import { hostname } from 'node:os';
import { afterAll, beforeAll, expect, test } from 'vitest';
import type { FrontendReport, JobEvent } from '../../schemas/jobEvents.ts';
import { frontendsKey, heartbeatTtlMs } from '../../schemas/redis/redisKeys.ts';
import { eventually, startRedis, type TestRedis } from '../support/redis.ts';
import { models, openWorkshop, root, type Workshop } from '../support/serving.ts';
import { startFrontend, type TestFrontend } from './httpSupport.ts';

let redis: TestRedis;
let workshop: Workshop;
let path: string;
const frontends: TestFrontend[] = [];

async function start(...args: string[]): Promise<TestFrontend> {
  const frontend = await startFrontend('-c', path, ...args);
  frontends.push(frontend);
  return frontend;
}

async function listed(): Promise<readonly FrontendReport[]> {
  const text = await workshop.must('list', '-c', path, '--json');
  return (JSON.parse(text) as { frontends: readonly FrontendReport[] }).frontends;
}

/** A frontend is listed as soon as it has beaten for the first time, just after it has begun to listen. */
function listing(count: number): Promise<readonly FrontendReport[]> {
  return eventually(`${count} are listed`, async () => {
    const found = await listed();
    return found.length === count && found;
  });
}

beforeAll(async () => {
  redis = await startRedis();
  workshop = openWorkshop('presence');
  path = workshop.config(
    'mlp',
    `modelPath: ${join(models, 'mlp')}\njobName: mlp\nredisUrl: 127.0.0.1:${redis.port}\n`,
  );
});

afterAll(async () => {
  for (const frontend of frontends) frontend.signal('SIGKILL');
  await workshop.close();
  await redis.stop();
});

test('a frontend is listed while it lives, also before its job runs, and is gone once it was stopped', async () => {
  const frontend = await start();
  const [found] = await listing(1);
  expect(found).toMatchObject({
    url: frontend.url,
    pid: frontend.pid,
    host: hostname(),
    jobNames: ['mlp'],
  });
  frontend.signal('SIGTERM');
  expect(await frontend.ended).toBe(0);
  expect(await listed()).toEqual([]);
  expect(await redis.client.keys('*')).toEqual([]);
});

test('frontends are shown by status, and stopped by their address or id, one at a time', async () => {
  await workshop.must('start', '-c', path);
  const [one, two] = [await start(), await start()];
  const found = await listing(2);
  const status = await workshop.must('status', '-c', path);
  expect(status).toContain(one.url);
  expect(status).toContain(two.url);
  await workshop.must('stop', '--http', one.url, '-c', path);
  expect(await one.ended).toBe(0);
  const left = await listed();
  expect(left.map(({ url }) => url)).toEqual([two.url]);
  const id = found.find(({ url }) => url === two.url)?.frontendId ?? '';
  const told = await workshop.must('stop', '--http', id, '--json', '-c', path);
  expect(JSON.parse(told)).toMatchObject({ frontend: { url: two.url } });
  expect(await two.ended).toBe(0);
  expect((await workshop.jobs(path)).map(({ state }) => state)).toEqual(['running']);
});

test('an unknown frontend is not stopped, and other options that would be ambiguous are refused', async () => {
  const unknown = await workshop.cli('stop', '--http', 'http://127.0.0.1:1', '--json', '-c', path);
  expect(unknown.code).toBe(1);
  expect(unknown.stdout).toContain('"frontend-unknown"');
  expect((await workshop.cli('stop', 'mlp', '--http', 'http://127.0.0.1:1', '-c', path)).code).toBe(2);
});

test('watch reports when a frontend comes and when one has died', async () => {
  const watch = spawn(
    process.execPath,
    [join(root, 'bin', 'cluster-serving.cjs'), 'watch', '--json', '-c', path, '--interval', '200'],
    { env: { ...process.env, CLUSTER_SERVING_STATE: workshop.state }, stdio: ['ignore', 'pipe', 'inherit'] },
  );
  const counts: number[] = [];
  createInterface({ input: watch.stdout }).on('line', (line) => {
    const event = JSON.parse(line) as JobEvent;
    if (event.event === 'frontends') counts.push(event.frontends.length);
  });
  const killed = await start();
  await eventually('it has come', () => Promise.resolve(counts.at(-1) === 1));
  killed.signal('SIGKILL');
  await eventually('it has gone', () => Promise.resolve(counts.at(-1) === 0));
  expect(counts).toEqual([1, 0]);
  watch.kill('SIGTERM');
  expect(await redis.client.exists(frontendsKey)).toBe(0);
});

test('one that died is forgotten although others live on', async () => {
  const [living, dying] = [await start(), await start()];
  await listing(2);
  dying.signal('SIGKILL');
  await eventually('the entry has gone', async () => (await redis.client.hlen(frontendsKey)) === 1);
  expect((await listed()).map(({ url }) => url)).toEqual([living.url]);
  expect(await redis.client.pttl(frontendsKey)).toBeLessThanOrEqual(heartbeatTtlMs);
});
