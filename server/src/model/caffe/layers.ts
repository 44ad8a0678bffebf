import type { CaffeLayerType } from './layerTypes.ts';
import { CaffeRefusal, numbers } from './readNet.ts';
import { axisOf, blobOf, openBatch, parametersOf, product, type Value, type Work } from './network.ts';
import { convolution, deconvolution, normalization, pooling } from './windows.ts';

/** Converts a layer. @returns what it makes, by its tops. @throws CaffeRefusal */
type Conversion = (work: Work) => Value | readonly Value[];

/** What each type of layer is in ONNX; one that has a name and no row does not compile. */
export const conversions: Readonly<Record<Exclude<CaffeLayerType, 'Input'>, Conversion>> = {
  Convolution: convolution,
  Deconvolution: deconvolution,
  InnerProduct: innerProduct,
  Pooling: pooling,
  LRN: normalization,
  BatchNorm: batchNorm,
  Scale: scale,
  Bias: bias,
  ReLU: (work) => {
    const slope = parametersOf(work.layer, 'relu_param').number('negative_slope', 0);
    return slope === 0
      ? elementwise('Relu')(work)
      : elementwise('LeakyRelu', { alpha: { float: slope } })(work);
  },
  PReLU: parametricRelu,
  ELU: (work) =>
    elementwise('Elu', { alpha: { float: parametersOf(work.layer, 'elu_param').number('alpha', 1) } })(work),
  Sigmoid: elementwise('Sigmoid'),
  TanH: elementwise('Tanh'),
  AbsVal: elementwise('Abs'),
  BNLL: elementwise('Softplus'),
  Exp: exponential,
  Log: logarithm,
  Power: power,
  Concat: concat,
  Slice: slice,
  Split: (work) => work.layer.tops.map(() => work.network.read(work.layer)),
  Eltwise: eltwise,
  Dropout: (work) => work.network.read(work.layer),
  Softmax: softmax,
  Flatten: flatten,
  Reshape: reshape,
  Permute: permute,
};

function elementwise(operator: string, attributes: Parameters<Work['network']['add']>[3] = {}): Conversion {
  return ({ layer, network }) => {
    const input = network.read(layer);
    return network.add(operator, [input], input.dims, attributes);
  };
}

/** An axis along which a layer may compute. @throws CaffeRefusal for that of the batch, whose images are different records */
function axisWithin(axis: number, input: Value, layer: Work['layer']): number {
  const found = axisOf(axis, input, layer);
  if (found === 0) throw mixesBatch(layer);
  return found;
}

function mixesBatch({ name }: Work['layer']): CaffeRefusal {
  return new CaffeRefusal(`is not converted: the layer "${name}" mixes the images of a batch (axis 0).`);
}

function innerProduct(work: Work): Value {
  const { layer, network } = work;
  const parameters = parametersOf(layer, 'inner_product_param');
  const input = network.read(layer);
  const axis = axisWithin(parameters.number('axis', 1), input, layer);
  const outputs = parameters.number('num_output', 0);
  const [before, size] = [input.dims.slice(0, axis), product(input.dims.slice(axis))];
  const isTransposed = parameters.flag('transpose', false);
  const weights = blobOf(work, 0, outputs * size);
  const matrix = isTransposed ? [size, outputs] : [outputs, size];
  const offset = parameters.flag('bias_term', true)
    ? [network.constant(blobOf(work, 1, outputs).data, [outputs])]
    : [];
  if (axis === 1) {
    const rows = input.dims.length === 2 ? input : network.add('Flatten', [input], [openBatch, size]);
    return network.add(
      'Gemm',
      [rows, network.constant(weights.data, matrix), ...offset],
      [...before, outputs],
      {
        transB: { int: isTransposed ? 0 : 1 },
      },
    );
  }
  const rows = network.reshape(input, [...before.map(() => 0), -1], [...before, size]);
  const constant = network.constant(weights.data, matrix);
  const factor = isTransposed ? constant : network.add('Transpose', [constant], [size, outputs]).name;
  const mapped = network.add('MatMul', [rows, factor], [...before, outputs]);
  return offset.length === 0 ? mapped : network.add('Add', [mapped, ...offset], mapped.dims);
}

/** Mean and variance are sums over as many steps as the third blob says. @see batch_norm_layer.cpp */
function batchNorm(work: Work): Value {
  const { layer, network } = work;
  const input = network.read(layer);
  const channels = input.dims[1] ?? 1;
  const [steps = 0] = blobOf(work, 2, 1).data;
  const factor = steps === 0 ? 0 : 1 / steps;
  const [mean, variance] = [0, 1].map((i) => blobOf(work, i, channels).data.map((value) => value * factor));
  const constants = [new Float32Array(channels).fill(1), new Float32Array(channels), mean, variance].map(
    (data) => network.constant(data as Float32Array, [channels]),
  );
  const epsilon = parametersOf(layer, 'batch_norm_param').number('eps', 1e-5);
  return network.add('BatchNormalization', [input, ...constants], input.dims, {
    epsilon: { float: epsilon },
  });
}

