import { spawnSync } from 'node:child_process';
import { mkdirSync } from 'node:fs';
import { basename, join } from 'node:path';
import { resultPrefix } from '../schemas/redis/redisKeys.ts';
import { drain, end, memoryMb, root, startEngine, type BenchRedis, type Drained } from './support.ts';

/** Puts records into a new stream as the Python client does, some thousand a round trip.
 *  @param more  further fields of each, names and values in turn */
export async function fill(
  redis: BenchRedis,
  stream: string,
  count: number,
  record: (i: number) => string | Buffer,
  more: readonly string[] = [],
): Promise<void> {
  await redis.client.del(stream);
  await redis.client.xgroup('CREATE', stream, 'serving', '0-0', 'MKSTREAM');
  await append(redis, stream, count, record, more);
}

/** Puts records in behind those that are there. */
export async function append(
  redis: BenchRedis,
  stream: string,
  count: number,
  record: (i: number) => string | Buffer,
  more: readonly string[] = [],
): Promise<void> {
  for (let at = 0; at < count; at += 2_000) {
    const pipeline = redis.client.pipeline();
    for (let i = at; i < Math.min(count, at + 2_000); i++)
      pipeline.xadd(stream, '*', 'uri', `r${i}`, 'data', record(i), ...more);
    await pipeline.exec();
  }
}

export async function removeResults(redis: BenchRedis, stream: string, count: number): Promise<void> {
  for (let at = 0; at < count; at += 5_000)
    await redis.client.unlink(
      ...Array.from({ length: Math.min(5_000, count - at) }, (_, i) => `${resultPrefix(stream)}r${at + i}`),
    );
}

export async function engineRun(
  redis: BenchRedis,
  config: string,
  stream: string,
  count: number,
  record: (i: number) => string | Buffer,
  file = join(root, 'dist', 'engine.mjs'),
  more: readonly string[] = [],
): Promise<Drained & { peakMb: number }> {
  await fill(redis, stream, count, record, more);
  const engine = await startEngine(file, config);
  const drained = await drain(redis, stream, count, engine.pid);
  const { peak } = memoryMb(engine.pid);
  await end(engine.process);
  await removeResults(redis, stream, count);
  return { ...drained, peakMb: peak };
}

/** Makes a model with one of the scripts here, `cnn.py` to `cnn.onnx`. @returns its folder */
export function makeModel(python: string, script: string, folder: string): string {
  mkdirSync(folder, { recursive: true });
  const file = join(folder, `${basename(script, '.py')}.onnx`);
  const { status } = spawnSync(python, [join(root, 'bench', script), file], { stdio: 'inherit' });
  if (status !== 0) throw new Error(`${script} made no model`);
  return folder;
}

/** Rows a second of the runtime alone, in a process of its own. */
export function bareRuntime(file: string, threads: number, batch: number, count: number): number {
  const code = `
    const ort = require(${JSON.stringify(join(root, 'node_modules', 'onnxruntime-node'))});
    (async () => {
      const session = await ort.InferenceSession.create(${JSON.stringify(file)}, { intraOpNumThreads: ${threads}, interOpNumThreads: 1 });
      const data = new Float32Array(${batch} * 3 * 224 * 224).map((_, i) => Math.sin(i));
      const run = () => session.run({ image: new ort.Tensor('float32', data, [${batch}, 3, 224, 224]) });
      for (let i = 0; i < 5; i++) await run();
      const start = performance.now();
      for (let i = 0; i < ${count / batch}; i++) await run();
      console.log(${count} / ((performance.now() - start) / 1000));
    })()`;
  return Number(spawnSync(process.execPath, ['-e', code], { encoding: 'utf8' }).stdout);
}
