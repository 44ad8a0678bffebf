import { spawnSync } from 'node:child_process';
import { join } from 'node:path';
import { InferenceSession, Tensor } from 'onnxruntime-node';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { startRedis, type TestRedis } from '../support/redis.ts';
import { models, openWorkshop, root, type Workshop } from '../support/serving.ts';

// The unmodified client from the package index, in the environment that scripts/machine/setup.mjs makes.
const python = join(root, '.cache', 'python-client', 'bin', 'python');

let redis: TestRedis;
let shop: Workshop;

beforeAll(async () => {
  redis = await startRedis();
  shop = openWorkshop();
  for (const [jobName, model, more] of [
    ['serving_stream', 'mlp', ''],
    ['serving2', 'twoInTwoOut', ''],
    ['pictures', 'picture', 'imageResize: 4,6\n'],
    ['top', 'mlp', 'postProcessing: topN(3)\n'],
    ['lengths', 'echo', ''],
  ])
    await shop.must(
      'start',
      '-c',
      shop.config(
        jobName ?? '',
        `modelPath: ${join(models, model ?? '')}\njobName: ${jobName ?? ''}\nredisUrl: 127.0.0.1:${redis.port}\n${more ?? ''}`,
      ),
    );
});

afterAll(async () => {
  await shop.close();
  await redis.stop();
});

function client(...steps: object[]): unknown[] {
  const { status, stdout, stderr } = spawnSync(python, [join(root, 'test', 'support', 'client.py')], {
    input: JSON.stringify({ host: '127.0.0.1', port: redis.port, steps }),
    encoding: 'utf8',
  });
  if (status !== 0) throw new Error(stderr);
  return JSON.parse(stdout) as unknown[];
}

const row = (seed: number) => Array.from({ length: 64 }, (_, i) => Math.fround(Math.sin(i + seed)));

async function direct(values: number[]): Promise<number[]> {
  const session = await InferenceSession.create(join(models, 'mlp', 'mlp.onnx'));
  const { y } = await session.run({ x: new Tensor('float32', Float32Array.from(values), [1, 64]) });
  return [...(y?.data as Float32Array)];
}

test('two jobs on one Redis answer each their own, with the values of the runtime itself', async () => {
  const [first, second, outputs, rest] = client(
    { do: 'enqueue', name: 'serving_stream', uri: 'r1', tensors: { t: row(1) } },
    { do: 'enqueue', name: 'serving_stream', uri: 'r2', tensors: { t: row(2) } },
    { do: 'enqueue', name: 'serving2', uri: 'r1', tensors: { b: [5, 6, 7, 8, 9], a: [1, 2, 3, 4] } },
    { do: 'query', name: 'serving_stream', uri: 'r1' },
    { do: 'query', name: 'serving_stream', uri: 'r2' },
    { do: 'query', name: 'serving2', uri: 'r1' },
    { do: 'dequeue', name: 'serving_stream', count: 2 },
  );
  expect(first).toEqual(await direct(row(1)));
  expect(second).toEqual(await direct(row(2)));
  // Outputs come in the model's order, inputs go by name.
  expect(outputs).toEqual([[45], [1, 2, 3, 4]]);
  expect(rest).toEqual({ r1: first, r2: second });
  expect(await redis.client.keys('cluster-serving_serving_stream:*')).toEqual([]);
});

test('a batch, a scalar and a sparse tensor come back as the client expects them', () => {
  const [batch, one, sparse, predicted] = client(
    {
      do: 'enqueue',
      name: 'lengths',
      uri: 'batch',
      tensors: {
        x: [
          [1, 2],
          [3, 4],
          [5, 6],
        ],
      },
    },
    { do: 'enqueue', name: 'lengths', uri: 'one', tensors: { x: [2.5] } },
    {
      do: 'enqueue',
      name: 'lengths',
      uri: 'sparse',
      sparse: {
        x: [
          [
            [0, 1],
            [2, 3],
          ],
          [1.5, 2.5],
          [3, 4],
        ],
      },
    },
    { do: 'query', name: 'lengths', uri: 'batch' },
    { do: 'query', name: 'lengths', uri: 'one' },
    { do: 'query', name: 'lengths', uri: 'sparse' },
    { do: 'predict', name: 'lengths', tensors: { x: [7, 8, 9] } },
  );
  expect(batch).toEqual([
    [1, 2],
    [3, 4],
    [5, 6],
  ]);
  expect(one).toEqual([2.5]);
  expect(sparse).toEqual([
    [0, 1.5, 0, 0],
    [0, 0, 0, 0],
    [0, 0, 0, 2.5],
  ]);
  expect(predicted).toEqual([7, 8, 9]);
});

test('an image reaches the model as blue, green, red planes of the configured size', () => {
  const [seen] = client(
    {
      do: 'enqueue',
      name: 'pictures',
      uri: 'p',
      images: { image: join(root, 'test', 'fixtures', 'wire', 'images', 'tiny.png') },
    },
    { do: 'query', name: 'pictures', uri: 'p' },
  ) as [number[][][][]];
  expect([seen.length, seen[0]?.length, seen[0]?.[0]?.length, seen[0]?.[0]?.[0]?.length]).toEqual([
    1, 3, 4, 6,
  ]);
});

test('what cannot be answered is NaN for query and dequeue alike, and its neighbours are answered', async () => {
  const [bad, good, both] = client(
    { do: 'enqueue', name: 'serving_stream', uri: 'bad', tensors: { t: [1, 2, 3] } },
    { do: 'enqueue', name: 'serving_stream', uri: 'good', tensors: { t: row(3) } },
    { do: 'query', name: 'serving_stream', uri: 'bad' },
    { do: 'query', name: 'serving_stream', uri: 'good' },
    { do: 'dequeue', name: 'serving_stream', count: 2 },
  );
  expect(bad).toBe('NaN');
  expect(good).toEqual(await direct(row(3)));
  expect(both).toEqual({ bad: 'NaN', good });
});

test('a filter’s text is valid JSON in the result hash', async () => {
  client({ do: 'enqueue', name: 'top', uri: 't', tensors: { t: row(4) } });
  let text: string | null = null;
  while (text === null) text = await redis.client.hget('cluster-serving_top:t', 'value');
  const expected = (await direct(row(4)))
    .map((value, i) => [i, value] as const)
    .sort((a, b) => b[1] - a[1])
    .slice(0, 3);
  expect((JSON.parse(text) as [number, number][]).map(([i, value]) => [i, Math.fround(value)])).toEqual(
    expected,
  );
});
