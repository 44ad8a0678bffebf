import { InferenceSession, Tensor } from 'onnxruntime-node';
import { describe, expect, test } from 'vitest';
import { networkOf } from '../../../server/src/model/caffe/convertCaffe.ts';

// The expected values follow from the definitions of Caffe's layers.

interface Blob {
  readonly dims: number[];
  readonly data: Float32Array<ArrayBuffer>;
}

const input = 'input: "data" input_shape { dim: 1 dim: 2 dim: 2 dim: 3 }';
const shape = [1, 2, 2, 3];
const data = Array.from({ length: 12 }, (_, i) => i - 5);

const blob = (dims: number[], values: readonly number[]): Blob => ({
  dims,
  data: Float32Array.from(values),
});

function layer(type: string, words = '', bottoms = ['data'], tops = ['a']): string {
  const ends = [...bottoms.map((one) => `bottom: "${one}"`), ...tops.map((one) => `top: "${one}"`)];
  return `layer { name: "a" type: "${type}" ${ends.join(' ')} ${words} }`;
}

const converted = (text: string, blobs: readonly Blob[] = []) =>
  networkOf(`${input}\n${text}`, new Map([['a', blobs]]));

/** Runs two different records in a batch, and each alone: a converted network must not mix them. */
async function run(text: string, blobs: readonly Blob[] = []): Promise<Record<string, Tensor>> {
  const session = await InferenceSession.create(converted(text, blobs), { logSeverityLevel: 3 });
  const feed = (values: readonly number[], batch: number) =>
    session.run({ data: new Tensor('float32', Float32Array.from(values), [batch, ...shape.slice(1)]) });
  const other = data.map((value) => value * 0.5 + 3);
  const [first, second, both] = [
    await feed(data, 1),
    await feed(other, 1),
    await feed([...data, ...other], 2),
  ];
  await session.release();
  for (const [name, { data: together, dims }] of Object.entries(both)) {
    const apart = [first[name], second[name]].flatMap((one) => [...(one?.data as Float32Array)]);
    expect([...(together as Float32Array)]).toEqual(apart);
    expect(dims.slice(1)).toEqual(first[name]?.dims.slice(1));
  }
  return first;
}

async function only(
  text: string,
  blobs: readonly Blob[] = [],
): Promise<{ dims: readonly number[]; values: number[] }> {
  const [tensor] = Object.values(await run(text, blobs));
  return { dims: tensor?.dims ?? [], values: [...((tensor?.data ?? []) as Float32Array)] };
}

function expectClose(found: readonly number[], wanted: readonly number[]): void {
  expect(found).toHaveLength(wanted.length);
  found.forEach((value, i) => expect(value).toBeCloseTo(wanted[i] as number, 4));
}

const at = <T>(values: readonly T[], i: number) => values[i] as T;
const channelOf = (i: number) => Math.floor(i / 6);

describe('a layer for each value', () => {
  test.each<[string, string, (x: number) => number]>([
    ['ReLU', '', (x) => Math.max(0, x)],
    ['ReLU', 'relu_param { negative_slope: 0.25 }', (x) => (x < 0 ? 0.25 * x : x)],
    ['ELU', '', (x) => (x < 0 ? Math.expm1(x) : x)],
    ['ELU', 'elu_param { alpha: 2 }', (x) => (x < 0 ? 2 * Math.expm1(x) : x)],
    ['Sigmoid', '', (x) => 1 / (1 + Math.exp(-x))],
    ['TanH', '', Math.tanh],
    ['AbsVal', '', Math.abs],
    ['Exp', '', Math.exp],
    ['Exp', 'exp_param { base: 2 scale: 0.5 shift: 1 }', (x) => 2 ** (0.5 * x + 1)],
    ['Power', '', (x) => x],
    ['Power', 'power_param { scale: -2 }', (x) => -2 * x],
    ['Power', 'power_param { shift: 0.5 }', (x) => x + 0.5],
    ['Power', 'power_param { power: 3 scale: 0.5 shift: 1 }', (x) => (0.5 * x + 1) ** 3],
    ['Log', 'log_param { shift: 6 }', (x) => Math.log(x + 6)],
    ['Log', 'log_param { base: 10 scale: 2 shift: 20 }', (x) => Math.log10(2 * x + 20)],
  ])('of the type %s computes what Caffe does, with %j', async (type, words, wanted) => {
    const found = await only(layer(type, words));
    expect(found.dims).toEqual(shape);
    expectClose(found.values, data.map(wanted));
  });
});

