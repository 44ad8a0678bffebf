import { CaffeRefusal } from './readNet.ts';
import {
  axisOf,
  blobOf,
  parametersOf,
  type Network,
  type Parameters,
  type Value,
  type Work,
} from './network.ts';

/** Of a layer that moves a window over the last two axes; heights before widths. */
interface Window {
  readonly kernel: Pair;
  readonly stride: Pair;
  readonly pad: Pair;
  readonly dilation: Pair;
}

type Pair = readonly [number, number];

/** @see caffe.proto: one number for both, or one for each, or fields of their own */
function pairOf(
  parameters: Parameters,
  [both, height, width]: readonly [string, string, string],
  otherwise: number,
): Pair {
  const [first = otherwise, second = first] = parameters.numbers(both);
  return [parameters.number(height, first), parameters.number(width, second)];
}

function windowOf(parameters: Parameters): Window {
  return {
    kernel: pairOf(parameters, ['kernel_size', 'kernel_h', 'kernel_w'], 0),
    stride: pairOf(parameters, ['stride', 'stride_h', 'stride_w'], 1),
    pad: pairOf(parameters, ['pad', 'pad_h', 'pad_w'], 0),
    dilation: pairOf(parameters, ['dilation', 'dilation_h', 'dilation_w'], 1),
  };
}

/** @throws CaffeRefusal for what is no batch of images */
function imageDims({ dims }: Value, name: string): readonly [number, number, number, number] {
  if (dims.length === 4) return dims as unknown as readonly [number, number, number, number];
  throw new CaffeRefusal(
    `is not converted: the layer "${name}" works on images, and what it reads has ${dims.length} axes.`,
  );
}

function mapPair(work: (i: 0 | 1) => number): Pair {
  return [work(0), work(1)];
}

export function convolution(work: Work): Value {
  return convolve(work, false);
}

export function deconvolution(work: Work): Value {
  return convolve(work, true);
}

function convolve(work: Work, isBackwards: boolean): Value {
  const { layer, network } = work;
  const input = network.read(layer);
  const [batch, channels, ...size] = imageDims(input, layer.name);
  const parameters = parametersOf(layer, 'convolution_param');
  const { kernel, stride, pad, dilation } = windowOf(parameters);
  const outputs = parameters.number('num_output', 0);
  const groups = parameters.number('group', 1);
  if (axisOf(parameters.number('axis', 1), input, layer) !== 1)
    throw new CaffeRefusal(`is not converted: the layer "${layer.name}" has another axis than 1.`);
  const shape = isBackwards
    ? [channels, outputs / groups, ...kernel]
    : [outputs, channels / groups, ...kernel];
  const weights = blobOf(
    work,
    0,
    shape.reduce((all, dim) => all * dim, 1),
  );
  const inputs: (Value | string)[] = [input, network.constant(weights.data, shape)];
  if (parameters.flag('bias_term', true))
    inputs.push(network.constant(blobOf(work, 1, outputs).data, [outputs]));
  const reach = mapPair((i) => dilation[i] * (kernel[i] - 1) + 1);
  const result = mapPair((i) =>
    isBackwards
      ? stride[i] * (size[i] - 1) + reach[i] - 2 * pad[i]
      : Math.floor((size[i] + 2 * pad[i] - reach[i]) / stride[i]) + 1,
  );
  return network.add(isBackwards ? 'ConvTranspose' : 'Conv', inputs, [batch, outputs, ...result], {
    kernel_shape: { ints: kernel },
    strides: { ints: stride },
    pads: { ints: [...pad, ...pad] },
    dilations: { ints: dilation },
    group: { int: groups },
  });
}

