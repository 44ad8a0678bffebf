import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, expect, onTestFinished, test } from 'vitest';
import type { ModelType } from '../../schemas/runtimes.ts';
import { loadModel, type LoadModelOptions } from '../../server/src/model/loadModel.ts';
import type { Model, ModelTensor } from '../../server/src/model/model.ts';
import { diskFiles } from '../../server/src/model/recognise/diskFiles.ts';
import { locateModel } from '../../server/src/model/recognise/locateModel.ts';
import type { ModelSource } from '../../server/src/model/session.ts';
import { convertNumbers } from '../../server/src/tensor/convert.ts';
import { frameworksPython } from '../support/frameworks.ts';
import { root } from '../support/serving.ts';

const fixtures = join(root, 'test/fixtures/python');
const python = frameworksPython();

interface Plain {
  readonly type: ModelTensor['type'];
  readonly shape: readonly number[];
  readonly data: readonly (number | string)[];
}

interface Answers {
  readonly inputs: Readonly<Record<string, Plain>>;
  readonly outputs: Readonly<Record<string, Plain>>;
}

/** What the model's own framework said. */
function answersOf(name: string): Answers {
  return JSON.parse(readFileSync(join(fixtures, `${name}.json`), 'utf8')) as Answers;
}

async function sourceOf(name: string): Promise<ModelSource> {
  const found = await locateModel(join(fixtures, name), diskFiles);
  if ('code' in found) throw new Error(found.message);
  const { type, folder, file, isPickle = false } = found;
  return { type, file: join(folder, file), isPickle };
}

async function load(name: string, options: Partial<LoadModelOptions>): Promise<Model> {
  const model = await open(name, options);
  onTestFinished(() => model.close());
  return model;
}

const opened = new Map<string, Promise<Model>>();

/** To load PyTorch takes seconds: one model of each is enough. */
function shared(name: string): Promise<Model> {
  const model = opened.get(name) ?? open(name);
  opened.set(name, model);
  return model;
}

afterAll(async () => {
  for (const model of opened.values()) await (await model).close();
});

async function open(name: string, options: Partial<LoadModelOptions> = {}): Promise<Model> {
  return loadModel({
    source: await sourceOf(name),
    runtime: 'python',
    place: python,
    copies: 1,
    threads: 1,
    batchSize: 8,
    allowPickle: true,
    workerFile: '',
    onDeath: (error) => {
      throw error;
    },
    ...options,
  });
}

function tensor(name: string, { type, shape, data }: Plain): ModelTensor {
  if (type === 'string') return { name, type, shape, data: data as readonly string[] };
  const numbers = Float64Array.from(data as readonly number[]);
  return { name, type, shape, data: convertNumbers(numbers, 'float64', type, 'json') };
}

test.each<[name: string, type: ModelType]>([
  ['script', 'pytorch'],
  ['traced', 'pytorch'],
  ['two', 'pytorch'],
  ['named', 'pytorch'],
  ['pickled', 'pytorch'],
  ['export', 'pytorchExport'],
  ['exportTwo', 'pytorchExport'],
  ['xgboost', 'xgboost'],
  ['xgboostBinary', 'xgboost'],
  ['lightgbm', 'lightgbm'],
  ['classifier', 'pickle'],
  ['forest', 'pickle'],
  ['texts', 'pickle'],
])('the model "%s", of type %s, answers as its own framework does', async (name, type) => {
  expect((await sourceOf(name)).type).toBe(type);
  const answers = answersOf(name);
  const model = await shared(name);
  const outputs = await model.run(Object.entries(answers.inputs).map(([key, value]) => tensor(key, value)));
  expect(outputs.map((output) => [output.name, output.type, [...output.shape]])).toEqual(
    Object.entries(answers.outputs).map(([key, wanted]) => [key, wanted.type, wanted.shape]),
  );
  for (const { name: key, data } of outputs) {
    const wanted = answers.outputs[key]?.data ?? [];
    if (typeof wanted[0] === 'string') expect(data).toEqual(wanted);
    else {
      const found = Array.from<unknown>(data);
      const errors = found.map((x, i) => Math.abs(Number(x) - Number(wanted[i])));
      expect(Math.max(...errors)).toBeLessThanOrEqual(1e-5);
    }
  }
});

