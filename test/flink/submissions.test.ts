import { spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { startRedis, type TestRedis } from '../support/redis.ts';
import { openWorkshop, type Workshop } from '../support/serving.ts';
import { startCluster, type Cluster } from './cluster.ts';
import { echoOn } from './records.ts';

/** A job's classes take some 5 MB, the TaskManager's own 55. */
const metaspaceMb = 120;

let cluster: Cluster;
let redis: TestRedis;
let shop: Workshop;
beforeAll(async () => {
  [cluster, redis] = await Promise.all([startCluster(0), startRedis()]);
  await cluster.addTaskManager({ slots: 1, metaspaceMb });
  shop = openWorkshop();
});
afterAll(async () => {
  await shop.close();
  await cluster.stop();
  await redis.stop();
});

interface Footprint {
  readonly metaspaceMb: number;
  readonly threads: number;
}

/** What a process holds after a collection, without which the classes of jobs that have ended are still there. */
function footprint(pid: number): Footprint {
  const ask = (program: string, ...args: string[]) => {
    const { status, stdout } = spawnSync(program, args, { encoding: 'utf8' });
    expect(status).toBe(0);
    return stdout;
  };
  ask('jcmd', String(pid), 'GC.run');
  const [names = '', values = ''] = ask('jstat', '-gc', String(pid)).trim().split('\n');
  const column = names.trim().split(/\s+/).indexOf('MU');
  const threads = /Threads:\s+(\d+)/.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))?.[1];
  return { metaspaceMb: Number(values.trim().split(/\s+/)[column]) / 1024, threads: Number(threads) };
}

test('thirty submissions and cancellations leave the TaskManager alive, its metaspace bounded and its threads flat', { timeout: 300_000 }, async () => {
  const echo = echoOn(shop, cluster, redis, 'again');
  const pid = cluster.taskManagers[0]?.pid ?? 0;
  let warm: Footprint | undefined;
  for (let round = 0; round < 30; round++) {
    await shop.must('start', '-c', echo.path);
    await echo.fill(10, round * 10);
    await echo.expectAllAnswered(10);
    await shop.must('stop', '-c', echo.path);
    if (round === 4) warm = footprint(pid);
  }
  const last = footprint(pid);
  // With what the JVM may have, thirty jobs that kept their classes would not fit.
  expect(last.metaspaceMb).toBeLessThan(metaspaceMb);
  expect(last.threads).toBeLessThan((warm?.threads ?? NaN) + 15);
});