export function pooling({ layer, network }: Work): Value {
  const parameters = parametersOf(layer, 'pooling_param');
  const input = network.read(layer);
  const [batch, channels] = imageDims(input, layer.name);
  const kind = parameters.word('pool', 'MAX');
  if (kind !== 'MAX' && kind !== 'AVE' && kind !== '0' && kind !== '1')
    throw new CaffeRefusal(
      `is not converted: the layer "${layer.name}" pools by ${kind}, which is not known here.`,
    );
  const isMean = kind === 'AVE' || kind === '1';
  if (parameters.flag('global_pooling', false))
    return network.add(isMean ? 'GlobalAveragePool' : 'GlobalMaxPool', [input], [batch, channels, 1, 1]);
  const isUp =
    !/^(?:FLOOR|1)$/.test(parameters.word('round_mode', 'CEIL')) && parameters.flag('ceil_mode', true);
  const window = windowOf(parameters);
  return isMean ? meanOf(network, input, window, isUp) : maxOf(network, input, window, isUp);
}

/** How many windows there are, and how far the last one reaches beyond the end of the image. Caffe rounds up, and drops a
 *  last window that begins in the padding. @see pooling_layer.cpp */
function windowsOf(
  input: Value,
  { kernel, stride, pad }: Window,
  isUp: boolean,
): { readonly size: Pair; readonly beyond: Pair } {
  const sizes = input.dims.slice(2);
  const size = mapPair((i) => {
    const steps = ((sizes[i] as number) + 2 * pad[i] - kernel[i]) / stride[i];
    const count = (isUp ? Math.ceil(steps) : Math.floor(steps)) + 1;
    return pad[i] > 0 && (count - 1) * stride[i] >= (sizes[i] as number) + pad[i] ? count - 1 : count;
  });
  const beyond = mapPair((i) =>
    Math.max(0, (size[i] - 1) * stride[i] + kernel[i] - pad[i] - (sizes[i] as number)),
  );
  return { size, beyond };
}

function maxOf(network: Network, input: Value, window: Window, isUp: boolean): Value {
  const { size, beyond } = windowsOf(input, window, isUp);
  return network.add('MaxPool', [input], [...input.dims.slice(0, 2), ...size], {
    kernel_shape: { ints: window.kernel },
    strides: { ints: window.stride },
    pads: { ints: [...window.pad, ...beyond] },
  });
}

/** A mean counts the padding as values, but not what a last window reaches beyond it. */
export function meanOf(network: Network, input: Value, window: Window, isUp: boolean): Value {
  const { size, beyond } = windowsOf(input, window, isUp);
  const { pad } = window;
  const [batch = 0, channels = 0, height = 0, width = 0] = input.dims;
  const padded =
    pad[0] + pad[1] === 0
      ? input
      : network.add(
          'Pad',
          [input, network.whole([0, 0, ...pad, 0, 0, ...pad])],
          [batch, channels, height + 2 * pad[0], width + 2 * pad[1]],
        );
  return network.add('AveragePool', [padded], [batch, channels, ...size], {
    kernel_shape: { ints: window.kernel },
    strides: { ints: window.stride },
    pads: { ints: [0, 0, ...mapPair((i) => Math.max(0, beyond[i] - pad[i]))] },
    count_include_pad: { int: 0 },
  });
}

export function normalization({ layer, network }: Work): Value {
  const parameters = parametersOf(layer, 'lrn_param');
  const input = network.read(layer);
  const size = parameters.number('local_size', 5);
  const [alpha, beta] = [parameters.number('alpha', 1), parameters.number('beta', 0.75)];
  if (/^(?:ACROSS_CHANNELS|0)$/.test(parameters.word('norm_region', 'ACROSS_CHANNELS')))
    return network.add('LRN', [input], input.dims, {
      size: { int: size },
      alpha: { float: alpha },
      beta: { float: beta },
      bias: { float: parameters.number('k', 1) },
    });
  imageDims(input, layer.name);
  const half = (size - 1) / 2;
  const squares = network.add('Mul', [input, input], input.dims);
  const window: Window = { kernel: [size, size], stride: [1, 1], pad: [half, half], dilation: [1, 1] };
  const mean = meanOf(network, squares, window, true);
  const scaled = network.add('Mul', [mean, network.number(alpha)], input.dims);
  const sum = network.add('Add', [scaled, network.number(1)], input.dims);
  const power = network.add('Pow', [sum, network.number(beta)], input.dims);
  return network.add('Div', [input, power], input.dims);
}
