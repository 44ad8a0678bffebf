import { spawnSync } from 'node:child_process';
import { cpSync, mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { InferenceSession, Tensor } from 'onnxruntime-node';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { startFrontend } from '../integration/httpSupport.ts';
import { decodeTypedResult, encodeTypedRecord } from '../../server/src/codec/typedForm.ts';
import { answerOf, dense, put, record } from '../support/ask.ts';
import { eventually, startRedis, type TestRedis } from '../support/redis.ts';
import { models, root, type Workshop } from '../support/serving.ts';
import { startCluster, type Cluster } from './cluster.ts';
import { echoOn } from './records.ts';
import { openFlinkWorkshop } from './workshop.ts';

// The unmodified client from the package index, in the environment that scripts/machine/setup.mjs makes.
const python = join(root, '.cache', 'python-client', 'bin', 'python');

let cluster: Cluster;
let redis: TestRedis;
let shop: Workshop;
beforeAll(async () => {
  [cluster, redis] = await Promise.all([startCluster(3), startRedis()]);
});
afterAll(async () => {
  await cluster.stop();
  await redis.stop();
});
beforeEach(() => {
  shop = openFlinkWorkshop();
});
afterEach(() => shop.close());

const serving = (jobName: string, model: string, more = '') =>
  shop.config(
    jobName,
    `modelPath: ${join(models, model)}\njobName: ${jobName}\nbackend: flink\nflinkRestUrl: ${cluster.url}\nredisUrl: 127.0.0.1:${redis.port}\n${more}`,
  );

function client(...steps: object[]): unknown[] {
  const { status, stdout, stderr } = spawnSync(python, [join(root, 'test', 'support', 'client.py')], {
    input: JSON.stringify({ host: '127.0.0.1', port: redis.port, steps }),
    encoding: 'utf8',
  });
  if (status !== 0) throw new Error(stderr);
  return JSON.parse(stdout) as unknown[];
}

const row = Array.from({ length: 64 }, (_, i) => Math.fround(Math.sin(i)));

async function direct(): Promise<number[]> {
  const session = await InferenceSession.create(join(models, 'mlp', 'mlp.onnx'));
  const { y } = await session.run({ x: new Tensor('float32', Float32Array.from(row), [1, 64]) });
  return [...(y?.data as Float32Array)];
}

async function uploads(): Promise<string[]> {
  const { files } = (await cluster.rest('/jars')) as { files: { name: string }[] };
  return files.map(({ name }) => name);
}

async function running(): Promise<string[]> {
  const { jobs } = (await cluster.rest('/jobs/overview')) as { jobs: { name: string; state: string }[] };
  return jobs.filter(({ state }) => state === 'RUNNING').map(({ name }) => name);
}

/** What Flink's own page and reporters show of a job's first task, by its name in our group. */
async function metrics(jobId: string): Promise<Readonly<Record<string, number>>> {
  const { vertices } = (await cluster.rest(`/jobs/${jobId}`)) as { vertices: [{ id: string }] };
  const path = `/jobs/${jobId}/vertices/${vertices[0].id}/subtasks/0/metrics`;
  // Flink collects them from its TaskManagers every few seconds.
  const names = await eventually('metrics', async () => {
    const ids = ((await cluster.rest(path)) as { id: string }[]).map(({ id }) => id);
    const ours = ids.filter((id) => id.includes('.serving.'));
    return ours.length > 0 && ours;
  });
  const found = (await cluster.rest(`${path}?get=${names.join()}`)) as { id: string; value: string }[];
  return Object.fromEntries(found.map(({ id, value }) => [id.split('.serving.')[1] ?? '', Number(value)]));
}

test('two jobs start by name, answer the Python client and HTTP, and stop one by one', async () => {
  const first = serving('serving_stream', 'mlp');
  const second = serving('serving2', 'twoInTwoOut', 'modelParallelism: 2\n');
  await shop.must('start', '-c', first);
  await shop.must('start', '-c', second);

  const [values, outputs] = client(
    { do: 'enqueue', name: 'serving_stream', uri: 'r1', tensors: { t: row } },
    { do: 'enqueue', name: 'serving2', uri: 'r1', tensors: { b: [5, 6, 7, 8, 9], a: [1, 2, 3, 4] } },
    { do: 'query', name: 'serving_stream', uri: 'r1' },
    { do: 'query', name: 'serving2', uri: 'r1' },
  );
  const truth = await direct();
  expect(outputs).toEqual([[45], [1, 2, 3, 4]]);
  for (const [i, value] of (values as number[]).entries()) expect(value).toBeCloseTo(truth[i] ?? NaN, 5);

  const frontend = await startFrontend('-c', first);
  const negative = row.map((number) => -number);
  const predict = async () => {
    const response = await fetch(`${frontend.url}/predict`, {
      method: 'POST',
      body: JSON.stringify({ instances: [{ x: negative }, { x: row }, { x: [row] }] }),
    });
    return ((await response.json()) as { predictions: string[] }).predictions;
  };
  // From the first ones the frontend learns how large results are; of the others three share a record.
  await predict();
  const predictions = await predict();
  frontend.signal('SIGKILL');
  const answers = predictions.map((text) => {
    const { value } = JSON.parse(text) as { value: string };
    return JSON.parse(value) as { data: number[]; shape: number[] };
  });
  expect(answers.map(({ shape }) => shape)).toEqual([[truth.length], [truth.length], [1, truth.length]]);
  expect(answers[0]?.data).not.toEqual(answers[1]?.data);
  for (const { data } of answers.slice(1))
    for (const [i, number] of data.entries()) expect(number).toBeCloseTo(truth[i] ?? NaN, 5);
  await redis.client.xadd('serving_stream', '*', 'uri', 'torn', 'data', 'no Arrow', 'shared-by', 2);
  await eventually('the answer to what two share', async () =>
    (await redis.client.hget('cluster-serving_serving_stream:torn', 'value')) === 'NaN',
  );
  const counted = await eventually('the figures', async () =>
    (await shop.jobs(first)).find(
      ({ jobName, workers: [worker] }) => jobName === 'serving_stream' && worker?.heartbeat?.processed === 7,
    ),
  );
  expect(counted).toMatchObject({ queue: { dead: 0 }, workers: [{ heartbeat: { failed: 0, shared: 2 } }] });

  const jobs = await shop.jobs(first);
  expect(jobs).toMatchObject([
    { jobName: 'serving2', backend: 'flink', state: 'running', flinkJobs: [{ state: 'RUNNING', parallelism: 2 }] },
    { jobName: 'serving_stream', backend: 'flink', state: 'running', flinkJobs: [{ state: 'RUNNING' }] },
  ]);
  expect(jobs[0]?.workers.map(({ heartbeat }) => heartbeat?.modelFile)).toHaveLength(2);
  expect(jobs[1]?.workers[0]?.heartbeat).toMatchObject({ state: 'ready', modelType: 'onnx', modelFile: 'mlp.onnx' });
  expect(cluster.flink('list').stdout).toMatch(/: serving_stream \(RUNNING\)/);
  await redis.client.xadd('serving2', '*', 'uri', 'bad', 'data', 'no Arrow');
  const logs = (jobName: string) => shop.must('logs', jobName, '-c', first);
  await eventually('the bad record in the log', async () => (await logs('serving2')).includes('given up'));
  expect((await logs('serving_stream')).match(/ready: job|given up/g)).toEqual(['ready: job', 'given up']);
  const meanBatchSize = counted.workers[0]?.heartbeat?.batchSize.mean;
  const shown = await eventually('the same batches in Flink', async () => {
    const found = await metrics(jobs[1]?.flinkJobs?.[0]?.jobId ?? '');
    return found.meanBatchSize === meanBatchSize && found;
  });
  expect(shown).toMatchObject({
    'inferenceMs.p50': expect.any(Number) as number,
    recordsPerSecond: expect.any(Number) as number,
  });
  // One jar and one program for both; the models went with their jobs.
  expect(await uploads()).toHaveLength(3);

  await shop.must('stop', 'serving_stream', '-c', first);
  expect(await running()).toEqual(['serving2']);
  expect((await shop.jobs(first)).map(({ jobName }) => jobName)).toEqual(['serving2']);
  await shop.must('shutdown', '-c', first, '--yes');
  expect(await running()).toEqual([]);
  expect(await redis.client.keys('cluster-serving:*')).toEqual([]);
});

test('a model that lies on the submitting machine only is served after its folder has gone', async () => {
  const folder = join(shop.folder, 'model');
  cpSync(join(models, 'echo'), folder, { recursive: true });
  const echo = echoOn(shop, cluster, redis, 'shipped');
  writeFileSync(echo.path, `modelPath: ${folder}\njobName: shipped\nbackend: flink\nflinkRestUrl: ${cluster.url}\nredisUrl: 127.0.0.1:${redis.port}\n`);
  await shop.must('start', '-c', echo.path);
  rmSync(folder, { recursive: true });
  await echo.fill(100);
  await echo.expectAllAnswered(100);
  await shop.must('stop', '-c', echo.path);
});

test('a stop answers the records in flight and leaves the rest in the queue', async () => {
  const echo = echoOn(shop, cluster, redis, 'drained');
  await shop.must('start', '-c', echo.path);
  await echo.fill(20_000);
  await shop.must('stop', '-c', echo.path);
  const [group] = (await redis.client.xinfo('GROUPS', 'drained')) as [unknown[]];
  expect(group[group.indexOf('pending') + 1]).toBe(0);
  await shop.must('start', '-c', echo.path);
  await echo.expectAllAnswered(20_000);
  await shop.must('stop', '-c', echo.path);
});

test('a flush of Redis costs what was in it and nothing else: the job is listed, serves and stops as before', async () => {
  const echo = echoOn(shop, cluster, redis, 'flushed');
  await shop.must('start', '-c', echo.path);
  await redis.client.flushall();
  const job = await eventually('the worker to be listed again', async () =>
    (await shop.jobs(echo.path)).find(({ workers: [worker] }) => worker?.heartbeat?.state === 'ready'),
  );
  expect(job).toMatchObject({ jobName: 'flushed', backend: 'flink', state: 'running' });
  await echo.fill(100);
  await echo.expectAllAnswered(100);
  await shop.must('stop', '-c', echo.path);
  expect(await running()).toEqual([]);
  expect(await redis.client.keys('cluster-serving:*')).toEqual([]);
});

test('values of every type come back as they were sent, by the typed form and over HTTP', async () => {
  const path = serving('typed', 'echo_int64');
  await shop.must('start', '-c', path);
  const numbers = BigInt64Array.from([2n ** 63n - 1n, -(2n ** 63n), 9_007_199_254_740_993n]);
  const data = encodeTypedRecord(new Map([['x', { type: 'int64', shape: [3], data: numbers }]]));
  await redis.client.xadd('typed', '*', 'uri', 'own', 'serde', 'typed', 'reply', 'typed', 'data', data);
  const value = await eventually(
    'the answer',
    async () => (await redis.client.hgetBuffer('cluster-serving_typed:own', 'value')) ?? undefined,
  );
  expect(decodeTypedResult(value)).toMatchObject([{ type: 'int64', shape: [3], data: numbers }]);
  const torn = Buffer.from([1, 0, 255]);
  await redis.client.xadd('typed', '*', 'uri', 'torn', 'serde', 'typed', 'reply', 'typed', 'data', torn);
  await eventually('its reason', async () =>
    (await redis.client.hget('cluster-serving_typed:torn', 'value'))?.includes('record-undecodable'),
  );

  const frontend = await startFrontend('-c', path);
  const response = await fetch(`${frontend.url}/v2/models/typed/infer`, {
    method: 'POST',
    body: '{"inputs":[{"name":"x","datatype":"INT64","shape":[1,3],"data":[9223372036854775807,-9223372036854775808,9007199254740993]}]}',
  });
  frontend.signal('SIGKILL');
  expect(await response.text()).toContain('[9223372036854775807,-9223372036854775808,9007199254740993]');
  await shop.must('stop', '-c', path);
});

test('topN names classes by the labels beside the model, and heartbeats say what embedded workers say', async () => {
  const folder = join(shop.folder, 'labelled');
  cpSync(join(models, 'mlp'), folder, { recursive: true });
  const names = Array.from({ length: 10 }, (_, i) => `class ${i}`);
  writeFileSync(join(folder, 'labels.txt'), names.join('\n'));
  const lines = `modelPath: ${folder}\npostProcessing: topN(2)\nlabelResults: true\nredisUrl: 127.0.0.1:${redis.port}\n`;
  const told = [];
  for (const backend of ['embedded', 'flink']) {
    const jobName = `labels-${backend}`;
    const path = shop.config(jobName, `${lines}jobName: ${jobName}\nbackend: ${backend}\nflinkRestUrl: ${cluster.url}\n`);
    await shop.must('start', '-c', path);
    await put(redis, jobName, 'one', record({ x: dense([64], row) }));
    const answer = await answerOf(redis, jobName, 'one');
    const job = (await shop.jobs(path)).find((one) => one.jobName === jobName);
    const [worker] = job?.workers ?? [];
    const { forms, sharing, rowsPerRecord, modelType, modelFile, inputs, outputs } = worker?.heartbeat ?? {};
    const { labels } = worker?.registration ?? {};
    told.push({ answer, labels, forms, sharing, rowsPerRecord, modelType, modelFile, inputs, outputs });
    await shop.must('stop', '-c', path);
  }
  expect(told[0]?.answer).toContain('"class ');
  expect(told[0]?.forms).toEqual(['original', 'typed']);
  expect(told[1]).toEqual(told[0]);
});

test('a job cancelled by the flink command under load loses nothing, and its name is free again', async () => {
  const echo = echoOn(shop, cluster, redis, 'cancelled');
  await shop.must('start', '-c', echo.path);
  await echo.fill(10_000);
  await eventually('work in hand', async () => (await echo.delivered()) > 100);
  const [job] = await shop.jobs(echo.path);
  expect(cluster.flink('cancel', job?.flinkJobs?.[0]?.jobId ?? '').code).toBe(0);
  await eventually('the job to be gone', async () => (await shop.jobs(echo.path)).length === 0);
  await shop.must('start', '-c', echo.path);
  await echo.expectAllAnswered(10_000);
  await shop.must('stop', '-c', echo.path);
});

test('a file that is no model is refused with its key, and leaves no job', async () => {
  const folder = join(shop.folder, 'broken');
  mkdirSync(folder);
  writeFileSync(join(folder, 'a.onnx'), 'this is no model');
  const path = shop.config(
    'broken',
    `modelPath: ${folder}\njobName: broken\nbackend: flink\nflinkRestUrl: ${cluster.url}\nredisUrl: 127.0.0.1:${redis.port}\n`,
  );
  const { code, stderr } = await shop.cli('start', '-c', path);
  expect({ code, lines: stderr.trim().split('\n').length }).toEqual({ code: 1, lines: 1 });
  expect(stderr).toContain('modelPath');
  expect(await running()).toEqual([]);
  expect(await redis.client.keys('cluster-serving:*')).toEqual([]);
});

describe('a start that is cancelled', () => {
  test.each(['cluster', 'redis', 'upload', 'upload-model', 'submit', 'model'])(
    'at the step %s leaves no job, no upload of its model and nothing in Redis',
    async (step) => {
      const path = serving('given up', 'mlp');
      const { code, steps } = await shop.cancelAt(step, 'start', '-c', path, '--json');
      expect(steps).toContain(step);
      expect(code).toBe(1);
      expect(await running()).toEqual([]);
      expect((await uploads()).filter((name) => name.startsWith('model-'))).toEqual([]);
      expect(await redis.client.keys('cluster-serving:*')).toEqual([]);
    },
  );
});
