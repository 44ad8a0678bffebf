import { cpSync, mkdtempSync, readFileSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, onTestFinished, test } from 'vitest';
import type { ModelType } from '../../schemas/runtimes.ts';
import { detectModel } from '../../server/src/model/recognise/detectModel.ts';
import { loadModel, type LoadModelOptions } from '../../server/src/model/loadModel.ts';
import type { Model, ModelTensor } from '../../server/src/model/model.ts';
import { sampleFeeds } from '../../server/src/model/samples.ts';
import type { ModelSource } from '../../server/src/model/session.ts';
import { convertNumbers } from '../../server/src/tensor/convert.ts';
import { openvinoLibrary } from '../support/openvino.ts';

const root = join(import.meta.dirname, '../..');
const fixtures = join(root, 'test/fixtures/runtimes');
const workerFile = join(root, 'dist/modelWorker.mjs');
const place = openvinoLibrary();
/** With a thread, and where it is asked. */
const never = { quickMs: 0, slowMs: 0 };
const always = { quickMs: Infinity, slowMs: Infinity };

interface Plain {
  readonly shape: readonly number[];
  readonly data: readonly number[];
}

interface Answers {
  readonly inputs: Readonly<Record<string, Plain>>;
  readonly outputs: Readonly<Record<string, Plain>>;
}

/** What the model's own framework said. */
function answersOf(name: string): Answers {
  return JSON.parse(readFileSync(join(fixtures, `${name}.json`), 'utf8')) as Answers;
}

function sourceOf(folder: string): ModelSource {
  const names = readdirSync(folder, { withFileTypes: true }).map((entry) =>
    entry.isDirectory() ? `${entry.name}/` : entry.name,
  );
  const found = detectModel(names);
  if ('code' in found) throw new Error(found.message);
  const { type, file, weights } = found;
  return { type, file: join(folder, file), ...(weights ? { weights: join(folder, weights) } : {}) };
}

async function load(source: ModelSource, options: Partial<LoadModelOptions> = {}): Promise<Model> {
  const model = await loadModel({
    source,
    runtime: 'openvino',
    place,
    copies: 1,
    threads: 1,
    batchSize: 8,
    workerFile,
    onDeath: (error) => {
      throw error;
    },
    ...options,
  });
  onTestFinished(() => model.close());
  return model;
}

function feeds(model: Model, { inputs }: Answers): ModelTensor[] {
  return model.inputs.map(({ name, type }) => {
    const { shape, data } = inputs[name] as Plain;
    const numbers = convertNumbers(Float64Array.from(data), 'float64', type as 'float32', 'json');
    return { name, type: type as 'float32', shape, data: numbers };
  });
}

function expectAnswers(outputs: readonly ModelTensor[], answers: Answers, most: number): void {
  expect(outputs.map(({ name, shape }) => [name, [...shape]])).toEqual(
    Object.entries(answers.outputs).map(([name, { shape }]) => [name, shape]),
  );
  outputs.forEach(({ name, data }) => {
    const wanted = answers.outputs[name]?.data ?? [];
    const errors = Array.from(data as Float32Array, (value, i) => Math.abs(value - (wanted[i] ?? NaN)));
    expect(Math.max(...errors)).toBeLessThanOrEqual(most);
  });
}

test.each<[name: string, type: ModelType, error: number]>([
  ['ir', 'openvino', 1e-5],
  ['irHalf', 'openvino', 1e-2],
  ['savedModel', 'tensorflowSavedModel', 1e-5],
  ['savedModelTwo', 'tensorflowSavedModel', 1e-5],
  ['frozen', 'tensorflowFrozenModel', 1e-5],
  ['frozenTwo', 'tensorflowFrozenModel', 1e-5],
  ['tflite', 'tensorflowLite', 1e-5],
])('the model "%s", of type %s, answers as its own framework does', async (name, type, error) => {
  const source = sourceOf(join(fixtures, name));
  expect(source.type).toBe(type);
  const answers = answersOf(name);
  for (const quick of [always, never]) {
    const model = await load(source, { quick });
    expectAnswers(await model.run(feeds(model, answers)), answers, error);
  }
});

