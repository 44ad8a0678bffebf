import { spawn, spawnSync } from 'node:child_process';
import { join } from 'node:path';
import { build } from 'esbuild';
import { encodeRecord } from '../server/src/codec/encodeRecord.ts';
import type { DenseTensor, RecordInputs } from '../server/src/tensor/tensor.ts';
import { loadModel } from '../server/src/model/loadModel.ts';
import { resultPrefix } from '../schemas/redis/redisKeys.ts';
import {
  args,
  cache,
  cpuSeconds,
  createRows,
  drain,
  end,
  median,
  memoryMb,
  percentile,
  report,
  root,
  sized,
  startEngine,
  startRedis,
  until,
  writeConfig,
  type BenchRedis,
  type Drained,
} from './support.ts';
import { bareRuntime, engineRun, fill, makeModel, removeResults } from './engineLoad.ts';

// npm run bench:engine [rounds] [parts] [--short] — every row of the table from one run; peers and engine take turns in each round.
const rounds = Number(args[0] ?? sized(3, 1));
const backlog = sized(50_000, 2_000);
const dist = (name: string) => join(root, 'dist', name);
const python = join(cache, 'bench-python', 'bin', 'python');
const { rows, row } = createRows();

const dense = (length: number, shape: readonly number[] = [length], whole = false): DenseTensor => {
  const values = Array.from({ length }, (_, i) => (whole ? i % 7 : Math.sin(i)));
  return whole
    ? { kind: 'dense', type: 'int32', shape, data: Int32Array.from(values) }
    : { kind: 'dense', type: 'float32', shape, data: Float32Array.from(values) };
};

async function throughput(redis: BenchRedis): Promise<void> {
  const model = join(root, 'test', 'fixtures', 'models', 'mlp');
  const stream = 'bench';
  const config = writeConfig('mlp', [
    `modelPath: ${model}`,
    `jobName: ${stream}`,
    `redisUrl: 127.0.0.1:${redis.port}`,
  ]);
  const text = encodeRecord(new Map([['x', dense(64)]]));
  const dry = join(cache, 'bench', 'engineWithoutModel.cjs');
  await build({
    entryPoints: [join(root, 'bench', 'engineWithoutModel.ts')],
    outfile: dry,
    bundle: true,
    platform: 'node',
    format: 'cjs',
    minify: true,
  });

  const ours: Drained[] = [];
  const without: number[] = [];
  const theirs: Drained[] = [];
  const bull: number[] = [];
  const mixed: number[] = [];
  let peakMb = 0;
  for (let round = 0; round < rounds; round++) {
    const run = await engineRun(redis, config, stream, backlog, () => text);
    peakMb = Math.max(peakMb, run.peakMb);
    ours.push(run);
    without.push((await engineRun(redis, config, stream, backlog, () => text, dry)).perSecond);
    theirs.push(await pythonRun(redis, stream, join(model, 'mlp.onnx'), text));
    bull.push(await bullRun(redis, join(model, 'mlp.onnx'), text));
    mixed.push(await mixedRun(redis));
    console.log(
      `  round ${round + 1}: engine ${Math.round(ours.at(-1)?.perSecond ?? 0)}/s, without model ${Math.round(without.at(-1) ?? 0)}/s, ` +
        `Python ${Math.round(theirs.at(-1)?.perSecond ?? 0)}/s, BullMQ ${Math.round(bull.at(-1) ?? 0)}/s, mixed ${Math.round(mixed.at(-1) ?? 0)}/s`,
    );
  }
  const rate = median(ours.map(({ perSecond }) => perSecond));
  const cpu = median(ours.map(({ cpuMicros }) => cpuMicros));
  const pythonCpu = median(theirs.map(({ cpuMicros }) => cpuMicros));
  const over = (values: readonly number[]) =>
    median(values.map((value, i) => (ours[i]?.perSecond ?? 0) / value));
  const times = (figure: string, ratio: number, due: number) =>
    row(figure, `${ratio.toFixed(2)}x`, `>= ${due}x`, ratio >= due);
  row(
    `${backlog.toLocaleString('en-US')} waiting records of 64 floats`,
    `${Math.round(rate)}/s`,
    '>= 30000/s',
    rate >= 30_000,
  );
  times('… over the naive Python worker', over(theirs.map(({ perSecond }) => perSecond)), 7);
  times('… over BullMQ', over(bull), 12);
  times("… over the engine's own run without a model", over(without), 0.8);
  row(
    '… CPU of worker and Redis a record',
    `${cpu.toFixed(1)} µs, ${(cpu / pythonCpu).toFixed(2)} of Python's ${pythonCpu.toFixed(0)} µs`,
    '<= 0.2',
    cpu / pythonCpu <= 0.2,
  );
  const share = median(mixed.map((value, i) => value / (ours[i]?.perSecond ?? NaN)));
  row(
    'four shapes, two inputs, ints and floats mixed',
    `${Math.round(median(mixed))}/s, ${share.toFixed(2)}`,
    '>= 0.6 of the first row',
    share >= 0.6,
  );
  row('resident memory under load', `${peakMb} MB`, '<= 250 MB', peakMb <= 250);
}

