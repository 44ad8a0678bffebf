import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { eventually, startRedis, type TestRedis } from '../support/redis.ts';
import { models, openWorkshop, type Workshop } from '../support/serving.ts';
import { ask, post, row, startFrontend, type TestFrontend } from './httpSupport.ts';

let redis: TestRedis;
let workshop: Workshop;
let path: string;
const frontends: TestFrontend[] = [];

async function start(...args: string[]): Promise<TestFrontend> {
  const frontend = await startFrontend('-c', path, ...args);
  frontends.push(frontend);
  return frontend;
}

beforeAll(async () => {
  redis = await startRedis();
  workshop = openWorkshop('outage');
  path = workshop.config(
    'mlp',
    `modelPath: ${join(models, 'mlp')}\njobName: mlp\nredisUrl: 127.0.0.1:${redis.port}\nredisTimeout: 1000\n`,
  );
  await workshop.must('start', '-c', path);
});

afterAll(async () => {
  for (const frontend of frontends) frontend.signal('SIGKILL');
  await workshop.close();
  await redis.stop();
});

const body = { instances: [{ x: row(1) }] };

test('while Redis is away predictions are refused with the reason, and answered when it is back', async () => {
  const { url } = await start();
  expect((await post(`${url}/predict`, body)).status).toBe(200);
  await redis.kill();
  const refused = await eventually('it is not ready', async () => {
    const answer = await ask(`${url}/ready`);
    return answer.status === 503 && answer;
  });
  expect(refused.json.error).toContain(String(redis.port));
  expect((await post(`${url}/predict`, body)).status).toBe(503);
  expect((await ask(`${url}/live`)).status).toBe(200);
  await redis.start();
  await eventually('it answers again', async () => (await post(`${url}/predict`, body)).status === 200);
});

test('frontends are replaced under load without a failed request', async () => {
  const running = [await start('--drainDelay=200'), await start('--drainDelay=200')];
  await eventually('both are ready', async () => {
    const ready = await Promise.all(running.map(({ url }) => ask(`${url}/ready`)));
    return ready.every(({ status }) => status === 200);
  });
  const inTurn = new Set(running);
  const statuses: number[] = [];
  let done = false;
  // A balancer: it asks only those that say that they are ready.
  const balanced = Array.from({ length: 8 }, async (_, i) => {
    while (!done) {
      const choice = [...inTurn][i % inTurn.size];
      statuses.push((await post(`${choice?.url ?? ''}/predict`, body)).status);
    }
  });
  for (const old of running) {
    inTurn.add(await start());
    old.signal('SIGTERM');
    await eventually('it says so', async () => (await ask(`${old.url}/ready`)).status === 503);
    inTurn.delete(old);
    expect(await old.ended).toBe(0);
  }
  done = true;
  await Promise.all(balanced);
  expect(statuses.length).toBeGreaterThan(100);
  expect(new Set(statuses)).toEqual(new Set([200]));
});
