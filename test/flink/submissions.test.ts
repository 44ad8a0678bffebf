import { spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { startRedis, type TestRedis } from '../support/redis.ts';
import { openWorkshop, type Workshop } from '../support/serving.ts';
import { startCluster, type Cluster } from './cluster.ts';
import { echoOn } from './records.ts';

let cluster: Cluster;
let redis: TestRedis;
let shop: Workshop;
beforeAll(async () => {
  [cluster, redis] = await Promise.all([startCluster(0), startRedis()]);
  await cluster.addTaskManager({ slots: 1 });
  shop = openWorkshop();
});
afterAll(async () => {
  await shop.close();
  await cluster.stop();
  await redis.stop();
});

interface Footprint {
  readonly metaspaceMb: number;
  /** Class loaders of jobs. */
  readonly loaders: number;
  readonly threads: number;
}

/** What a process holds after a collection: when it collects by itself is the affair of its Java. */
function footprint(pid: number): Footprint {
  const ask = (program: string, ...args: string[]) => {
    const { status, stdout } = spawnSync(program, args, { encoding: 'utf8' });
    expect(status).toBe(0);
    return stdout;
  };
  // The first lets go of what only waits to be forgotten.
  for (let i = 0; i < 2; i++) ask('jcmd', String(pid), 'GC.run');
  const [names = '', values = ''] = ask('jstat', '-gc', String(pid)).trim().split('\n');
  const column = names.trim().split(/\s+/).indexOf('MU');
  const loaders = ask('jcmd', String(pid), 'VM.classloader_stats').match(/ChildFirstClassLoader/g)?.length ?? 0;
  const threads = /Threads:\s+(\d+)/.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))?.[1];
  return { metaspaceMb: Number(values.trim().split(/\s+/)[column]) / 1024, loaders, threads: Number(threads) };
}

test('thirty submissions and cancellations leave nothing of theirs in the TaskManager', { timeout: 300_000 }, async () => {
  const echo = echoOn(shop, cluster, redis, 'again');
  const pid = cluster.taskManagers[0]?.pid ?? 0;
  let warm: Footprint | undefined;
  for (let round = 0; round < 30; round++) {
    await shop.must('start', '-c', echo.path);
    await echo.fill(10, round * 10);
    await echo.expectAllAnswered(10);
    await shop.must('stop', '-c', echo.path);
    // Until then Flink's own pools and Java's reflection have warmed.
    if (round === 9) warm = footprint(pid);
  }
  const last = footprint(pid);
  // The first job leaves its classes with ONNX Runtime, which all jobs share.
  expect(last.loaders).toBeLessThanOrEqual(1);
  // The classes of a job take some 5 MB.
  expect(last.metaspaceMb).toBeLessThan((warm?.metaspaceMb ?? NaN) + 2);
  expect(last.threads).toBeLessThan((warm?.threads ?? NaN) + 5);
});