async function pythonRun(redis: BenchRedis, stream: string, model: string, text: string): Promise<Drained> {
  const count = backlog / 2;
  await fill(redis, stream, count, () => text);
  const worker = spawn(
    python,
    [join(root, 'bench', 'peers', 'worker.py'), String(redis.port), stream, model],
    { stdio: 'inherit' },
  );
  const drained = await drain(redis, stream, count, worker.pid ?? 0);
  await end(worker);
  await removeResults(redis, stream, count);
  return drained;
}

async function bullRun(redis: BenchRedis, model: string, text: string): Promise<number> {
  const count = sized(10_000, 500);
  const env = {
    ...process.env,
    NODE_PATH: join(cache, 'bench-node', 'node_modules'),
    ORT: join(root, 'node_modules', 'onnxruntime-node'),
    ARROW: join(root, 'node_modules', 'apache-arrow'),
  };
  const script = join(root, 'bench', 'peers', 'bullmq.cjs');
  spawnSync(process.execPath, [script, String(redis.port), 'fill', String(count)], {
    env,
    input: text,
    stdio: ['pipe', 'inherit', 'inherit'],
  });
  const worker = spawn(process.execPath, [script, String(redis.port), 'work', String(count), model], {
    env,
    stdio: 'inherit',
  });
  const done = () => redis.client.zcard('bull:bench:completed');
  let first = 0;
  await until(async () => (first = await done()) >= count * 0.05, 'BullMQ begins');
  const start = performance.now();
  await until(async () => (await done()) >= count, 'BullMQ ends');
  const perSecond = (count - first) / ((performance.now() - start) / 1000);
  await end(worker);
  const keys = await redis.client.keys('bull:*');
  await redis.client.unlink(...keys);
  return perSecond;
}

/** Records for a model of two inputs whose lengths are free: four shapes in turn, one input of ints, one of floats. */
async function mixedRun(redis: BenchRedis): Promise<number> {
  const config = writeConfig('mixed', [
    `modelPath: ${join(root, 'test', 'fixtures', 'models', 'joined')}`,
    'jobName: mixed',
    `redisUrl: 127.0.0.1:${redis.port}`,
  ]);
  const texts = [32, 48, 64, 40].map((length, i) =>
    encodeRecord(
      new Map<string, DenseTensor>([
        ['a', dense(length / 2, [length / 2], i % 2 === 0)],
        ['b', dense(length / 2)],
      ]) as RecordInputs,
    ),
  );
  return (await engineRun(redis, config, 'mixed', backlog, (i) => texts[i % 4] ?? '')).perSecond;
}

