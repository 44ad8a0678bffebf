import { existsSync, mkdtempSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { execa } from 'execa';
import { encodeRecord } from '../server/src/codec/encodeRecord.ts';
import { flinkJarName } from '../schemas/flinkJob.ts';
import type { JobReport } from '../schemas/jobEvents.ts';
import { resultPrefix } from '../schemas/redis/redisKeys.ts';
import { startCluster, type Cluster } from '../test/flink/cluster.ts';
import { shareFiles } from '../test/flink/shareFiles.ts';
import { javaFootprint, type JavaFootprint } from '../test/support/javaFootprint.ts';
import { append, makeModel, removeResults } from './engineLoad.ts';
import {
  answered,
  args,
  createRows,
  median,
  report,
  root,
  sized,
  startRedis,
  until,
  writeConfig,
  type BenchRedis,
} from './support.ts';

// npm run bench:flink [rounds] [submissions] [records] [--short] — our job on a real Flink and the embedded engine, on the same records in turns.
const rounds = Number(args[0] ?? sized(3, 1));
const backlog = sized(50_000, 2_000);
const pictures = sized(400, 16);
const killed = sized(20_000, 5_000);
const submissions = Number(args[1] ?? sized(30, 2));
const records = Number(args[2] ?? sized(1_000_000, 20_000));
const originalPerSecond = 1_300;
const state = mkdtempSync(join(tmpdir(), 'bench-flink-'));
shareFiles(join(root, '.cache', 'flink-program'), join(state, 'flink-program'));
const program = join(root, 'bin', 'cluster-serving.cjs');
const { rows, row } = createRows();

async function cli(...args: string[]): Promise<string> {
  const { stdout } = await execa(process.execPath, [program, ...args], {
    env: { CLUSTER_SERVING_STATE: state },
  });
  return stdout;
}

async function fill(redis: BenchRedis, stream: string, count: number, data: string): Promise<void> {
  await redis.client.xgroup('CREATE', stream, 'serving', '0-0', 'MKSTREAM').catch(() => undefined);
  await append(redis, stream, count, () => data);
}

/** Records a second of a backlog that was there before the job, from its first twentieth to its last record. */
async function drained(
  redis: BenchRedis,
  stream: string,
  config: string,
  data: string,
  count = backlog,
): Promise<number> {
  await redis.client.del(stream);
  await fill(redis, stream, count, data);
  const starting = cli('start', '-c', config);
  let first = 0;
  await until(async () => (first = await answered(redis, stream)) >= count * 0.05, 'the first records');
  const began = performance.now();
  await until(async () => (await answered(redis, stream)) >= count, 'the last record');
  const seconds = (performance.now() - began) / 1_000;
  await starting;
  await cli('stop', '-c', config);
  await removeResults(redis, stream, count);
  return (count - first) / seconds;
}

/** Serves so many records, of which no more than some wait at a time. */
async function serve(redis: BenchRedis, stream: string, count: number, data: string): Promise<void> {
  const waiting = 50_000;
  const start = await answered(redis, stream);
  for (let sent = 0; sent < count; sent += waiting) {
    await fill(redis, stream, Math.min(waiting, count - sent), data);
    const due = start + Math.min(count, sent + waiting);
    await until(async () => (await answered(redis, stream)) >= due, 'a portion of many records');
  }
}

/** From the start of a job, whose one record waits, to its answer, in seconds. */
async function timeToAnswer(redis: BenchRedis, path: string, stream: string, data: string): Promise<number> {
  await redis.client.del(stream);
  await fill(redis, stream, 1, data);
  const began = performance.now();
  const starting = cli('start', '-c', path);
  const key = `${resultPrefix(stream)}r0`;
  await until(async () => (await redis.client.exists(key)) === 1, 'the first answer');
  const seconds = (performance.now() - began) / 1_000;
  await starting;
  await cli('stop', '-c', path);
  await removeResults(redis, stream, 1);
  return seconds;
}

/** A heavy model, whose time is its own. */
async function measurePictures(
  redis: BenchRedis,
  config: (name: string, ...lines: string[]) => string,
): Promise<void> {
  const python = join(root, '.cache', 'bench-python', 'bin', 'python');
  const model = makeModel(python, 'peers/cnn.py', join(state, 'cnn'));
  const values = Float32Array.from({ length: 3 * 224 * 224 }, (_, i) => Math.sin(i));
  const data = encodeRecord(
    new Map([['image', { kind: 'dense', type: 'float32', shape: [3, 224, 224], data: values }]]),
  );
  const shares: number[] = [];
  for (let round = 0; round < rounds; round++) {
    const lines = [`modelPath: ${model}`, 'batchSize: 8'];
    const here = await drained(redis, 'bench-cnn', config('bench-cnn', ...lines), data, pictures);
    const there = await drained(
      redis,
      'bench-cnnf',
      config('bench-cnnf', ...lines, 'backend: flink'),
      data,
      pictures,
    );
    shares.push(there / here);
  }
  const share = median(shares);
  row('CNN of 3x224x224, share of the embedded engine', share.toFixed(2), '>= 0.9', share >= 0.9);
}

/** The process of a job's worker. */
async function processOf(path: string): Promise<number> {
  const { jobs } = JSON.parse(await cli('list', '-c', path, '--json')) as { jobs: JobReport[] };
  return jobs.flatMap(({ workers }) => workers).find(({ heartbeat }) => heartbeat)?.registration.pid ?? 0;
}

async function directMb(cluster: Cluster): Promise<number> {
  const name = 'Status.JVM.Memory.Direct.MemoryUsed';
  const { taskmanagers } = (await cluster.rest('/taskmanagers')) as { taskmanagers: { id: string }[] };
  let bytes = NaN;
  await until(async () => {
    const path = `/taskmanagers/${taskmanagers[0]?.id ?? ''}/metrics?get=${name}`;
    const [metric] = (await cluster.rest(path)) as { value: string }[];
    bytes = Number(metric?.value ?? NaN);
    return !Number.isNaN(bytes);
  }, 'metrics');
  return bytes / 1024 / 1024;
}

async function main(): Promise<void> {
  const redis = await startRedis();
  const cluster = await startCluster(0);
  // Its heap is resident from the start, so that what grows is something else.
  const addTaskManager = () => cluster.addTaskManager({ slots: 4, java: '-XX:+AlwaysPreTouch' });
  try {
    const taskManager = await addTaskManager();
    const { pid } = taskManager;
    const values = Float32Array.from({ length: 64 }, (_, i) => Math.sin(i));
    const data = encodeRecord(
      new Map([['x', { kind: 'dense', type: 'float32', shape: [64], data: values }]]),
    );
    const mlp = `modelPath: ${join(root, 'test', 'fixtures', 'models', 'mlp')}`;
    const config = (name: string, ...lines: string[]) =>
      writeConfig(name, [
        ...(lines.some((line) => line.startsWith('modelPath')) ? [] : [mlp]),
        `jobName: ${name}`,
        `redisUrl: 127.0.0.1:${redis.port}`,
        `flinkRestUrl: ${cluster.url}`,
        'claimIdleMs: 1000',
        ...lines,
      ]);
    const first = await timeToAnswer(redis, config('bench-first', 'backend: flink'), 'bench-first', data);
    row(
      'first start on a cluster until the first answer, with what workers run on',
      `${first.toFixed(1)} s`,
      '<= 3 s',
      first <= 3,
    );
    const embedded = config('bench-embedded');
    const flink1 = config('bench-flink1', 'backend: flink');
    const flink2 = config('bench-flink2', 'backend: flink', 'modelParallelism: 2');

    const rates: Record<'embedded' | 'one' | 'two', number[]> = { embedded: [], one: [], two: [] };
    for (let round = 0; round < rounds; round++) {
      rates.embedded.push(await drained(redis, 'bench-embedded', embedded, data));
      rates.one.push(await drained(redis, 'bench-flink1', flink1, data));
      rates.two.push(await drained(redis, 'bench-flink2', flink2, data));
      const [e, one, two] = [rates.embedded, rates.one, rates.two].map((all) => Math.round(all.at(-1) ?? 0));
      console.log(
        `  round ${round + 1}: embedded ${e}/s, Flink with parallelism 1 ${one}/s, with 2 ${two}/s`,
      );
    }
    for (const [name, all, least] of [
      ['1', rates.one, 0.65],
      ['2', rates.two, 0.8],
    ] as const) {
      const rate = median(all);
      const share = median(all.map((value, i) => value / (rates.embedded[i] ?? NaN)));
      row(
        `records/s, parallelism ${name}`,
        `${Math.round(rate)}/s, ${share.toFixed(2)} of the embedded engine's`,
        `>= ${least} of it, >= ${10 * originalPerSecond}/s`,
        share >= least && rate >= 10 * originalPerSecond,
      );
    }
    await measurePictures(redis, config);

    const starts: number[] = [];
    let before: JavaFootprint | undefined;
    for (let i = 0; i < submissions; i++) {
      starts.push(await timeToAnswer(redis, flink1, 'bench-flink1', data));
      // Until then Flink's own pools and Java's reflection have warmed.
      if (i === Math.min(9, submissions - 2)) before = javaFootprint(pid);
    }
    const start = median(starts);
    row('start until the first answer, after that', `${start.toFixed(1)} s`, '<= 1.5 s', start <= 1.5);
    if (!before) throw new Error('two submissions at least');
    const after = javaFootprint(pid);
    row(
      `${submissions} submissions in a row, after a collection`,
      `metaspace ${before.metaspaceMb.toFixed(1)} → ${after.metaspaceMb.toFixed(1)} MB, class loaders of jobs ${before.jobLoaders} → ${after.jobLoaders}, threads ${before.threads} → ${after.threads}, alive`,
      'flat (+2 MB, +0, +5), alive',
      after.metaspaceMb <= before.metaspaceMb + 2 &&
        after.jobLoaders <= before.jobLoaders &&
        after.threads <= before.threads + 5,
    );

    const many = config('bench-many', 'backend: flink', 'modelParallelism: 2', 'resultTtlSeconds: 1');
    await cli('start', '-c', many);
    await serve(redis, 'bench-many', records / 10, data);
    const [early, earlyDirect] = [javaFootprint(pid), await directMb(cluster)];
    await serve(redis, 'bench-many', records - records / 10, data);
    const [late, lateDirect] = [javaFootprint(pid), await directMb(cluster)];
    await cli('stop', '-c', many);
    row(
      `memory from record ${records / 10} to ${records}, after a collection`,
      `heap ${early.heapMb.toFixed(0)} → ${late.heapMb.toFixed(0)} MB, direct ${earlyDirect.toFixed(0)} → ${lateDirect.toFixed(0)} MB, resident ${early.rssMb.toFixed(0)} → ${late.rssMb.toFixed(0)} MB`,
      'flat (+5, +5, +25 MB)',
      late.heapMb <= early.heapMb + 5 && lateDirect <= earlyDirect + 5 && late.rssMb <= early.rssMb + 25,
    );

    await redis.client.del('bench-flink1');
    await cli('start', '-c', flink1);
    const child = await processOf(flink1);
    await fill(redis, 'bench-flink1', killed, data);
    await until(async () => (await answered(redis, 'bench-flink1')) > killed / 10, 'the middle of the run');
    process.kill(child, 'SIGKILL');
    const [upTo, killedAt] = [await answered(redis, 'bench-flink1'), performance.now()];
    await until(
      async () => (await answered(redis, 'bench-flink1')) > Math.min(upTo + 2_048, killed - 1),
      'answers of the next process',
    );
    const againMs = performance.now() - killedAt;
    row(
      "a worker's process killed, until the next one answers",
      `${Math.round(againMs)} ms`,
      '<= 2000 ms',
      againMs <= 2_000,
    );
    await until(async () => (await answered(redis, 'bench-flink1')) >= killed, 'the last record');
    await removeResults(redis, 'bench-flink1', killed);

    const orphan = await processOf(flink1);
    await fill(redis, 'bench-flink1', killed, data);
    await until(async () => (await answered(redis, 'bench-flink1')) > killed * 1.1, 'the middle of the run');
    const [at, died] = [(await answered(redis, 'bench-flink1')) - killed, performance.now()];
    await taskManager.kill();
    await until(() => !existsSync(`/proc/${orphan}`), 'the end of the process', 30_000);
    const goneMs = performance.now() - died;
    row(
      "a TaskManager killed -9, until its worker's process is gone",
      `${Math.round(goneMs)} ms`,
      '<= 2000 ms',
      goneMs <= 2_000,
    );
    await addTaskManager();
    const done = async () => (await answered(redis, 'bench-flink1')) >= 2 * killed;
    await until(done, 'the last record', 120_000).catch(() => undefined);
    const seconds = (performance.now() - died) / 1_000;
    let lost = 0;
    for (let i = 0; i < killed; i += 1_000) {
      const keys = Array.from({ length: 1_000 }, (_, k) => `${resultPrefix('bench-flink1')}r${i + k}`);
      lost += keys.length - (await redis.client.exists(...keys));
    }
    row(
      `TaskManager killed -9 in the middle of ${killed} records (at ${at})`,
      `${lost} lost, all answered ${seconds.toFixed(0)} s later`,
      '0 lost',
      lost === 0,
    );
    await cli('stop', '-c', flink1);

    const megabytes = statSync(join(root, 'dist', 'flink', flinkJarName)).size / 1024 / 1024;
    row("the job's jar", `${megabytes.toFixed(1)} MB`, '<= 60 MB', megabytes <= 60);
    report('flink', rows);
  } finally {
    await cluster.stop();
    await redis.stop();
    rmSync(state, { recursive: true, force: true });
  }
}

void main();