function scale(work: Work): Value {
  const { layer, network } = work;
  const parameters = parametersOf(layer, 'scale_param');
  const input = network.read(layer);
  const axis = axisOf(parameters.number('axis', 1), input, layer);
  const isLearned = layer.bottoms.length === 1;
  const factor = isLearned ? constantAlong(work, 0, input, axis) : readAlong(work, input, axis);
  const scaled = network.add('Mul', [input, factor], input.dims);
  if (!parameters.flag('bias_term', false)) return scaled;
  return network.add('Add', [scaled, constantAlong(work, isLearned ? 1 : 0, input, axis)], input.dims);
}

function bias(work: Work): Value {
  const { layer, network } = work;
  const input = network.read(layer);
  const axis = axisOf(parametersOf(layer, 'bias_param').number('axis', 1), input, layer);
  const summand =
    layer.bottoms.length === 1 ? constantAlong(work, 0, input, axis) : readAlong(work, input, axis);
  return network.add('Add', [input, summand], input.dims);
}

/** Weights that begin at an axis, as those of a tensor with all axes. */
function constantAlong(work: Work, index: number, { dims }: Value, axis: number): string {
  const { data, dims: own } = blobOf(work, index);
  const shape = own.length === 4 && own.slice(0, 3).every((dim) => dim === 1) ? own.slice(3) : own;
  const fits = shape.every((dim, i) => dim === dims[axis + i]);
  if (!fits && data.length !== 1)
    throw new CaffeRefusal(
      `is not converted: the layer "${work.layer.name}" has weights of the shape ${own.join('×')}, which do not fit its input.`,
    );
  if (data.length === 1) return work.network.constant(data, []);
  const after = Math.max(0, dims.length - axis - shape.length);
  return work.network.constant(data, [...shape, ...Array<number>(after).fill(1)]);
}

/** The same of what another layer makes. */
function readAlong({ layer, network }: Work, { dims }: Value, axis: number): Value {
  const other = network.read(layer, 1);
  const before = Array<number>(axis).fill(1);
  const after = Array<number>(Math.max(0, dims.length - axis - other.dims.length)).fill(1);
  const full = [...before, ...other.dims, ...after];
  if (full.length === other.dims.length) return other;
  return network.reshape(
    other,
    full.map((dim, i) => (i === 0 && dim === openBatch ? 0 : dim)),
    full,
  );
}

function parametricRelu(work: Work): Value {
  const { layer, network } = work;
  const input = network.read(layer);
  const isShared = parametersOf(layer, 'prelu_param').flag('channel_shared', false);
  const channels = isShared ? 1 : (input.dims[1] ?? 1);
  const slopes = blobOf(work, 0, channels).data;
  const dims = [channels, ...Array<number>(Math.max(0, input.dims.length - 2)).fill(1)];
  return network.add('PRelu', [input, network.constant(slopes, dims)], input.dims);
}

/** factor × x + offset */
function linear({ layer, network }: Work, factor: number, offset: number): Value {
  const input = network.read(layer);
  const scaled = factor === 1 ? input : network.add('Mul', [input, network.number(factor)], input.dims);
  return offset === 0 ? scaled : network.add('Add', [scaled, network.number(offset)], input.dims);
}

function power(work: Work): Value {
  const parameters = parametersOf(work.layer, 'power_param');
  const exponent = parameters.number('power', 1);
  const base = linear(work, parameters.number('scale', 1), parameters.number('shift', 0));
  return exponent === 1 ? base : work.network.add('Pow', [base, work.network.number(exponent)], base.dims);
}

/** base ^ (shift + scale × x), where a base of -1 stands for e */
function exponential(work: Work): Value {
  const parameters = parametersOf(work.layer, 'exp_param');
  const base = parameters.number('base', -1);
  const factor = base === -1 ? 1 : Math.log(base);
  const exponent = linear(
    work,
    factor * parameters.number('scale', 1),
    factor * parameters.number('shift', 0),
  );
  return work.network.add('Exp', [exponent], exponent.dims);
}

function logarithm(work: Work): Value {
  const parameters = parametersOf(work.layer, 'log_param');
  const base = parameters.number('base', -1);
  const argument = linear(work, parameters.number('scale', 1), parameters.number('shift', 0));
  const value = work.network.add('Log', [argument], argument.dims);
  return base === -1
    ? value
    : work.network.add('Div', [value, work.network.number(Math.log(base))], value.dims);
}

function concat({ layer, network }: Work): Value {
  const parameters = parametersOf(layer, 'concat_param');
  const inputs = layer.bottoms.map((_, i) => network.read(layer, i));
  const [first] = inputs;
  if (!first) return network.read(layer);
  const axis = axisWithin(parameters.number('axis', parameters.number('concat_dim', 1)), first, layer);
  const total = inputs.reduce((sum, { dims }) => sum + (dims[axis] ?? 0), 0);
  return network.add(
    'Concat',
    inputs,
    first.dims.map((dim, i) => (i === axis ? total : dim)),
    { axis: { int: axis } },
  );
}

