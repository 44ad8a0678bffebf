import { readFileSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { InferenceSession, Tensor } from 'onnxruntime-node';
import { describe, expect, test } from 'vitest';
import { convertCaffe, networkOf } from '../../../server/src/model/caffe/convertCaffe.ts';
import { readCaffeModel } from '../../../server/src/model/caffe/caffeModel.ts';
import { parsePrototxt } from '../../../server/src/model/caffe/prototxt.ts';
import { judgeBatches } from '../../../server/src/model/graph/judgeBatches.ts';
import { readModel } from '../../../server/src/model/graph/readModel.ts';

// What OpenCV answers for these networks is written beside them (scripts/make/makeCaffeModels.py).

const fixtures = join(import.meta.dirname, '../../fixtures/caffe');
const names = readdirSync(fixtures).filter((name) => !name.endsWith('.json'));

interface Plain {
  readonly shape: readonly number[];
  readonly data: readonly number[];
}

function answersOf(name: string): Readonly<Record<'inputs' | 'outputs', Readonly<Record<string, Plain>>>> {
  return JSON.parse(readFileSync(join(fixtures, `${name}.json`), 'utf8')) as ReturnType<typeof answersOf>;
}

function converted(name: string): Promise<Uint8Array> {
  return convertCaffe(join(fixtures, name, 'deploy.prototxt'), join(fixtures, name, 'net.caffemodel'));
}

async function run(model: Uint8Array, { shape, data }: Plain): Promise<Record<string, Tensor>> {
  const session = await InferenceSession.create(model, { logSeverityLevel: 3 });
  const feed = new Tensor('float32', Float32Array.from(data), shape);
  const outputs = await session.run({ [session.inputNames[0] as string]: feed });
  await session.release();
  return outputs;
}

function largestError(found: Tensor | undefined, { data }: Plain): number {
  const values = [...(found?.data as Float32Array)];
  expect(values.length).toBe(data.length);
  return Math.max(...values.map((value, i) => Math.abs(value - (data[i] ?? NaN))));
}

test.each(names)(
  'the network "%s" answers in ONNX Runtime as in OpenCV, a batch in one run',
  async (name) => {
    const { inputs, outputs } = answersOf(name);
    const found = await run(await converted(name), inputs.data as Plain);
    expect(Object.keys(found)).toEqual(Object.keys(outputs));
    for (const [output, wanted] of Object.entries(outputs)) {
      expect(found[output]?.dims).toEqual(wanted.shape);
      expect(largestError(found[output], wanted)).toBeLessThanOrEqual(1e-5);
    }
  },
);

test.each(names)('records may share a batch of "%s", as its graph shows', async (name) => {
  const bytes = await converted(name);
  const model = await readModel((start, count) => Promise.resolve(bytes.subarray(start, start + count)));
  expect(model && judgeBatches(model).kind).toBe('proved');
});

const input = 'input: "data" input_shape { dim: 1 dim: 2 dim: 4 dim: 4 }';
const convert = (text: string) => networkOf(`${input}\n${text}`, new Map());
const ones = { shape: [1, 2, 4, 4], data: Array.from({ length: 32 }, (_, i) => i - 16) };
const only = async (text: string) => Object.values(await run(convert(text), ones))[0] as Tensor;

describe('a layer', () => {
  test('of an unknown type is named with its line', () => {
    expect(() => convert('layer { name: "boxes" type: "PriorBox" bottom: "data" top: "b" }')).toThrow(
      /line 2: the layer "boxes" has the type PriorBox/,
    );
  });

  test('of the training is left out by its phase, and refused without one', async () => {
    const loss = (phase: string) =>
      convert(`layer { name: "r" type: "ReLU" bottom: "data" top: "r" }
layer { name: "l" type: "SoftmaxWithLoss" bottom: "r" top: "l" ${phase} }`);
    expect(Object.keys(await run(loss('include { phase: TRAIN }'), ones))).toEqual(['r']);
    expect(() => loss('')).toThrow(/"l" of the type SoftmaxWithLoss belongs to training/);
  });

  test('that reads what is not there, or lacks its weights, is named', () => {
    expect(() => convert('layer { name: "r" type: "ReLU" bottom: "other" top: "r" }')).toThrow(
      /"r" reads "other"/,
    );
    const dense =
      'layer { name: "fc" type: "InnerProduct" bottom: "data" top: "fc" inner_product_param { num_output: 3 } }';
    expect(() => convert(dense)).toThrow(/none for the layer "fc"/);
    const blobs = new Map([['fc', [{ dims: [3, 7], data: new Float32Array(21) }]]]);
    expect(() => networkOf(`${input}\n${dense}`, blobs)).toThrow(/needs 96 weights, .* 21/);
  });

  test.each([
    ['Exp', 'exp_param { base: 2 scale: 0.1 }', (x: number) => 2 ** (0.1 * x)],
    ['Power', 'power_param { power: 2 scale: 3 shift: -1 }', (x: number) => (3 * x - 1) ** 2],
    ['BNLL', '', (x: number) => Math.log1p(Math.exp(x))],
    ['Dropout', '', (x: number) => x],
  ])('of the type %s computes what Caffe does', async (type, parameters, wanted) => {
    const { data } = await only(`layer { name: "a" type: "${type}" bottom: "data" top: "a" ${parameters} }`);
    for (const [i, value] of [...(data as Float32Array)].entries()) {
      const expected = wanted(ones.data[i] ?? NaN);
      expect(Math.abs(value - expected)).toBeLessThanOrEqual(1e-4 * Math.max(1, Math.abs(expected)));
    }
  });

  test('that normalizes across channels takes k, which OpenCV leaves out', async () => {
    const words = 'lrn_param { local_size: 3 alpha: 0.3 beta: 0.5 k: 2 }';
    const { data } = await only(`layer { name: "n" type: "LRN" bottom: "data" top: "n" ${words} }`);
    const [first = 0, other = 0] = [ones.data[0], ones.data[16]];
    expect((data as Float32Array)[0]).toBeCloseTo(first / Math.sqrt(2 + 0.1 * (first ** 2 + other ** 2)), 5);
  });

  test('that normalizes within a channel takes the mean of the squares around each value', async () => {
    const words = 'lrn_param { local_size: 3 alpha: 0.5 beta: 0.75 norm_region: WITHIN_CHANNEL }';
    const { data } = await only(`layer { name: "n" type: "LRN" bottom: "data" top: "n" ${words} }`);
    const around = [0, 1, 4, 5].reduce((sum, i) => sum + (ones.data[i] ?? NaN) ** 2, 0);
    expect((data as Float32Array)[0]).toBeCloseTo(-16 / (1 + (0.5 * around) / 9) ** 0.75, 4);
  });

  test('that pools rounds up, and drops a last window that begins in the padding', async () => {
    const pool = (words: string) =>
      only(`layer { name: "p" type: "Pooling" bottom: "data" top: "p" pooling_param { ${words} } }`);
    expect((await pool('kernel_size: 3 stride: 2')).dims).toEqual([1, 2, 2, 2]);
    expect((await pool('kernel_size: 3 stride: 2 round_mode: FLOOR')).dims).toEqual([1, 2, 1, 1]);
    expect((await pool('kernel_size: 2 stride: 2 pad: 1')).dims).toEqual([1, 2, 3, 3]);
    // The mean of a corner counts the three values of the padding.
    const mean = await pool('pool: AVE kernel_size: 2 stride: 2 pad: 1');
    expect((mean.data as Float32Array)[0]).toBeCloseTo(-4, 5);
  });

  test('that mixes the images of a batch is refused', () => {
    expect(() =>
      convert('layer { name: "f" type: "Flatten" bottom: "data" top: "f" flatten_param { axis: 0 } }'),
    ).toThrow(/mixes the images/);
    const fixed =
      'layer { name: "r" type: "Reshape" bottom: "data" top: "r" reshape_param { shape { dim: 1 dim: -1 } } }';
    expect(() => convert(fixed)).toThrow(/Write 0/);
  });
});

describe('a text', () => {
  test('has comments, lists, both kinds of brackets and quotes, and separators', () => {
    const { fields } = parsePrototxt("a: 1 # one\na: [2, 3]; b < c: 'x\\n\"' >, d { e: true }");
    expect(fields.get('a')).toEqual(['1', '2', '3']);
    expect(fields.get('b')).toMatchObject([{ line: 2 }]);
  });

  test.each([
    ['layer { name: "a" type: "ReLU"', /line 2: the name of a field is expected, and there is the end/],
    ['layer { name "a" }', /line 2: ":" behind name/],
    ['layer { name: } }', /a value of name/],
    ['layer { § }', /not understood/],
  ])('that is no message is refused with its line: %s', (text, why) => {
    expect(() => convert(text)).toThrow(why);
  });

  test.each([
    ['name: "empty"', /describes no layers/],
    ['net: "train_val.prototxt" base_lr: 0.1', /how a network is trained/],
    ['layer { name: "a" type: "ReLU" bottom: "x" top: "y" }', /names no input/],
    ['input: "x" layer { name: "a" type: "ReLU" bottom: "x" top: "y" }', /gives no shape/],
  ])('that is no network to deploy is refused: %s', (text, why) => {
    expect(() => networkOf(text, new Map())).toThrow(why);
  });
});

test('weights that are cut off, or of another file, are refused', async () => {
  const bytes = readFileSync(join(fixtures, 'lenet', 'net.caffemodel'));
  expect(() => readCaffeModel(bytes.subarray(0, bytes.length - 7))).toThrow();
  const text = join(fixtures, 'lenet', 'deploy.prototxt');
  await expect(convertCaffe(text, text)).rejects.toMatchObject({ code: 'model-damaged' });
});