async function heavyModel(redis: BenchRedis): Promise<void> {
  const folder = makeModel(python, 'peers/cnn.py', join(cache, 'bench', 'cnn', 'model'));
  const picture = dense(3 * 224 * 224, [3, 224, 224]);
  const text = encodeRecord(new Map([['image', picture]]));
  const count = sized(240, 16);
  for (const [threads, batchSize] of [
    [1, 1],
    [1, 8],
    [2, 1],
  ] as const) {
    const config = writeConfig(`cnn-${threads}-${batchSize}`, [
      `modelPath: ${folder}`,
      'jobName: cnn',
      `redisUrl: 127.0.0.1:${redis.port}`,
      `threadPerModel: ${threads}`,
      `batchSize: ${batchSize}`,
    ]);
    const shares: number[] = [];
    for (let round = 0; round < rounds; round++) {
      const bare = bareRuntime(join(folder, 'cnn.onnx'), threads, batchSize, sized(120, 16));
      const { perSecond } = await engineRun(redis, config, 'cnn', count, () => text);
      shares.push(perSecond / bare);
      console.log(
        `  CNN ${threads} threads, batches of ${batchSize}: bare ${bare.toFixed(1)}/s, engine ${perSecond.toFixed(1)}/s`,
      );
    }
    row(
      `CNN, ${threads} thread${threads > 1 ? 's' : ''}, batches of ${batchSize}, over bare onnxruntime-node`,
      median(shares).toFixed(2),
      '>= 0.95',
      median(shares) >= 0.95,
    );
  }
}

async function latencyAndIdle(redis: BenchRedis): Promise<void> {
  const model = join(root, 'test', 'fixtures', 'models', 'mlp');
  const config = writeConfig('idle', [
    `modelPath: ${model}`,
    'jobName: idle',
    `redisUrl: 127.0.0.1:${redis.port}`,
  ]);
  const engine = await startEngine(dist('engine.mjs'), config);
  await new Promise((done) => setTimeout(done, sized(5_000, 100)));
  const { now } = memoryMb(engine.pid);
  row('resident memory when idle', `${now} MB`, '<= 120 MB', now <= 120);
  const text = encodeRecord(new Map([['x', dense(64)]]));
  const key = (i: number) => `${resultPrefix('idle')}r${i}`;
  const waits: number[] = [];
  const warmUp = sized(200, 10);
  for (let i = 0; i < 6 * warmUp; i++) {
    const start = performance.now();
    void redis.client.xadd('idle', '*', 'uri', `r${i}`, 'data', text);
    while ((await redis.client.hget(key(i), 'value')) === null);
    waits.push(performance.now() - start);
    await redis.client.del(key(i));
    await new Promise((done) => setTimeout(done, 3));
  }
  const direct = await directRun(join(model, 'mlp.onnx'));
  const p50 = percentile(waits.slice(warmUp), 0.5) - direct;
  const p99 = percentile(waits.slice(warmUp), 0.99) - direct;
  row(
    'one record on an idle service, above a direct run()',
    `p50 ${p50.toFixed(2)} ms, p99 ${p99.toFixed(2)} ms`,
    'p50 <= 1.0, p99 <= 3',
    p50 <= 1 && p99 <= 3,
  );

  const cpu = () => cpuSeconds(engine.pid) + cpuSeconds(redis.pid);
  const before = cpu();
  const seconds = sized(30, 1);
  await new Promise((done) => setTimeout(done, seconds * 1000));
  const share = ((cpu() - before) / seconds) * 100;
  row('idle CPU of engine and Redis', `${share.toFixed(2)} % of a core`, '<= 0.5 %', share <= 0.5);
  await end(engine.process);
}

async function directRun(file: string): Promise<number> {
  const model = await loadModel({
    source: { type: 'onnx', file },
    runtime: 'onnxruntime',
    place: '',
    copies: 1,
    threads: 1,
    batchSize: 1,
    workerFile: dist('modelWorker.mjs'),
    onDeath: () => undefined,
  });
  const times: number[] = [];
  for (let i = 0; i < 500; i++) {
    const start = performance.now();
    await model.run([{ name: 'x', type: 'float32', shape: [1, 64], data: new Float32Array(64) }]);
    times.push(performance.now() - start);
  }
  await model.close();
  return percentile(times.slice(100), 0.5);
}