test('what models say of their inputs and outputs is known, and of the rest whatever is sent reaches them', async () => {
  const infos = async (name: string) => {
    const { inputs, outputs } = await shared(name);
    return { inputs, outputs };
  };
  const open = { type: 'any', shape: [], openRank: true };
  const image = { name: 'image', type: 'float32', shape: [null, 3, 8, 8] };
  expect(await infos('script')).toEqual({
    inputs: [{ name: 'image', ...open }],
    outputs: [{ name: 'output', ...open }],
  });
  expect((await infos('two')).inputs.map(({ name }) => name)).toEqual(['values', 'ids']);
  expect((await infos('named')).outputs).toEqual([]);
  expect((await infos('pickled')).inputs).toEqual([{ name: 'image', ...open }]);
  expect(await infos('export')).toEqual({
    inputs: [image],
    outputs: [{ name: 'output', type: 'float32', shape: [null, 5] }],
  });
  expect((await infos('exportTwo')).inputs).toEqual([
    { name: 'values', type: 'float32', shape: [null, 3] },
    { name: 'ids', type: 'int64', shape: [null] },
  ]);
  expect((await infos('xgboost')).inputs).toEqual([{ name: 'input', type: 'float32', shape: [null, 4] }]);
  expect((await infos('lightgbm')).inputs).toEqual([{ name: 'input', type: 'float64', shape: [null, 4] }]);
  expect((await infos('texts')).inputs).toEqual([{ name: 'input', type: 'string', shape: [null] }]);
  expect((await infos('program')).inputs).toEqual([]);
  expect((await infos('declared')).inputs).toEqual([{ name: 'x', type: 'float32', shape: [null, 64] }]);
});

test('names of classes come from the model', async () => {
  const { labels } = await shared('classifier');
  expect(labels.get('probabilities')).toEqual(['no', 'perhaps', 'yes']);
});

test('records share runs only where samples find nothing against it, or by the word of the config', async () => {
  const sharing = async (name: string) => (await shared(name)).sharing;
  expect(await sharing('script')).toMatchObject({ shared: false });
  expect(await sharing('program')).toMatchObject({ shared: false });
  expect((await load('program', { batching: 'on' })).sharing).toMatchObject({ shared: true, proof: 'word' });
  expect(await sharing('export')).toMatchObject({ shared: true, proof: 'samples' });
  expect(await sharing('xgboost')).toMatchObject({ shared: true, proof: 'samples' });
  expect(await sharing('declared')).toMatchObject({ shared: true, proof: 'samples' });
});

test('every element type comes back as it was sent', async () => {
  const cases: readonly ModelTensor[] = [
    { name: 'a', type: 'float64', shape: [1, 2], data: Float64Array.of(1 / 3, -0) },
    { name: 'b', type: 'int8', shape: [2], data: Int8Array.of(-42, 42) },
    { name: 'c', type: 'int64', shape: [1], data: BigInt64Array.of(2n ** 60n + 1n) },
    { name: 'd', type: 'uint64', shape: [1], data: BigUint64Array.of(2n ** 62n + 1n) },
    { name: 'e', type: 'uint16', shape: [0, 3], data: new Uint16Array(0) },
    { name: 'f', type: 'float32', shape: [], data: Float32Array.of(0.1) },
  ];
  const model = await shared('program');
  const outputs = await model.run(cases.map((one) => ({ ...one, data: one.data.slice() })));
  expect(outputs.map(({ name, type, shape }) => [name, type, [...shape]])).toEqual(
    cases.map(({ name, type, shape }) => [name, type, [...shape]]),
  );
  const third = (data: ModelTensor['data']) =>
    Array.from(data as Float64Array, (x) => (typeof x === 'bigint' ? x * 3n : x * 3));
  outputs.forEach(({ type, data }, i) => {
    const wanted = third(cases[i]?.data as Float64Array);
    if (type === 'float32') expect(data[0]).toBeCloseTo(Number(wanted[0]), 6);
    else expect(Array.from(data as Float64Array)).toEqual(wanted);
  });
});

test('a run that the model refuses is an error of that run, and the next is answered', async () => {
  const model = await shared('export');
  const wrong: ModelTensor = { name: 'image', type: 'float32', shape: [1, 2], data: new Float32Array(2) };
  await expect(model.run([wrong])).rejects.toMatchObject({ code: 'model-run-failed' });
  const answers = answersOf('export');
  const [scores] = await model.run([tensor('image', answers.inputs.image as Plain)]);
  expect(scores?.shape).toEqual([3, 5]);
});

test('a pickle is not loaded unless the config allows it', async () => {
  const loading = load('forest', { allowPickle: false });
  await expect(loading).rejects.toThrow(/is a pickle/);
});
