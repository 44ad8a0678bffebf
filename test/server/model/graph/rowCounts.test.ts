import { expect, test } from 'vitest';
import { judgeBatches } from '../../../../server/src/model/graph/judgeBatches.ts';
import { drawGraph, type Constants } from '../../../support/drawGraph.ts';

// How many rows share a run differs from run to run. What a graph computes from that number must reach no value of a row.

/** `n` is the number of rows as a scalar, `v` the same as a vector of one. */
const counted =
  's = Shape(x); n = Gather(s, zero) axis=0; v = Unsqueeze(n, axis0); f = Cast(n) to=1; w = Cast(v) to=1;';
const always: Constants = { zero: 0, axis0: [0], axis1: [1], flat: [1], one: 1 };

const judge = (graph: string, constants: Constants = {}, dims = 'N,3,4,4') =>
  judgeBatches(drawGraph(`x[${dims}] -> ${counted} ${graph}`, { ...always, ...constants }));

test.each<[string, string, Constants?, string?]>([
  ['adds it', 'y = Add(x, f)'],
  ['divides by it', 'y = Div(x, f)'],
  ['takes it for a bound', 'y = Clip(x, f)'],
  ['takes the larger of it and each value', 'y = Max(x, f)'],
  ['pads with it', 'y = Pad(x, pads, f)', { pads: [0, 0, 1, 1, 0, 0, 1, 1] }],
  [
    'writes it where a value of one-hot is on',
    'o = Concat(zeros, w) axis=0; y = OneHot(x, depth, o)',
    { zeros: [0], depth: 4 },
  ],
  ['takes it for the depth of one-hot', 'y = OneHot(x, n, onOff)', { onOff: [0, 1] }],
  ['scales to whole numbers with it', 'y = QuantizeLinear(x, f)'],
  ['scales from whole numbers with it', 'y = DequantizeLinear(x, f)'],
  ['takes it for the zero point', 'y = QuantizeLinear(x, one, n)'],
  ['cuts a triangle at it', 'y = Trilu(x, n)'],
  ['takes it for a step', 'y = Slice(x, start, end, axes, v)', { start: [0], end: [4], axes: [2] }],
  ['takes it for an end', 'y = Slice(x, start, v, axes)', { start: [0], axes: [2] }],
  ['takes it for a start', 'y = Slice(x, v, end, axes)', { end: [4], axes: [2] }],
  ['enlarges by it', 'k = Concat(ones, w) axis=0; y = Resize(x, _, k)', { ones: [1, 1, 1] }],
  [
    'takes the region of an image by it',
    'k = Concat(w, rest) axis=0; y = Resize(x, k, ones)',
    { rest: [0, 0, 0, 1, 1, 1, 1], ones: [1, 1, 2, 2] },
  ],
  ['takes it for the length of a transform', 'y = DFT(x, n) axis=1', {}, 'N,8,1'],
  ['takes so many of the largest', 'y, i = TopK(x, v)'],
  ['picks by it', 'y = Gather(x, n) axis=2'],
  ['repeats columns by it', 'k = Concat(ones, v) axis=0; y = Tile(x, k)', { ones: [1, 1, 1] }],
  ['multiplies by a matrix of it', 'm = Expand(f, sides); y = MatMul(x, m)', { sides: [4, 4] }],
  [
    'sums products with it',
    'm = Expand(f, sides); y = Einsum(x, m) equation="nchw,wk->nchk"',
    { sides: [4, 4] },
  ],
  ['normalises with it', 'm = Expand(f, side); y = LayerNormalization(x, m)', { side: [4] }],
  ['takes it for a weight of a convolution', 'm = Expand(f, sides); y = Conv(x, m)', { sides: [2, 3, 1, 1] }],
  [
    'takes it for where positions begin',
    'y = com.microsoft:RotaryEmbedding(x, v, t, t)',
    { t: { dims: [8, 2] } },
  ],
])('a model that %s is not proved', (_, graph, constants, dims) => {
  expect(judge(graph, constants, dims).kind).not.toBe('proved');
  expect(judgeConstant(graph, constants, dims)).toEqual({ kind: 'proved' });
});

/** The same graph, where it is given a constant in place of the number of rows. */
const judgeConstant = (graph: string, constants: Constants = {}, dims = 'N,3,4,4') =>
  judgeBatches(drawGraph(`x[${dims}] -> ${graph}`, { ...always, n: 2, f: 2, v: [2], w: [2], ...constants }));

test.each<[string, string, Constants]>([
  ['enlarges to it', 'k = Concat(v, sides, v) axis=0; y = Resize(x, _, _, k)', { sides: [3, 4] }],
  [
    'enlarges to a size that it decides about',
    'b = Greater(v, two); c = Where(b, four, eight); k = Concat(v, sides, c) axis=0; y = Resize(x, _, _, k)',
    { two: [2], four: [4], eight: [8], sides: [3, 4] },
  ],
])('a model that %s is not proved, while images that are enlarged alike are', (_, graph, constants) => {
  expect(judge(graph, constants).kind).not.toBe('proved');
  const alike = 'k = Concat(v, sides, four) axis=0; y = Resize(x, _, _, k)';
  expect(judge(alike, { sides: [3, 4], four: [4] })).toEqual({ kind: 'proved' });
});