describe('a layer with weights', () => {
  const perChannel = [blob([2], [10, 0.5]), blob([2], [1, -1])];

  test('scales each channel, and adds where it has a bias', async () => {
    const scaled = await only(layer('Scale'), perChannel);
    expectClose(
      scaled.values,
      data.map((x, i) => x * at([10, 0.5], channelOf(i))),
    );
    const both = await only(layer('Scale', 'scale_param { bias_term: true }'), perChannel);
    expectClose(
      both.values,
      data.map((x, i) => x * at([10, 0.5], channelOf(i)) + at([1, -1], channelOf(i))),
    );
  });

  test('scales along another axis, counted from either end', async () => {
    const weights = [blob([3], [1, 10, 100])];
    for (const axis of [3, -1]) {
      const { values } = await only(layer('Scale', `scale_param { axis: ${axis} }`), weights);
      expectClose(
        values,
        data.map((x, i) => x * 10 ** (i % 3)),
      );
    }
  });

  test('takes one weight for all, and the four axes of old files', async () => {
    expectClose(
      (await only(layer('Scale'), [blob([1], [2])])).values,
      data.map((x) => 2 * x),
    );
    const { values } = await only(layer('Bias'), [blob([1, 1, 1, 2], [5, 7])]);
    expectClose(
      values,
      data.map((x, i) => x + at([5, 7], channelOf(i))),
    );
  });

  test('is refused where its weights do not fit what it reads', () => {
    for (const type of ['Scale', 'Bias'])
      expect(() => converted(layer(type), [blob([3], [1, 2, 3])])).toThrow(/"a" has weights of the shape 3/);
  });

  test('learns a slope for each channel or one for all', async () => {
    const each = await only(layer('PReLU'), [blob([2], [0.1, 0.9])]);
    expectClose(
      each.values,
      data.map((x, i) => (x < 0 ? x * at([0.1, 0.9], channelOf(i)) : x)),
    );
    const shared = await only(layer('PReLU', 'prelu_param { channel_shared: true }'), [blob([1], [0.5])]);
    expectClose(
      shared.values,
      data.map((x) => (x < 0 ? x / 2 : x)),
    );
  });

  test('normalizes by sums over as many steps as its file says, and by nothing where it was never trained', async () => {
    const sums = (steps: number) => [blob([2], [4, 8]), blob([2], [16, 36]), blob([1], [steps])];
    const { values } = await only(layer('BatchNorm', 'batch_norm_param { eps: 0.5 }'), sums(4));
    expectClose(
      values,
      data.map((x, i) => (x - at([1, 2], channelOf(i))) / Math.sqrt(at([4, 9], channelOf(i)) + 0.5)),
    );
    const untrained = await only(layer('BatchNorm', 'batch_norm_param { eps: 1 }'), sums(0));
    expectClose(untrained.values, data);
  });

  test('multiplies by a matrix that stands either way, with and without a bias', async () => {
    const rows = [data.map((_, i) => i), data.map(() => 1)];
    const wanted = rows.map((row) => row.reduce((sum, weight, i) => sum + weight * at(data, i), 0));
    const straight = [blob([2, 12], rows.flat()), blob([2], [100, 200])];
    const words = 'num_output: 2';
    const { dims, values } = await only(layer('InnerProduct', `inner_product_param { ${words} }`), straight);
    expect(dims).toEqual([1, 2]);
    expectClose(values, [at(wanted, 0) + 100, at(wanted, 1) + 200]);
    const turned = [
      blob(
        [12, 2],
        data.flatMap((_, i) => [at(at(rows, 0), i), at(at(rows, 1), i)]),
      ),
    ];
    const other = `inner_product_param { ${words} transpose: true bias_term: false }`;
    expectClose((await only(layer('InnerProduct', other), turned)).values, wanted);
  });

  test('multiplies only the last axes where it is said so', async () => {
    const weights = [blob([1, 3], [1, 10, 100]), blob([1], [0.5])];
    const { dims, values } = await only(
      layer('InnerProduct', 'inner_product_param { num_output: 1 axis: 3 }'),
      weights,
    );
    expect(dims).toEqual([1, 2, 2, 1]);
    expectClose(
      values,
      [0, 3, 6, 9].map((i) => at(data, i) + 10 * at(data, i + 1) + 100 * at(data, i + 2) + 0.5),
    );
  });
});

