import { join } from 'node:path';
import { encodeRecord } from '../server/src/codec/encodeRecord.ts';
import { resultField, resultPrefix } from '../schemas/redis/redisKeys.ts';
import { simulate } from './simulate.ts';
import { cpuSeconds, end, root, sized, startEngine, startRedis, until, writeConfig } from './support.ts';

// npm run bench:scaling [--short] — what a record costs Redis and a worker here, and what follows for larger clusters.
const count = sized(50_000, 2_000);
const stream = 'scaling';

async function measure(): Promise<{ redisMicros: number; copyMicros: number }> {
  const redis = await startRedis();
  const config = writeConfig('scaling', [
    `modelPath: ${join(root, 'test', 'fixtures', 'models', 'mlp')}`,
    `jobName: ${stream}`,
    `redisUrl: 127.0.0.1:${redis.port}`,
  ]);
  const values = Float32Array.from({ length: 64 }, (_, i) => Math.sin(i));
  const data = encodeRecord(new Map([['x', { kind: 'dense', type: 'float32', shape: [64], data: values }]]));
  const spent = async (what: string, work: () => Promise<void>): Promise<number> => {
    const before = cpuSeconds(redis.pid);
    await work();
    const micros = ((cpuSeconds(redis.pid) - before) / count) * 1e6;
    console.log(`  Redis, ${what}: ${micros.toFixed(1)} µs a record`);
    return micros;
  };
  const inPortions = async (portion: (at: number) => Promise<unknown>): Promise<void> => {
    for (let at = 0; at < count; at += 1_000) await portion(at);
  };
  const put = await spent('put in', () =>
    inPortions((at) => {
      const pipeline = redis.client.pipeline();
      for (let i = at; i < at + 1_000; i++) pipeline.xadd(stream, '*', 'uri', `r${i}`, 'data', data);
      return pipeline.exec();
    }),
  );
  const engine = await startEngine(join(root, 'dist', 'engine.mjs'), config);
  const cpuBefore = cpuSeconds(engine.pid);
  const serve = await spent('taken, finished and trimmed', () =>
    until(
      async () => (await redis.client.exists(`${resultPrefix(stream)}r${count - 1}`)) === 1,
      'the last answer',
    ),
  );
  const copyMicros = ((cpuSeconds(engine.pid) - cpuBefore) / count) * 1e6;
  await end(engine.process);
  const read = await spent('read and removed', () =>
    inPortions((at) => {
      const pipeline = redis.client.pipeline();
      for (let i = at; i < at + 1_000; i++)
        pipeline.hget(`${resultPrefix(stream)}r${i}`, resultField).del(`${resultPrefix(stream)}r${i}`);
      return pipeline.exec();
    }),
  );
  await redis.stop();
  console.log(`  a worker, the small model included: ${copyMicros.toFixed(1)} µs a record`);
  return { redisMicros: put + serve + read, copyMicros };
}

void main();

async function main(): Promise<void> {
  const { redisMicros, copyMicros } = await measure();
  console.log(`  one Redis can carry ${Math.round(1e6 / redisMicros)} such records a second\n`);
  const copyCounts = [1, 2, 4, 8, 16, 32, 64, 128];
  for (const [name, modelMicros] of [
    ['the small model', 0],
    ['a model of 1 ms', 1_000],
    ['a model of 10 ms', 10_000],
  ] as const) {
    console.log(`records/s of ${name}, by copies: ${copyCounts.join(', ')}`);
    for (const shards of [1, 2, 4]) {
      const rates = copyCounts.map((copies) =>
        copies < shards
          ? '-'
          : String(
              Math.round(
                simulate({ copies, shards, batch: 64, redisMicros, copyMicros: copyMicros + modelMicros }),
              ),
            ),
      );
      console.log(`  ${shards} Redis: ${rates.join(', ')}`);
    }
  }
}