test('every element type comes back as it was sent, with a thread and without', async () => {
  const cases: readonly [type: ModelTensor['type'], data: ModelTensor['data']][] = [
    ['float32', Float32Array.of(1.5, -0)],
    ['float64', Float64Array.of(0.5, -(2 ** 60))],
    ['float16', Uint16Array.of(0x3c00, 0x7bff)],
    ['int8', Int8Array.of(-128, 127)],
    ['int16', Int16Array.of(-32_768, 32_767)],
    ['int32', Int32Array.of(-(2 ** 31), 2 ** 31 - 1)],
    ['int64', BigInt64Array.of(-(2n ** 31n), 2n ** 31n - 1n)],
    ['uint8', Uint8Array.of(0, 255)],
    ['uint16', Uint16Array.of(0, 65_535)],
    ['uint32', Uint32Array.of(0, 2 ** 31 - 1)],
    ['uint64', BigUint64Array.of(0n, 2n ** 31n - 1n)],
    ['bool', Uint8Array.of(0, 1)],
  ];
  for (const quick of [always, never]) {
    const model = await load(sourceOf(join(fixtures, 'echoTypes')), { quick });
    const given = model.inputs.map(({ name }, i): ModelTensor => {
      const [type, data] = cases[i] as (typeof cases)[number];
      return { name, type, shape: [1, 2], data: data.slice() };
    });
    const outputs = await model.run(given);
    expect(outputs.map(({ type, shape, data }) => [type, [...shape], data])).toEqual(
      cases.map(([type, data]) => [type, [1, 2], data]),
    );
  }
});

test.each<[name: string, type: ModelTensor['type'], data: ModelTensor['data'], second: string]>([
  ['f64', 'float64', Float64Array.of(1, -1e300), '-1e+300'],
  ['i64', 'int64', BigInt64Array.of(1n, 2n ** 31n), '2147483648'],
  ['u32', 'uint32', Uint32Array.of(1, 2 ** 31), '2147483648'],
  ['u64', 'uint64', BigUint64Array.of(1n, 2n ** 63n), '9223372036854775808'],
])(
  'a value of the input "%s" that OpenVINO would cut off is refused with its place',
  async (name, type, data, second) => {
    const model = await load(sourceOf(join(fixtures, 'echoTypes')));
    expect(model.notes?.join()).toContain(`"${name}" is ${type}`);
    const zeros = sampleFeeds(model.inputs, 1);
    const given = zeros.map((zero) => (zero.name === name ? { ...zero, shape: [1, 2], data } : zero));
    await expect(model.run(given)).rejects.toThrow(`"${name}" holds ${second} at [0][1]`);
  },
);

test('names of TensorFlow are taken with and without what it adds to them', async () => {
  const { inputs: frozen } = await load(sourceOf(join(fixtures, 'frozen')));
  expect(frozen).toEqual([
    { name: 'image', aliases: ['image:0'], type: 'float32', shape: [null, 8, 8, 3], layout: 'hwc' },
  ]);
  const { inputs: lite } = await load(sourceOf(join(fixtures, 'tflite')));
  expect(lite[0]).toMatchObject({
    name: 'image',
    aliases: ['serving_default_image', 'serving_default_image:0'],
    layout: 'hwc',
  });
});

test('rows share runs where samples find nothing against it, and no row changes another', async () => {
  const answers = answersOf('savedModel');
  const model = await load(sourceOf(join(fixtures, 'savedModel')));
  expect(model.sharing).toMatchObject({ shared: true, proof: 'samples' });
  const [image] = feeds(model, answers) as [ModelTensor];
  const row = 8 * 8 * 3;
  const alone = await model.run([{ ...image, shape: [1, 8, 8, 3], data: image.data.slice(row, 2 * row) }]);
  const wanted = answers.outputs.scores?.data.slice(5, 10) ?? [];
  Array.from(alone[0]?.data as Float32Array).forEach((value, i) =>
    expect(value).toBeCloseTo(wanted[i] ?? NaN, 5),
  );
});

