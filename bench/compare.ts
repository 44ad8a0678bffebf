import { existsSync, mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { encodeRecord } from '../server/src/codec/encodeRecord.ts';
import { encodeTypedRecord } from '../server/src/codec/typedForm.ts';
import type { DenseTensor } from '../server/src/tensor/tensor.ts';
import { bareRuntime, engineRun, makeModel } from './engineLoad.ts';
import {
  cache,
  cpuSeconds,
  createRows,
  end,
  median,
  report,
  root,
  startEngine,
  startRedis,
  writeConfig,
  type BenchRedis,
} from './support.ts';
import { serve, writeBinaryRequest, type Served } from './served.ts';
import { load, middle, text, type Load } from './wrk.ts';

// npm run bench:compare -- FOLDER [rounds] [parts]: this tree beside a built checkout of an earlier one, by turns in each round.
const [before = '', roundsText = '3', ...chosen] = process.argv.slice(2);
const rounds = Number(roundsText);
const seconds = 5;
const folder = join(cache, 'bench', 'compare');
const python = join(cache, 'bench-python', 'bin', 'python');
const { rows, row } = createRows();
if (!existsSync(join(before, 'dist', 'engine.mjs')))
  throw new Error('Name the folder of an earlier checkout in which "npm run build" has run.');
const trees = { before: join(before, 'dist'), after: join(root, 'dist') };
type Side = keyof typeof trees;
const mlp = join(root, 'test/fixtures/models/mlp');
const ratio = (values: Record<Side, readonly number[]>) => median(values.after) / median(values.before);

function dense(shape: readonly number[]): DenseTensor {
  const length = shape.reduce((product, size) => product * size, 1);
  return {
    kind: 'dense',
    type: 'float32',
    shape,
    data: Float32Array.from({ length }, (_, i) => Math.sin(i)),
  };
}

/** Both sides in each round, the first of them by turns. */
async function byTurns(work: (side: Side) => Promise<void>): Promise<void> {
  for (let round = 0; round < rounds; round++)
    for (const side of round % 2 === 0 ? (['before', 'after'] as const) : (['after', 'before'] as const))
      await work(side);
}

async function engine(redis: BenchRedis): Promise<void> {
  const config = (batching: string) =>
    writeConfig(`compare${batching}`, [
      `modelPath: ${mlp}`,
      'jobName: compare',
      `redisUrl: 127.0.0.1:${redis.port}`,
      ...(batching === '' ? [] : [`batching: ${batching}`]),
    ]);
  const record = encodeRecord(new Map([['x', dense([64])]]));
  const rates: Record<Side, number[]> = { before: [], after: [] };
  const cpu: Record<Side, number[]> = { before: [], after: [] };
  const unchecked: number[] = [];
  const run = (side: Side, batching = '') =>
    engineRun(redis, config(batching), 'compare', 100_000, () => record, join(trees[side], 'engine.mjs'));
  await byTurns(async (side) => {
    const { perSecond, cpuMicros } = await run(side);
    rates[side].push(perSecond);
    cpu[side].push(cpuMicros);
    if (side === 'after') unchecked.push((await run(side, 'on')).perSecond);
    console.log(
      `  ${side}: ${Math.round(perSecond)}/s, ${cpuMicros.toFixed(1)} µs of processor time a record`,
    );
  });
  row(
    '64 floats in the original form: rate',
    `${ratio(rates).toFixed(2)}x`,
    '>= 0.97x',
    ratio(rates) >= 0.97,
  );
  row('… processor time of worker and Redis', `${ratio(cpu).toFixed(2)}x`, '<= 1.03x', ratio(cpu) <= 1.03);
  const checked = median(rates.after) / median(unchecked);
  row(
    '… with samples of traffic, over `batching: on`',
    `${checked.toFixed(2)}x`,
    '>= 0.98x',
    checked >= 0.98,
  );
}

async function startUp(redis: BenchRedis): Promise<void> {
  const config = writeConfig('digits', [
    `modelPath: ${join(root, 'examples/digits/model')}`,
    'jobName: digits',
    'imageResize: 8,8',
    `redisUrl: 127.0.0.1:${redis.port}`,
  ]);
  const ms: Record<Side, number[]> = { before: [], after: [] };
  for (let i = 0; i < 4; i++)
    await byTurns(async (side) => {
      const { process: child, readyMs } = await startEngine(join(trees[side], 'engine.mjs'), config);
      ms[side].push(readyMs);
      await end(child);
    });
  const more = median(ms.after) - median(ms.before);
  const figure = `${more.toFixed(0)} ms more (${median(ms.after).toFixed(0)} against ${median(ms.before).toFixed(0)})`;
  row('worker of the digits: start until ready', figure, '<= 50 ms more', more <= 50);
}

async function heavyRecords(redis: BenchRedis): Promise<void> {
  const model = makeModel(python, 'peers/cnn.py', join(folder, 'cnn'));
  const picture = new Map([['image', dense([3, 224, 224])]]);
  const { type, shape, data } = dense([3, 224, 224]);
  const records = {
    original: encodeRecord(picture),
    typed: encodeTypedRecord(new Map([['image', { type, shape, data }]])),
  };
  const share: Record<'before' | 'original' | 'typed', number[]> = { before: [], original: [], typed: [] };
  const config = writeConfig('comparecnn', [
    `modelPath: ${model}`,
    'jobName: cnn',
    `redisUrl: 127.0.0.1:${redis.port}`,
    'threadPerModel: 2',
    'batchSize: 1',
  ]);
  const rate = async (side: Side, form: keyof typeof records) =>
    (
      await engineRun(
        redis,
        config,
        'cnn',
        400,
        () => records[form],
        join(trees[side], 'engine.mjs'),
        form === 'typed' ? ['serde', 'typed'] : [],
      )
    ).perSecond;
  for (let round = 0; round < rounds; round++) {
    const bare = bareRuntime(join(model, 'cnn.onnx'), 2, 1, 200);
    share.before.push((await rate('before', 'original')) / bare);
    share.original.push((await rate('after', 'original')) / bare);
    share.typed.push((await rate('after', 'typed')) / bare);
  }
  const original = `${median(share.original).toFixed(2)} (before ${median(share.before).toFixed(2)})`;
  const kept = median(share.original) >= 0.97 * median(share.before);
  row('CNN, 2 threads, 600 kB, the original form: share of the bare runtime', original, 'no less', kept);
  const typed = median(share.typed);
  row('… typed records', typed.toFixed(2), '>= 0.8', typed >= 0.8);
}

function serveBy(side: Side, redis: BenchRedis, name: string, model: string): Promise<Served> {
  const config = writeConfig(`compare-${name}-${side}`, [
    `jobName: ${name}-${side}`,
    `redisUrl: 127.0.0.1:${redis.port}`,
    `modelPath: ${model}`,
  ]);
  return serve(trees[side], config);
}

async function requests(redis: BenchRedis): Promise<void> {
  const numbers = Array.from({ length: 64 }, (_, i) => Number(((i * 0.2031) % 1).toFixed(4)));
  const file = join(folder, 'instances.json');
  writeFileSync(file, JSON.stringify({ instances: [{ x: numbers }] }));
  for (const [connections, due] of [
    [64, 1.12],
    [16, 1.08],
  ] as const) {
    const loads: Record<Side, Load[]> = { before: [], after: [] };
    await byTurns(async (side) => {
      const served = await serveBy(side, redis, 'mlp', mlp);
      load(`${served.url}/predict`, connections, file, 2);
      loads[side].push(load(`${served.url}/predict`, connections, file, seconds));
      await served.stop();
    });
    const [old, now] = [middle(loads.before), middle(loads.after)];
    console.log(`  ${connections} connections: before ${text(old)}; after ${text(now)}`);
    const times = now.perSecond / old.perSecond;
    row(`HTTP through Redis, ${connections} connections`, `${times.toFixed(2)}x`, `>= ${due}x`, times >= due);
  }
}

async function heavyRequests(redis: BenchRedis): Promise<void> {
  const model = makeModel(python, 'http/mean.py', join(folder, 'mean'));
  const { file, headers } = writeBinaryRequest(folder);
  const rates: Record<Side, number[]> = { before: [], after: [] };
  const cpu: Record<Side, number[]> = { before: [], after: [] };
  await byTurns(async (side) => {
    const { url, worker, frontend, stop } = await serveBy(side, redis, 'mean', model);
    const pids = [worker.pid ?? 0, frontend.pid ?? 0, redis.pid];
    const infer = `${url}/v2/models/mean-${side}/infer`;
    load(infer, 4, file, 2, headers);
    const spent = () => pids.reduce((sum, pid) => sum + cpuSeconds(pid), 0);
    const from = spent();
    const { perSecond } = load(infer, 4, file, seconds, headers);
    cpu[side].push(((spent() - from) / (perSecond * seconds)) * 1e3);
    rates[side].push(perSecond);
    await stop();
  });
  const absolute = `${median(rates.after).toFixed(0)} against ${median(rates.before).toFixed(0)}/s`;
  const faster = ratio(rates);
  row(
    '3x224x224 floats over binary v2: rate',
    `${faster.toFixed(2)}x (${absolute})`,
    '>= 1.6x',
    faster >= 1.6,
  );
  const spent = `${median(cpu.after).toFixed(2)} against ${median(cpu.before).toFixed(2)} ms`;
  const less = ratio(cpu);
  row(
    '… processor time of frontend, Redis and engine',
    `${less.toFixed(2)}x (${spent})`,
    '<= 0.5x',
    less <= 0.5,
  );
}

const parts = { engine, startUp, heavyRecords, requests, heavyRequests };

async function main(): Promise<void> {
  mkdirSync(folder, { recursive: true });
  for (const [name, part] of Object.entries(parts)) {
    if (chosen.length > 0 && !chosen.includes(name)) continue;
    console.log(name);
    const redis = await startRedis();
    try {
      await part(redis);
    } finally {
      await redis.stop();
    }
  }
  report('compare', rows);
}

void main();
