import { spawn } from 'node:child_process';
import { join } from 'node:path';
import { encodeRecord } from '../server/src/codec/encodeRecord.ts';
import { createKafkaClient, type KafkaClient } from '../server/src/queue/kafka/kafkaClient.ts';
import { resultTopic } from '../schemas/kafka/kafkaTopics.ts';
import { startKafka, type TestKafka } from '../test/support/kafka.ts';
import { engineRun } from './engineLoad.ts';
import {
  args,
  cache,
  cpuSeconds,
  createRows,
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
} from './support.ts';

// npm run bench:kafka [rounds] [backlog] [--short] — the engine on Kafka, on Redis, and a naive Python worker, in turns; then one
// record at a time, and a backlog of a million records.
const rounds = Number(args[0] ?? sized(3, 1));
const longBacklog = Number(args[1] ?? sized(1_000_000, 20_000));
const backlog = sized(20_000, 4_000);
const model = join(root, 'test', 'fixtures', 'models', 'mlp');
const engineFile = join(root, 'dist', 'engine.mjs');
const python = join(cache, 'bench-python', 'bin', 'python');
const text = encodeRecord(
  new Map([
    [
      'x',
      {
        kind: 'dense',
        type: 'float32',
        shape: [64],
        data: Float32Array.from({ length: 64 }, (_, i) => Math.sin(i)),
      },
    ],
  ]),
);
const { rows, row } = createRows();
let runs = 0;

const messagesOf = (topic: string, count: number) =>
  Array.from({ length: count }, (_, i) => ({
    topic,
    key: `r${i}`,
    value: JSON.stringify({ uri: `r${i}`, data: text }),
  }));

function configOf(kafka: TestKafka, jobName: string): string {
  return writeConfig(jobName, [
    `modelPath: ${model}`,
    `jobName: ${jobName}`,
    'queueUsed: kafka',
    `kafkaUrl: ${kafka.url}`,
  ]);
}

/** Records per second over the last nine tenths of a backlog. */
async function drainTopic(kafka: TestKafka, topic: string, count: number): Promise<number> {
  let first = 0;
  await until(async () => (first = await kafka.count(topic)) >= count / 10, 'a tenth');
  const start = performance.now();
  await until(async () => (await kafka.count(topic)) >= count, 'all of it');
  return (count - first) / ((performance.now() - start) / 1000);
}

async function kafkaRun(
  kafka: TestKafka,
  client: KafkaClient,
): Promise<{ perSecond: number; peakMb: number }> {
  const jobName = `bench${runs++}`;
  await client.createTopics([{ name: jobName, partitions: 1, configs: {} }]);
  await client.produce(messagesOf(jobName, backlog));
  const engine = await startEngine(engineFile, configOf(kafka, jobName));
  const perSecond = await drainTopic(kafka, resultTopic(jobName), backlog);
  const peakMb = memoryMb(engine.pid).peak;
  await end(engine.process);
  return { perSecond, peakMb };
}

async function naiveRun(kafka: TestKafka, client: KafkaClient): Promise<number> {
  const topic = `naive${runs++}`;
  const count = backlog / 4;
  const before = await kafka.count('naive_results');
  await client.createTopics([{ name: topic, partitions: 1, configs: {} }]);
  await client.produce(messagesOf(topic, count));
  const script = join(root, 'bench', 'peers', 'kafkaWorker.py');
  const worker = spawn(python, [script, String(kafka.port), topic, join(model, 'mlp.onnx')], {
    stdio: 'inherit',
  });
  await until(async () => (await kafka.count('naive_results')) > before, 'the naive worker begins');
  const first = await kafka.count('naive_results');
  const start = performance.now();
  await until(async () => (await kafka.count('naive_results')) >= before + count, 'the naive worker ends');
  const perSecond = (before + count - first) / ((performance.now() - start) / 1000);
  await end(worker);
  return perSecond;
}

async function throughput(kafka: TestKafka, client: KafkaClient): Promise<void> {
  const redis = await startRedis();
  const config = writeConfig('kafkaPeer', [
    `modelPath: ${model}`,
    'jobName: peer',
    `redisUrl: 127.0.0.1:${redis.port}`,
  ]);
  const onKafka: number[] = [];
  const onRedis: number[] = [];
  const naive: number[] = [];
  let peakMb = 0;
  for (let round = 0; round < rounds; round++) {
    const run = await kafkaRun(kafka, client);
    peakMb = Math.max(peakMb, run.peakMb);
    onKafka.push(run.perSecond);
    onRedis.push((await engineRun(redis, config, 'peer', backlog, () => text)).perSecond);
    naive.push(await naiveRun(kafka, client));
    const [a, b, c] = [onKafka, onRedis, naive].map((some) => Math.round(some.at(-1) ?? 0));
    console.log(`  round ${round + 1}: Kafka ${a}/s, Redis ${b}/s, naive Python on Kafka ${c}/s`);
  }
  await redis.stop();
  const over = (values: readonly number[]) => median(onKafka.map((value, i) => value / (values[i] ?? NaN)));
  row(`${backlog} waiting records of 64 floats`, `${Math.round(median(onKafka))}/s`, '-', true);
  row('… over the engine on Redis', `${over(onRedis).toFixed(2)}x`, '>= 0.5x', over(onRedis) >= 0.5);
  row('… over the naive Python worker', `${over(naive).toFixed(2)}x`, '>= 5x', over(naive) >= 5);
  row('… resident memory', `${peakMb} MB`, '<= 300 MB', peakMb <= 300);
}