/** Each makes `c`, of one element, from the number of rows by way of another operator. */
test.each<[string, string, Constants?]>([
  ['Identity', 'c = Identity(f)'],
  ['Neg', 'c = Neg(f)'],
  ['a cast and back', 'i = Cast(f) to=7; c = Cast(i) to=1'],
  ['Concat', 'k = Concat(w, w) axis=0; c = ReduceSum(k) keepdims=0'],
  ['Split', 'k = Concat(w, w) axis=0; c, d = Split(k) axis=0'],
  ['Expand and ReduceMax', 'k = Expand(f, sides); c = ReduceMax(k) keepdims=0', { sides: [2, 3] }],
  ['ConstantOfShape', 'k = ConstantOfShape(v); c = ReduceSum(k) keepdims=0'],
  [
    'EyeLike',
    'k = Expand(f, sides); e = EyeLike(k); l = Mul(e, f); c = ReduceSum(l) keepdims=0',
    { sides: [2, 2] },
  ],
  [
    'DepthToSpace',
    'k = Expand(f, sides); d = DepthToSpace(k) blocksize=2; c = ReduceSum(d) keepdims=0',
    { sides: [1, 4, 2, 2] },
  ],
  [
    'SpaceToDepth',
    'k = Expand(f, sides); d = SpaceToDepth(k) blocksize=2; c = ReduceSum(d) keepdims=0',
    { sides: [1, 4, 2, 2] },
  ],
  [
    'a convolution',
    'k = Expand(f, sides); d = Conv(k, m); c = ReduceSum(d) keepdims=0',
    { sides: [1, 3, 2, 2], m: { dims: [2, 3, 1, 1] } },
  ],
  [
    'a mean over images',
    'k = Expand(f, sides); d = GlobalAveragePool(k); c = ReduceSum(d) keepdims=0',
    { sides: [1, 3, 2, 2] },
  ],
  [
    'a largest value of windows',
    'k = Expand(f, sides); d = MaxPool(k) kernel_shape=2,2; c = ReduceSum(d) keepdims=0',
    { sides: [1, 3, 2, 2] },
  ],
  ['Det', 'k = Expand(f, sides); c = Det(k)', { sides: [2, 2] }],
  ['MatMul', 'k = Expand(f, sides); d = MatMul(k, k); c = ReduceSum(d) keepdims=0', { sides: [2, 2] }],
  [
    'Resize',
    'k = Concat(flat, flat, v, v) axis=0; d = Resize(image, _, _, k); e = ReduceSum(d) keepdims=0; c = Reshape(e, flat)',
    { image: { dims: [1, 1, 2, 2] } },
  ],
  ['ScatterElements', 'd = ScatterElements(zeros, axis0, w); c = ReduceSum(d) keepdims=0', { zeros: [0, 0] }],
  [
    'ReverseSequence',
    'l = Concat(v, v) axis=0; d = ReverseSequence(m, l) time_axis=0 batch_axis=1; e = ReduceSum(d) keepdims=0; c = Reshape(e, flat)',
    { m: { dims: [4, 2] } },
  ],
  [
    'a regression',
    'k = Expand(f, sides); d = ai.onnx.ml:LinearRegressor(k); e = ReduceSum(d) keepdims=0; c = Reshape(e, flat)',
    { sides: [1, 2] },
  ],
  [
    'a forest',
    'k = Expand(f, sides); a, d = ai.onnx.ml:TreeEnsembleClassifier(k); e = ReduceSum(d) keepdims=0; c = Reshape(e, flat)',
    { sides: [1, 2] },
  ],
  ['QuantizeLinear', 'c = QuantizeLinear(one, f)'],
  [
    'an LSTM',
    'k = Expand(f, sides); a = LSTM(k, m, m); d = ReduceSum(a) keepdims=0; c = Reshape(d, flat)',
    { sides: [2, 1, 3], m: { dims: [1, 8, 3] } },
  ],
  [
    'GridSample',
    'k = Expand(f, sides); d = GridSample(k, m); e = ReduceSum(d) keepdims=0; c = Reshape(e, flat)',
    { sides: [1, 1, 2, 2], m: { dims: [1, 2, 2, 2] } },
  ],
  [
    'STFT',
    'k = Expand(f, sides); d = STFT(k, two); e = ReduceSum(d) keepdims=0; c = Reshape(e, flat)',
    { sides: [1, 8, 1], two: 2 },
  ],
  [
    'distances',
    'k = Expand(f, sides); d = com.microsoft:CDist(k, m); e = ReduceSum(d) keepdims=0; c = Reshape(e, flat)',
    { sides: [1, 2], m: { dims: [3, 2] } },
  ],
])('what %s makes of the number of rows still depends on it', (_, graph, constants) => {
  expect(judge(`${graph}; y = Add(x, c)`, constants).kind).not.toBe('proved');
  expect(judgeConstant(`${graph}; y = Add(x, c)`, constants)).toEqual({ kind: 'proved' });
});