describe('a layer of several inputs or outputs', () => {
  const twice = (words: string) => layer('Eltwise', words, ['data', 'data']);

  test.each<[string, (x: number) => number]>([
    ['', (x) => 2 * x],
    ['eltwise_param { operation: SUM coeff: 1 coeff: -0.5 }', (x) => 0.5 * x],
    ['eltwise_param { operation: PROD }', (x) => x * x],
    ['eltwise_param { operation: 2 }', (x) => x],
  ])('joins values by %j', async (words, wanted) => {
    expectClose((await only(twice(words))).values, data.map(wanted));
  });

  test('with an operation that is not known is refused by its name', () => {
    expect(() => converted(twice('eltwise_param { operation: MEDIAN }'))).toThrow(/operation MEDIAN/);
  });

  test('puts channels behind each other, or rows where it is said so', async () => {
    const channels = await only(layer('Concat', '', ['data', 'data']));
    expect(channels.dims).toEqual([1, 4, 2, 3]);
    expectClose(channels.values, [...data, ...data]);
    for (const word of ['axis: 2', 'axis: -2', 'concat_dim: 2']) {
      const rows = await only(layer('Concat', `concat_param { ${word} }`, ['data', 'data']));
      expect(rows.dims).toEqual([1, 2, 4, 3]);
    }
  });

  test('cuts at equal distances or at the points that it names', async () => {
    const halves = await run(layer('Slice', '', ['data'], ['a', 'b']));
    expectClose([...(halves.b?.data as Float32Array)], data.slice(6));
    const uneven = await run(layer('Slice', 'slice_param { axis: 3 slice_point: 1 }', ['data'], ['a', 'b']));
    expect(uneven.a?.dims).toEqual([1, 2, 2, 1]);
    expect(uneven.b?.dims).toEqual([1, 2, 2, 2]);
  });

  test.each([
    ['into more parts than there are channels', '', ['a', 'b', 'c']],
    ['at more points than it has tops', 'slice_param { slice_point: 1 slice_point: 2 }', ['a', 'b']],
    ['at a point behind the end', 'slice_param { slice_point: 3 }', ['a', 'b']],
    ['at points that go back', 'slice_param { axis: 3 slice_point: 2 slice_point: 1 }', ['a', 'b', 'c']],
    ['between images', 'slice_param { axis: 0 slice_point: 1 }', ['a', 'b']],
  ])('that cuts %s is refused', (_, words, tops) => {
    expect(() => converted(layer('Slice', words, ['data'], tops))).toThrow(/"a" cuts/);
  });

  test('gives the same to each of its tops', async () => {
    const found = await run(`${layer('Split', '', ['data'], ['x', 'y'])}
layer { name: "n" type: "Power" bottom: "x" top: "n" power_param { scale: -1 } }
layer { name: "m" type: "Power" bottom: "y" top: "m" power_param { shift: 1 } }`);
    expectClose(
      [...(found.n?.data as Float32Array)],
      data.map((x) => -x),
    );
    expectClose(
      [...(found.m?.data as Float32Array)],
      data.map((x) => x + 1),
    );
  });

  test('with more tops than its type makes is refused', () => {
    expect(() => converted(layer('ReLU', '', ['data'], ['a', 'b']))).toThrow(
      /"a" has more tops than its type ReLU/,
    );
  });
});