function commandLine(redis: BenchRedis): void {
  const state = join(cache, 'bench', 'state');
  const env = { ...process.env, CLUSTER_SERVING_STATE: state };
  const config = writeConfig('digits', [
    `modelPath: ${join(root, 'examples', 'digits', 'model')}`,
    'jobName: benchdigits',
    'imageResize: 8,8',
    `redisUrl: 127.0.0.1:${redis.port}`,
  ]);
  const program = join(root, 'bin', 'cluster-serving.cjs');
  const timed = (...args: string[]) => {
    const start = performance.now();
    const { status, stderr } = spawnSync(process.execPath, [program, ...args], { env, encoding: 'utf8' });
    if (status !== 0) throw new Error(`${args.join(' ')}: ${stderr}`);
    return performance.now() - start;
  };
  const picture = join(root, 'examples', 'digits', 'images', 'digit-00.png');
  const starts: number[] = [];
  const lists: number[] = [];
  const versions: number[] = [];
  for (let i = 0; i < sized(5, 1); i++) {
    starts.push(timed('start', '-c', config) + timed('predict', '-c', config, picture));
    for (let j = 0; j < 4; j++) {
      lists.push(timed('list', '-c', config));
      versions.push(timed('--version'));
    }
    timed('stop', '-c', config);
  }
  const ms = (figure: string, values: readonly number[], due: number) =>
    row(figure, `${Math.round(median(values))} ms`, `<= ${due} ms`, median(values) <= due);
  ms('start until the first answer (digits; the start and a predict command)', starts, 1_500);
  ms('cluster-serving --version', versions, 80);
  ms('cluster-serving list with one job', lists, 200);
}

async function million(redis: BenchRedis): Promise<void> {
  const count = sized(1_000_000, 10_000);
  const stream = 'million';
  const config = writeConfig(stream, [
    `modelPath: ${join(root, 'test', 'fixtures', 'models', 'mlp')}`,
    `jobName: ${stream}`,
    `redisUrl: 127.0.0.1:${redis.port}`,
  ]);
  const text = encodeRecord(new Map([['x', dense(64)]]));
  const small = (await engineRun(redis, config, stream, 1_000, () => text)).peakMb;
  await redis.client.del(stream);
  const usedMb = async () =>
    Number(/used_memory:(\d+)/.exec(await redis.client.info('memory'))?.[1]) / 1024 / 1024;
  const before = await usedMb();
  await fill(redis, stream, count, () => text);
  const engine = await startEngine(dist('engine.mjs'), config);
  const ready = performance.now();
  await until(async () => (await redis.client.exists(`${resultPrefix(stream)}r0`)) === 1, 'the first result');
  const first = performance.now() - ready;
  let peak = 0;
  let read = 0;
  // Clients read as the results come: in the order of the records, removing what they have read.
  while (read < count) {
    const next = Math.min(count, read + 5_000);
    await until(
      async () => (await redis.client.exists(`${resultPrefix(stream)}r${next - 1}`)) === 1,
      `result ${next}`,
    );
    await redis.client.unlink(
      ...Array.from({ length: next - read }, (_, i) => `${resultPrefix(stream)}r${read + i}`),
    );
    read = next;
    peak = Math.max(peak, memoryMb(engine.pid).now);
  }
  await until(async () => (await redis.client.xlen(stream)) === 0, 'the stream is empty');
  await removeResults(redis, stream, count);
  const after = await usedMb();
  await end(engine.process);
  row(
    `${count.toLocaleString('en-US')} waiting records: first result after ready`,
    `${Math.round(first)} ms`,
    '<= 2000 ms',
    first <= 2_000,
  );
  row(
    '… resident memory, with all of them / with 1,000 waiting',
    `${peak} / ${small} MB`,
    'no higher (within 15 %)',
    peak <= small * 1.15,
  );
  row(
    '… Redis memory after all is answered and read',
    `${(after - before).toFixed(1)} MB more`,
    '+- 2 MB',
    Math.abs(after - before) <= 2,
  );
}

async function main(): Promise<void> {
  const only = args.slice(1);
  const redis = await startRedis();
  const parts: Record<string, () => Promise<void> | void> = {
    throughput: () => throughput(redis),
    heavy: () => heavyModel(redis),
    idle: () => latencyAndIdle(redis),
    cli: () => commandLine(redis),
    million: () => million(redis),
  };
  for (const [name, part] of Object.entries(parts)) {
    if (only.length > 0 && !only.includes(name)) continue;
    console.log(name);
    await part();
  }
  await redis.stop();
  report('engine', rows);
}

main().catch((error: unknown) => {
  console.error(error);
  process.exitCode = 1;
});
