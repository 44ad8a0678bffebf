import { cpSync, mkdtempSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { loadModel } from '../../server/src/model/loadModel.ts';
import { dense, outputsOf, put, record } from '../support/ask.ts';
import { openvinoLibrary } from '../support/openvino.ts';
import { startRedis, type TestRedis } from '../support/redis.ts';
import { openWorkshop, root, type Workshop } from '../support/serving.ts';

// Networks of Caffe, from the command line to the answer.

const fixtures = join(root, 'test/fixtures/caffe');
let shop: Workshop;
let redis: TestRedis;
beforeAll(async () => {
  shop = openWorkshop();
  redis = await startRedis();
});
afterAll(async () => {
  await shop.close();
  await redis.stop();
});

interface Plain {
  readonly shape: readonly number[];
  readonly data: readonly number[];
}

const answersOf = (name: string) =>
  JSON.parse(readFileSync(join(fixtures, `${name}.json`), 'utf8')) as Readonly<
    Record<'inputs' | 'outputs', Readonly<Record<string, Plain>>>
  >;

const config = (jobName: string, folder: string) =>
  shop.config(jobName, `modelPath: ${folder}\njobName: ${jobName}\nredisUrl: 127.0.0.1:${redis.port}\n`);

test.each(['squeezenet', 'lenetV1'])('the network "%s" is served from its folder', async (name) => {
  const folder = mkdtempSync(join(shop.folder, 'net-'));
  cpSync(join(fixtures, name), folder, { recursive: true });
  // As a training leaves them beside it.
  writeFileSync(join(folder, 'a_solver.prototxt'), 'net: "train_val.prototxt"\nbase_lr: 0.1\n');
  const path = config(name, folder);
  await shop.must('start', '-c', path);
  const { inputs, outputs } = answersOf(name);
  const { shape, data } = inputs.data as Plain;
  const [wanted] = Object.values(outputs) as [Plain];
  const size = data.length / (shape[0] ?? 1);
  for (const row of [0, 1, 2])
    await put(
      redis,
      name,
      `r${row}`,
      record({ data: dense(shape.slice(1), data.slice(row * size, (row + 1) * size)) }),
    );
  const answered = wanted.data.length / (wanted.shape[0] ?? 1);
  for (const row of [0, 1, 2]) {
    const [found] = (await outputsOf(redis, name, `r${row}`)) as [Plain];
    expect(found.shape).toEqual(wanted.shape.slice(1));
    found.data.forEach((value, i) => expect(value).toBeCloseTo(wanted.data[row * answered + i] ?? NaN, 5));
  }
  const [job] = await shop.jobs(path);
  expect(job?.workers[0]?.heartbeat).toMatchObject({ modelType: 'caffe', sharing: { shared: true } });
  await shop.must('stop', '-c', path);
});

test('a layer that is not known is named by start, doctor and lint alike', async () => {
  const folder = mkdtempSync(join(shop.folder, 'ssd-'));
  const text =
    'input: "data" input_shape { dim: 1 dim: 3 dim: 8 dim: 8 }\nlayer { name: "boxes" type: "PriorBox" bottom: "data" top: "b" }\n';
  writeFileSync(join(folder, 'deploy.prototxt'), text);
  cpSync(join(fixtures, 'lenet', 'net.caffemodel'), join(folder, 'net.caffemodel'));
  const path = config('ssd', folder);
  for (const command of ['start', 'doctor', 'lint']) {
    const { code, stdout, stderr } = await shop.cli(command, ...(command === 'lint' ? [path] : ['-c', path]));
    expect(code).toBe(1);
    expect(stdout + stderr).toMatch(/line 2: the layer "boxes" has the type PriorBox/);
  }
});

test('OpenVINO runs a network, too', async () => {
  const folder = join(fixtures, 'resnet');
  const model = await loadModel({
    source: { type: 'caffe', file: join(folder, 'deploy.prototxt'), weights: join(folder, 'net.caffemodel') },
    runtime: 'openvino',
    place: openvinoLibrary(),
    copies: 1,
    threads: 1,
    batchSize: 4,
    workerFile: join(root, 'dist/modelWorker.mjs'),
    onDeath: (error) => {
      throw error;
    },
  });
  const { inputs, outputs } = answersOf('resnet');
  const { shape, data } = inputs.data as Plain;
  const [found] = await model.run([{ name: 'data', type: 'float32', shape, data: Float32Array.from(data) }]);
  await model.close();
  const [wanted] = Object.values(outputs) as [Plain];
  [...(found?.data as Float32Array)].forEach((value, i) =>
    expect(value).toBeCloseTo(wanted.data[i] ?? NaN, 5),
  );
});