function slice({ layer, network }: Work): readonly Value[] {
  const parameters = parametersOf(layer, 'slice_param');
  const input = network.read(layer);
  const axis = axisOf(parameters.number('axis', parameters.number('slice_dim', 1)), input, layer);
  const size = input.dims[axis] ?? 0;
  const points = parameters.numbers('slice_point');
  const inner =
    points.length > 0 ? points : layer.tops.slice(1).map((_, i) => ((i + 1) * size) / layer.tops.length);
  const ends = [...inner, size];
  const areParts = ends.every((end, i) => Number.isInteger(end) && end > (ends[i - 1] ?? 0));
  if (axis === 0 || ends.length !== layer.tops.length || !areParts)
    throw new CaffeRefusal(
      `is not converted: the layer "${layer.name}" cuts a batch apart, or at other points than fit its tops and the size ${size} of the axis ${axis}.`,
    );
  return ends.map((end, i) => {
    const begin = ends[i - 1] ?? 0;
    const places = [begin, end, axis].map((place) => network.whole([place]));
    return network.add(
      'Slice',
      [input, ...places],
      input.dims.map((dim, at) => (at === axis ? end - begin : dim)),
    );
  });
}

function eltwise({ layer, network }: Work): Value {
  const parameters = parametersOf(layer, 'eltwise_param');
  const inputs = layer.bottoms.map((_, i) => network.read(layer, i));
  const { dims } = network.read(layer);
  const operation = parameters.word('operation', 'SUM');
  const operators: Readonly<Record<string, string>> = {
    PROD: 'Mul',
    SUM: 'Add',
    MAX: 'Max',
    0: 'Mul',
    1: 'Add',
    2: 'Max',
  };
  const operator = operators[operation];
  if (operator === undefined)
    throw new CaffeRefusal(
      `is not converted: the layer "${layer.name}" has the operation ${operation}, which is not known here.`,
    );
  const factors = operator === 'Add' ? parameters.numbers('coeff') : [];
  return inputs
    .map((input, i) => {
      const factor = factors[i] ?? 1;
      return factor === 1 ? input : network.add('Mul', [input, network.number(factor)], dims);
    })
    .reduce((one, other) => network.add(operator, [one, other], dims));
}

function softmax({ layer, network }: Work): Value {
  const input = network.read(layer);
  const axis = axisWithin(parametersOf(layer, 'softmax_param').number('axis', 1), input, layer);
  return network.add('Softmax', [input], input.dims, { axis: { int: axis } });
}

function flatten({ layer, network }: Work): Value {
  const parameters = parametersOf(layer, 'flatten_param');
  const input = network.read(layer);
  const axis = axisWithin(parameters.number('axis', 1), input, layer);
  const end = axisOf(parameters.number('end_axis', -1), input, layer);
  const [before, after] = [input.dims.slice(0, axis), input.dims.slice(end + 1)];
  const size = product(input.dims.slice(axis, end + 1));
  return network.reshape(
    input,
    [...before.map((dim) => (dim === openBatch ? 0 : dim)), size, ...after],
    [...before, size, ...after],
  );
}

/** A size of 0 is that of the input, one of -1 is what remains. */
function reshape({ layer, network }: Work): Value {
  const parameters = parametersOf(layer, 'reshape_param');
  const input = network.read(layer);
  const given = parameters.message('shape');
  const wanted = numbers(given, 'dim');
  const start = parameters.number('axis', 0);
  const axis = start < 0 ? start + input.dims.length + 1 : start;
  const count = parameters.number('num_axes', -1);
  const end = count === -1 ? input.dims.length : axis + count;
  const middle = wanted.map((dim, i) => (dim === 0 ? (input.dims[axis + i] ?? 0) : dim));
  const full = [...input.dims.slice(0, axis), ...middle, ...input.dims.slice(end)];
  const fixed = product(full.slice(1).filter((dim) => dim !== -1));
  const rest = product(input.dims.slice(1)) / fixed;
  if (full[0] !== openBatch || !Number.isInteger(rest) || (rest !== 1 && !full.includes(-1)))
    throw new CaffeRefusal(
      `is not converted: the layer "${layer.name}" gives ${wanted.join('×')} to what it reads, which mixes the images of a batch or does not fit. Write 0 for the size of the batch.`,
    );
  const dims = full.map((dim) => (dim === -1 ? rest : dim));
  return network.reshape(input, dims, dims);
}

function permute({ layer, network }: Work): Value {
  const input = network.read(layer);
  const named = parametersOf(layer, 'permute_param').numbers('order');
  const order = [...named, ...input.dims.map((_, i) => i).filter((i) => !named.includes(i))];
  if (order[0] !== 0) throw mixesBatch(layer);
  if (order.length !== input.dims.length || order.some((axis) => input.dims[axis] === undefined))
    throw new CaffeRefusal(
      `is not converted: the layer "${layer.name}" names axes twice, or axes that its input does not have.`,
    );
  return network.add(
    'Transpose',
    [input],
    order.map((i) => input.dims[i] ?? 0),
    { perm: { ints: order } },
  );
}