/** How much the memory of the engine may grow over a backlog, in MB: buffers are of a fixed size. */
const mayGrowMb = 20;

/** A backlog that is larger than any memory: what is fetched ahead must not grow with it. */
async function longRun(kafka: TestKafka, client: KafkaClient): Promise<void> {
  const jobName = `bench${runs++}`;
  const topic = resultTopic(jobName);
  await client.createTopics([{ name: jobName, partitions: 1, configs: {} }]);
  const portion = 20_000;
  for (let at = 0; at < longBacklog; at += portion)
    await client.produce(messagesOf(jobName, Math.min(portion, longBacklog - at)));
  const engine = await startEngine(engineFile, configOf(kafka, jobName));
  const start = performance.now();
  const samples: number[] = [];
  for (let done = 0; done < longBacklog; done = await kafka.count(topic)) {
    await new Promise((wait) => setTimeout(wait, 1_000));
    samples.push(memoryMb(engine.pid).now);
    if (performance.now() - start > longBacklog * 2) throw new Error(`${done} answered in that time`);
  }
  const perSecond = longBacklog / ((performance.now() - start) / 1000);
  // The first tenth warms up; a plateau reached there is the one at the end.
  const tenth = Math.max(1, Math.floor(samples.length / 10));
  const [early, late] = [samples.slice(tenth, 3 * tenth), samples.slice(-2 * tenth)].map(median);
  const grown = (late ?? NaN) - (early ?? NaN);
  const { peak } = memoryMb(engine.pid);
  await end(engine.process);
  row(
    `${longBacklog} waiting records (${Math.round((longBacklog * text.length) / 2 ** 20)} MB of payloads)`,
    `${Math.round(perSecond)}/s; resident ${early} MB in the second and third tenth, ${late} MB in the last two, ${peak} MB at most`,
    `grows <= ${mayGrowMb} MB, <= 300 MB`,
    grown <= mayGrowMb && peak <= 300,
  );
}

/** From a record's write to its result, by a client that follows the results. */
async function latencyAndIdle(kafka: TestKafka, client: KafkaClient): Promise<void> {
  const jobName = 'benchidle';
  const engine = await startEngine(engineFile, configOf(kafka, jobName));
  const topic = resultTopic(jobName);
  const waits: number[] = [];
  let offset = 0n;
  for (let i = 0; i < sized(300, 60); i++) {
    const start = performance.now();
    const written = client.produce(messagesOf(jobName, 1));
    for (const end_ = offset + 1n; offset < end_;) {
      const [part] = await client.fetch([{ topic, partition: 0, offset }], {
        waitMs: 1_000,
        maxBytes: 65_536,
      });
      if (part && !part.error) offset = part.next;
    }
    waits.push(performance.now() - start);
    await written;
  }
  const p50 = percentile(waits.slice(50), 0.5);
  row(
    'one record there and back',
    `p50 ${p50.toFixed(1)} ms, p99 ${percentile(waits.slice(50), 0.99).toFixed(1)} ms`,
    'p50 <= 8 ms',
    p50 <= 8,
  );
  const before = cpuSeconds(engine.pid);
  const seconds = sized(20, 1);
  await new Promise((done) => setTimeout(done, seconds * 1000));
  const share = ((cpuSeconds(engine.pid) - before) / seconds) * 100;
  row('idle CPU of the engine', `${share.toFixed(2)} % of a core`, '<= 1 %', share <= 1);
  await end(engine.process);
}

async function main(): Promise<void> {
  const kafka = await startKafka();
  const client = createKafkaClient({
    kind: 'kafka',
    brokers: [{ host: '127.0.0.1', port: kafka.port }],
    timeoutMs: 30_000,
  });
  try {
    await throughput(kafka, client);
    await latencyAndIdle(kafka, client);
    await longRun(kafka, client);
  } finally {
    client.close();
    await kafka.stop();
  }
  report('kafka', rows);
}

main().catch((error: unknown) => {
  console.error(error);
  process.exitCode = 1;
});