test.each<[string, string, Constants?, string?]>([
  ['a shape with it', 'k = Concat(v, rest) axis=0; y = Reshape(x, k)', { rest: [-1] }],
  [
    'a size with it',
    'k = Concat(v, rest) axis=0; e = Expand(row, k); y = Add(x, e)',
    { rest: [3, 4, 4], row: { dims: [1, 3, 4, 4] } },
  ],
  [
    'zeros of it',
    'k = Concat(v, rest) axis=0; e = ConstantOfShape(k); y = Concat(x, e) axis=1',
    { rest: [1, 4, 4] },
  ],
  ['an end of the batch itself', 'y = Slice(x, start, v, axes)', { start: [0], axes: [0] }],
  ['images enlarged in place', 'k = Concat(v, sides) axis=0; y = Resize(x, _, _, k)', { sides: [3, 8, 8] }],
  ['a product that loses it', 'z = Mul(f, nought); y = Add(x, z)', { nought: 0 }],
  ['a difference that loses it', 'z = Sub(n, n); g = Cast(z) to=1; y = Add(x, g)'],
  [
    'a shape without it',
    'h = Slice(s, one1, four); g = Cast(h) to=1; y = Mul(x, k); ',
    { one1: [1], four: [4], k: [2] },
  ],
])('a model is proved that makes %s', (_, graph, constants, dims) => {
  expect(judge(graph, constants, dims)).toEqual({ kind: 'proved' });
});

test.each([
  ['before the first axis', 's = Shape(x) start=-9 end=9; n = Gather(s, zero) axis=0', 'N,3'],
  ['far before it', 's = Shape(x) start=-4; n = Gather(s, zero) axis=0', 'N,3,4'],
  ['behind it by its negative end', 's = Shape(x) start=0 end=-2; n = Gather(s, zero) axis=0', 'N,3,4'],
])('a part of a shape that begins %s holds the number of rows', (_, graph, dims) => {
  const drawn = drawGraph(`x[${dims}] -> ${graph}; f = Cast(n) to=1; y = Add(x, f)`, always);
  expect(judgeBatches(drawn).kind).not.toBe('proved');
});

test.each([
  ['Scaler', 'offset=1,2 scale=1,2'],
  ['Imputer', 'imputed_value_floats=1,2'],
])('%s takes the second axis for features: rows must not be there', (operator, values) => {
  const verdictOf = (graph: string, dims: string) =>
    judgeBatches(drawGraph(`x[${dims}] -> ${graph}`, always)).kind;
  const node = `ai.onnx.ml:${operator}`;
  expect(verdictOf(`y = ${node}(x) ${values}`, 'N,2')).toBe('proved');
  expect(verdictOf(`y = ${node}(x) ${values}`, 'N,2,3')).toBe('proved');
  expect(verdictOf(`y = ${node}(x) ${values}`, 'N')).not.toBe('proved');
  const turned = `t = Transpose(x) perm=1,0,2; u = ${node}(t) ${values}; y = Transpose(u) perm=1,0,2`;
  expect(verdictOf(turned, 'N,2,3')).not.toBe('proved');
  const last = `t = Transpose(x) perm=1,2,0; u = ${node}(t) ${values}; y = Transpose(u) perm=2,0,1`;
  expect(verdictOf(last, 'N,2,3')).not.toBe('proved');
});

test('features are put together of rows of tables, not of vectors', () => {
  const graph = 'y = ai.onnx.ml:FeatureVectorizer(x, x) inputdimensions=2,2';
  expect(judgeBatches(drawGraph(`x[N,2] -> ${graph}`)).kind).toBe('proved');
  expect(judgeBatches(drawGraph(`x[N] -> ${graph}`)).kind).not.toBe('proved');
});

test.each([
  ['all of the batch', [0, 0, 0, 0, 1, 1, 0.5, 1], 'proved'],
  ['a part of the batch', [0, 0, 0, 0, 0.5, 1, 1, 1], 'refuted'],
  ['the batch from its middle on', [0.5, 0, 0, 0, 1, 1, 1, 1], 'refuted'],
  ['the batch from behind', [1, 0, 0, 0, 0, 1, 1, 1], 'refuted'],
] as const)('a region of images that takes %s, %j, is %s', (_, region, kind) => {
  const resize = 'y = Resize(x, k, ones) coordinate_transformation_mode="tf_crop_and_resize"';
  const drawn = drawGraph(`x[N,3,4,4] -> ${resize}`, { k: region, ones: [1, 1, 2, 2] });
  expect(judgeBatches(drawn).kind).toBe(kind);
});

test('a region of images that is not known is no proof', () => {
  const resize = 'y = Resize(x, k, ones) coordinate_transformation_mode="tf_crop_and_resize"';
  const drawn = drawGraph(`x[N,3,4,4] -> ${resize}`, { k: { dims: [8] }, ones: [1, 1, 2, 2] });
  expect(judgeBatches(drawn).kind).toBe('unknown');
});