test('ONNX models give the same answers as on ONNX Runtime', async () => {
  const source: ModelSource = { type: 'onnx', file: join(root, 'test/fixtures/models/mlp/mlp.onnx') };
  const given = (): ModelTensor[] => [
    {
      name: 'x',
      type: 'float32',
      shape: [3, 64],
      data: Float32Array.from({ length: 192 }, (_, i) => Math.sin(i)),
    },
  ];
  const [here] = await (await load(source)).run(given());
  const [there] = await (await load(source, { runtime: 'onnxruntime', place: '' })).run(given());
  expect(here?.shape).toEqual(there?.shape);
  Array.from(here?.data as Float32Array).forEach((value, i) =>
    expect(value).toBeCloseTo(Number(there?.data[i]), 4),
  );
});

test('feeds of a wrong shape or without an input are errors of the run, and the next run is answered', async () => {
  const answers = answersOf('ir');
  for (const quick of [always, never]) {
    const model = await load(sourceOf(join(fixtures, 'ir')), { quick });
    const wrong: ModelTensor = { name: 'x', type: 'float32', shape: [1, 5], data: new Float32Array(5) };
    await expect(model.run([wrong])).rejects.toMatchObject({ code: 'model-run-failed' });
    await expect(model.run([])).rejects.toMatchObject({ code: 'model-run-failed' });
    expectAnswers(await model.run(feeds(model, answers)), answers, 1e-5);
  }
});

test('no rows are answered with no rows', async () => {
  const model = await load(sourceOf(join(fixtures, 'ir')));
  const [y] = await model.run([{ name: 'x', type: 'float32', shape: [0, 6], data: new Float32Array() }]);
  expect(y).toEqual({ name: 'y', type: 'float32', shape: [0, 3], data: new Float32Array() });
});

test('a model of a type that records cannot carry is refused with the name of its input', async () => {
  const loading = load(sourceOf(join(fixtures, 'bfloat16')));
  await expect(loading).rejects.toMatchObject({ code: 'model-unsupported' });
  await expect(loading).rejects.toThrow(/input "x"/);
});

test('what is no model, and a library that is none, are refused in a sentence', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'openvino-'));
  onTestFinished(() => rmSync(folder, { recursive: true }));
  const file = join(folder, 'net.xml');
  writeFileSync(file, '<?xml version="1.0"?><net></net>');
  writeFileSync(join(folder, 'net.bin'), '');
  await expect(load(sourceOf(folder))).rejects.toMatchObject({ code: 'model-load-failed' });
  await expect(load(sourceOf(join(fixtures, 'ir')), { place: file })).rejects.toMatchObject({
    code: 'model-load-failed',
  });
});

describe('graph_meta.json', () => {
  function frozenWith(meta: string): string {
    const folder = mkdtempSync(join(tmpdir(), 'openvino-'));
    onTestFinished(() => rmSync(folder, { recursive: true }));
    cpSync(join(fixtures, 'frozenTwo'), folder, { recursive: true });
    writeFileSync(join(folder, 'graph_meta.json'), meta);
    return folder;
  }
  const meta = (inputs: string[], outputs: string[]) =>
    JSON.stringify({ input_names: inputs, output_names: outputs });

  test('says which inputs and outputs are served, and in which order', async () => {
    const { inputs, outputs } = await load(sourceOf(frozenWith(meta(['ids', 'values:0'], ['Identity_1']))));
    expect(inputs.map(({ name }) => name)).toEqual(['ids', 'values']);
    expect(outputs.map(({ name }) => name)).toEqual(['Identity_1']);
  });

  test.each([
    ['names what the graph does not have', meta(['values', 'ids'], ['middle:0']), /"middle:0"/],
    ['leaves out what the graph needs', meta(['values'], ['Identity']), /"ids"/],
    ['has no lists', '{}', /input_names and output_names/],
    ['is no JSON', '{', /is no JSON/],
  ])('is refused where it %s', async (_, text, reason) => {
    const loading = load(sourceOf(frozenWith(text)));
    await expect(loading).rejects.toMatchObject({ code: 'model-load-failed' });
    await expect(loading).rejects.toThrow(reason);
  });
});