describe('a layer that changes the shape', () => {
  test.each<[string, string, readonly number[]]>([
    ['Flatten', '', [1, 12]],
    ['Flatten', 'flatten_param { axis: 2 }', [1, 2, 6]],
    ['Flatten', 'flatten_param { axis: 1 end_axis: 2 }', [1, 4, 3]],
    ['Reshape', 'reshape_param { shape { dim: 0 dim: -1 } }', [1, 12]],
    ['Reshape', 'reshape_param { shape { dim: 0 dim: 4 dim: 3 } }', [1, 4, 3]],
    ['Reshape', 'reshape_param { shape { dim: 3 dim: 2 } axis: 2 }', [1, 2, 3, 2]],
    ['Reshape', 'reshape_param { shape { dim: -1 } axis: 1 num_axes: 2 }', [1, 4, 3]],
  ])('of the type %s with %j keeps the order of the values', async (type, words, dims) => {
    const found = await only(layer(type, words));
    expect(found.dims).toEqual(dims);
    expectClose(found.values, data);
  });

  test('permutes axes as it says, and leaves those that it does not name in their order', async () => {
    const { dims, values } = await only(layer('Permute', 'permute_param { order: 0 order: 3 }'));
    expect(dims).toEqual([1, 3, 2, 2]);
    expectClose(
      values,
      [0, 1, 2].flatMap((w) => [0, 3, 6, 9].map((rest) => at(data, rest + w))),
    );
  });

  test.each(['order: 0 order: 4', 'order: 0 order: 1 order: 1', 'order: 0 order: -1'])(
    'is refused where it orders axes that are not there, or one twice: %s',
    (order) => {
      expect(() => converted(layer('Permute', `permute_param { ${order} }`))).toThrow(/"a" names axes/);
    },
  );

  test.each([
    'reshape_param { shape { dim: 5 dim: -1 } axis: 1 }',
    'reshape_param { shape { dim: 0 dim: 13 } }',
    'reshape_param { shape { dim: -1 dim: 12 } }',
  ])('is refused where the values do not fit: %s', (words) => {
    expect(() => converted(layer('Reshape', words))).toThrow(/"a" gives/);
  });

  test.each<[string, string]>([
    ['Softmax', 'softmax_param { axis: 0 }'],
    ['Concat', 'concat_param { axis: 0 }'],
    ['Permute', 'permute_param { order: 1 order: 0 }'],
    ['Flatten', 'flatten_param { axis: -4 }'],
    ['InnerProduct', 'inner_product_param { num_output: 1 axis: 0 bias_term: false }'],
  ])('is refused where it would mix the images of a batch: %s', (type, words) => {
    const bottoms = type === 'Concat' ? ['data', 'data'] : ['data'];
    expect(() => converted(layer(type, words, bottoms), [blob([1, 12], data)])).toThrow(/batch/);
  });

  test.each(['Softmax', 'Scale', 'Concat', 'Flatten'])(
    'is refused where %s names an axis that is not there',
    (type) => {
      const key = { Softmax: 'softmax', Scale: 'scale', Concat: 'concat', Flatten: 'flatten' }[type];
      for (const axis of [4, -5])
        expect(() => converted(layer(type, `${key}_param { axis: ${axis} }`), [blob([2], [1, 2])])).toThrow(
          /"a"/,
        );
    },
  );
});

test('a softmax is over the channels, or over the axis that it names', async () => {
  const sums = (values: readonly number[], places: readonly number[]) =>
    places.reduce((sum, i) => sum + (values[i] ?? NaN), 0);
  const channels = await only(layer('Softmax'));
  for (let i = 0; i < 6; i++) expect(sums(channels.values, [i, i + 6])).toBeCloseTo(1, 5);
  const columns = await only(layer('Softmax', 'softmax_param { axis: -1 }'));
  for (let i = 0; i < 12; i += 3) expect(sums(columns.values, [i, i + 1, i + 2])).toBeCloseTo(1, 5);
});
