import { spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { dense, outputsOf, put, record } from '../support/ask.ts';
import { frameworksPython } from '../support/frameworks.ts';
import { openvinoLibrary } from '../support/openvino.ts';
import { startRedis, type TestRedis } from '../support/redis.ts';
import { root, type Workshop } from '../support/serving.ts';
import { startCluster, type Cluster } from './cluster.ts';
import { openFlinkWorkshop } from './workshop.ts';

// What the embedded engine is held to for these models (openvino.test.ts, pythonJobs.test.ts), workers on Flink are, too.

let cluster: Cluster;
let redis: TestRedis;
let shop: Workshop;
beforeAll(async () => {
  [cluster, redis] = await Promise.all([startCluster(1), startRedis()]);
  shop = openFlinkWorkshop('runtimes');
});
afterAll(async () => {
  await shop.close();
  await cluster.stop();
  await redis.stop();
});

const fixtures = join(root, 'test', 'fixtures');

function serving(jobName: string, folder: string, more: string): string {
  return shop.config(
    jobName,
    `modelPath: ${join(fixtures, folder)}\njobName: ${jobName}\nbackend: flink\nflinkRestUrl: ${cluster.url}\nredisUrl: 127.0.0.1:${redis.port}\n${more}`,
  );
}

interface Plain {
  readonly shape: readonly number[];
  readonly data: readonly number[];
}

/** What its framework says for the first row of the inputs that it was asked with. */
function answerFor(folder: string): Readonly<Record<'inputs' | 'outputs', Readonly<Record<string, Plain>>>> {
  if (folder === 'python/program')
    return { inputs: { x: { shape: [2], data: [1.5, 2] } }, outputs: { x: { shape: [2], data: [4.5, 6] } } };
  const text = readFileSync(join(fixtures, `${folder}.json`), 'utf8');
  const { inputs, outputs } = JSON.parse(text) as ReturnType<typeof answerFor>;
  const rows = (all: Readonly<Record<string, Plain>>) =>
    Object.fromEntries(
      Object.entries(all).map(([name, { shape, data }]) => [
        name,
        { shape: shape.slice(1), data: data.slice(0, data.length / (shape[0] ?? 1)) },
      ]),
    );
  return { inputs: rows(inputs), outputs: rows(outputs) };
}

test.each([
  ['a SavedModel', 'runtimes/savedModel'],
  ['an OpenVINO IR', 'runtimes/ir'],
  ['a TensorFlow Lite file', 'runtimes/tflite'],
  ['TorchScript', 'python/script'],
  ['a model.py with what it reads', 'python/program'],
])('%s is answered on Flink as its framework answers', async (_, folder) => {
  const jobName = folder.replace('/', '-');
  const runtime = folder.startsWith('python')
    ? `python: ${frameworksPython()}\n`
    : `openvinoPath: ${dirname(openvinoLibrary())}\n`;
  const path = serving(jobName, folder, runtime);
  await shop.must('start', '-c', path);
  const { inputs, outputs } = answerFor(folder);
  const tensors = Object.entries(inputs).map(([name, { shape, data }]) => [name, dense(shape, data)] as const);
  await put(redis, jobName, 'one', record(Object.fromEntries(tensors)));
  const answers = (await outputsOf(redis, jobName, 'one')) as Plain[];
  await shop.must('stop', '-c', path);
  expect(answers.map(({ shape }) => shape)).toEqual(Object.values(outputs).map(({ shape }) => shape));
  for (const [i, { data }] of Object.values(outputs).entries())
    answers[i]?.data.forEach((value, at) => expect(value).toBeCloseTo(data[at] ?? NaN, 5));
});

test('the libraries of OpenVINO are sent once, and not for what needs none', async () => {
  const { files } = (await cluster.rest('/jars')) as { files: { name: string }[] };
  const sent = files.map(({ name }) => name).filter((name) => name.startsWith('cluster-serving-openvino-'));
  expect(sent).toHaveLength(1);
});

test('a Python of the TaskManager without the packages ends the start in one sentence with the line of pip', async () => {
  const bare = mkdtempSync(join(shop.folder, 'bare-'));
  spawnSync(frameworksPython(), ['-m', 'venv', '--without-pip', bare]);
  const path = serving('bare', 'python/script', `python: ${join(bare, 'bin', 'python')}\n`);
  const { code, stderr } = await shop.cli('start', '-c', path);
  expect({ code, lines: stderr.trim().split('\n').length }).toEqual({ code: 1, lines: 1 });
  expect(stderr).toMatch(/TaskManager .*net\.pt .*-m pip install torch/);
});
