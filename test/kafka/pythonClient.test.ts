import { spawn } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { resultTopic } from '../../schemas/kafka/kafkaTopics.ts';
import { startKafka, type TestKafka } from '../support/kafka.ts';
import { models, root } from '../support/serving.ts';
import { loadMlp } from '../torture/mlp.ts';
import { createWorkerPool, type WorkerPool } from '../torture/workers.ts';

// The unmodified client from the package index, in the environment that scripts/machine/setup.mjs makes.
const python = join(root, '.cache', 'python-client', 'bin', 'python');
const jobName = 'python';

let kafka: TestKafka;
let pool: WorkerPool;
let folder: string;

beforeAll(async () => {
  kafka = await startKafka();
  folder = mkdtempSync(join(tmpdir(), 'cluster-serving-kafka-python-'));
  const lines = [
    `modelPath: ${join(models, 'mlp')}`,
    `jobName: ${jobName}`,
    'queueUsed: kafka',
    `kafkaUrl: ${kafka.url}`,
    '',
  ];
  pool = createWorkerPool({ folder, redisPort: kafka.port, configFor: () => lines.join('\n') });
  await pool.fill(1);
});
afterAll(async () => {
  await pool.close();
  await kafka.stop();
  rmSync(folder, { recursive: true, force: true });
});

/** @returns what the client has read */
function client(plan: object): Promise<Record<string, readonly number[]>> {
  const child = spawn(python, [join(root, 'test', 'support', 'kafkaClient.py')], { stdio: 'pipe' });
  child.stdin.end(JSON.stringify({ host: '127.0.0.1', port: kafka.port, topic: jobName, ...plan }));
  let stdout = '';
  let stderr = '';
  child.stdout.on('data', (chunk: Buffer) => (stdout += chunk.toString()));
  child.stderr.on('data', (chunk: Buffer) => (stderr += chunk.toString()));
  return new Promise((resolve, reject) => {
    child.once('close', (code) => {
      if (code === 0) resolve(JSON.parse(stdout) as Record<string, readonly number[]>);
      else reject(new Error(stderr));
    });
  });
}

it("answers the original's Python client, which writes keys in quotes, with the numbers of the model", async () => {
  const row = (seed: number) => Array.from({ length: 64 }, (_, i) => Math.fround(Math.sin(i + seed)));
  const uris = ['my-uri', 'with "quotes"', 'ünï'];
  const records = Object.fromEntries(uris.map((uri, i) => [uri, { x: row(i) }]));
  const answers = await client({ records, wanted: uris.length });
  expect(Object.keys(answers).sort()).toEqual([...uris].sort());
  const mlp = loadMlp();
  for (const [i, uri] of uris.entries()) {
    const expected = mlp(row(i));
    expect(answers[uri]?.length).toBe(expected.length);
    for (const [at, value] of expected.entries()) expect(answers[uri]?.[at]).toBeCloseTo(value, 3);
  }
  const stored = await kafka.readAll(resultTopic(jobName));
  expect(stored.map(({ key }) => key).sort()).toEqual([...uris].sort());
});
