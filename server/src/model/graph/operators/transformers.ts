import {
  hasInput,
  input,
  int,
  openSize,
  weight,
  weightsFrom,
  type Call,
  type Rule,
  type Rules,
} from '../call.ts';
import { isNumber, numberOf, one, times, type Size } from '../size.ts';
import {
  dimsOf,
  isPlain,
  isSameAxis,
  rankOf,
  refute,
  rowsTensor,
  unsure,
  type GraphTensor,
  type RowsAxis,
} from '../tensor.ts';
import { broadcast, quantize, withoutValues } from './elementwise.ts';
import { product, runtimeProductRules } from './products.ts';
import { reductionRules } from './reductions.ts';
import { concat } from './selection.ts';

const overBatch = 'it goes over the rows of the batch';

/** Rows on the first axis, each for itself. */
function firstAxis(tensor: GraphTensor): RowsAxis {
  const rows = tensor.rows ?? unsure('its first input has no rows');
  if (rows.axis !== 0) return refute(overBatch);
  return isPlain(rows) ? rows : unsure('several axes of its input are the batch');
}

/** An input that is left out, the same for all with a first size of 1, or has the very rows.
 *  @param rank  where it has another, it is of a form that is not known here */
function beside(call: Call, index: number, rows: RowsAxis, rank?: number): void {
  if (!hasInput(call, index)) return;
  const tensor = input(call, index);
  if (tensor.counts) unsure('it mixes the number of rows into every row');
  if (tensor.rows) {
    if (!isSameAxis(tensor.rows, rows)) unsure('the rows of its inputs are on different axes');
    return;
  }
  const dims = dimsOf(tensor);
  if (rank !== undefined && dims.length >= rank && !isNumber(dims[0] as Size, 1))
    unsure(`its input ${index} is laid out for a number of rows`);
  if (rank === undefined) unsure(`its input ${index} is laid out for a number of rows`);
}

function absent(call: Call, ...indices: readonly number[]): void {
  for (const index of indices) if (hasInput(call, index)) unsure('it keeps states of earlier runs');
}

/** The output has the input's first sizes; the last is open. */
function lastOpen(call: Call, tensor: GraphTensor): GraphTensor {
  const dims = [...dimsOf(tensor).slice(0, -1), openSize(call, 'hidden')];
  return { ...withoutValues(tensor), dims };
}

const present = { counts: true } as const;

const attention: Rule = (call) => {
  const tensor = input(call, 0);
  const rows = firstAxis(tensor);
  weight(call, 1);
  if (hasInput(call, 2)) weight(call, 2);
  beside(call, 3, rows);
  absent(call, 4, 6);
  beside(call, 5, rows, 4);
  return [lastOpen(call, tensor), present];
};

const multiHeadAttention: Rule = (call) => {
  const tensor = input(call, 0);
  const rows = firstAxis(tensor);
  for (const index of [1, 2]) if (hasInput(call, index)) beside(call, index, rows);
  if (hasInput(call, 3)) weight(call, 3);
  beside(call, 4, rows);
  beside(call, 5, rows, 4);
  absent(call, 6, 7);
  return [lastOpen(call, tensor), present, present];
};

/** Of ONNX itself, since version 23: query, key, value, mask. */
const plainAttention: Rule = (call) => {
  const tensor = input(call, 0);
  const rows = firstAxis(tensor);
  for (const index of [1, 2]) beside(call, index, rows);
  const mask = call.inputs[3];
  if (mask)
    broadcast([
      { dims: [dimsOf(tensor)[0] ?? one, one, openSize(call, 'a'), openSize(call, 'b')], rows },
      mask,
    ]);
  absent(call, 4, 5, 6);
  return [lastOpen(call, tensor), present, present];
};

const quantizedAttention: Rule = (call) => {
  const tensor = input(call, 0);
  const rows = firstAxis(tensor);
  for (const index of [1, 2, 3, 4, 6, 7]) if (hasInput(call, index)) weight(call, index);
  beside(call, 5, rows);
  absent(call, 8);
  return [lastOpen(call, tensor), present];
};

/** Words, segments and positions become one vector each. */
function embedding(segments: number, masks: number, positions: number): Rule {
  return (call) => {
    const ids = input(call, 0);
    const rows = firstAxis(ids);
    beside(call, segments, rows);
    beside(call, masks, rows);
    beside(call, positions, rows, 2);
    call.inputs.forEach((_, index) => {
      if (![0, segments, masks, positions].includes(index) && hasInput(call, index)) weight(call, index);
    });
    const whole = rowsTensor([...dimsOf(ids), openSize(call, 'hidden')], rows);
    return [whole, rowsTensor([dimsOf(ids)[0] ?? one], rows), whole];
  };
}

/** Adds, then normalises over the last axis. Gives the sum as its fourth output. */
const skipNormalization: Rule = (call) => {
  const bias = call.node.operator === 'SkipLayerNormalization' ? 4 : 3;
  for (const index of call.inputs.keys()) if (index >= 2 && hasInput(call, index)) weight(call, index);
  const sum = broadcast([input(call, 0), input(call, 1)]);
  if (hasInput(call, bias) && rankOf(input(call, bias)) > 1)
    return unsure('its bias is not that of one axis');
  if (sum.rows?.axis === rankOf(sum) - 1) return refute(overBatch);
  return [sum, present, present, sum];
};

/** A bias is added, then each element goes its way. */
const withBias: Rule = (call) => [broadcast(call.inputs.filter((tensor) => tensor !== undefined))];

const halves: Rule = (call) => {
  const tensor = broadcast(call.inputs.filter((each) => each !== undefined));
  if (tensor.rows?.axis === rankOf(tensor) - 1) return refute(overBatch);
  return [lastOpen(call, tensor)];
};

const rotary: Rule = (call) => {
  const tensor = input(call, 0);
  const rows = firstAxis(tensor);
  const isRuntime = call.node.domain !== '';
  const [positions, tables] = isRuntime ? [1, [2, 3]] : [3, [1, 2]];
  const place = call.inputs[positions];
  // A single number is where all begin.
  const isSingle = place && isNumber(times(one, ...dimsOf(place)), 1) && !place.rows && !place.counts;
  if (place && !isSingle) beside(call, positions, rows, 2);
  // With positions the tables are looked up; without them they are laid out for the rows.
  for (const index of tables) {
    if (isRuntime || place) weight(call, index);
    else beside(call, index, rows, 3);
  }
  return [withoutValues(tensor)];
};

const groupNormalization: Rule = (call) => {
  const tensor = input(call, 0);
  firstAxis(tensor);
  weightsFrom(call, 1);
  return [withoutValues(tensor)];
};

/** Quantised sums and products: two tensors with their scales and zero points. */
const quantizedPair: Rule = (call) => {
  for (const index of [1, 2, 4, 5, 6, 7]) if (hasInput(call, index)) scalar(call, index);
  return [broadcast([input(call, 0), input(call, 3)])];
};

const quantizedUnary: Rule = (call) => {
  for (let index = 1; index < call.inputs.length; index++) if (hasInput(call, index)) scalar(call, index);
  return [withoutValues(input(call, 0))];
};

function scalar(call: Call, index: number): void {
  const { dims } = weight(call, index);
  if (!dims || numberOf(times(one, ...dims)) !== 1) unsure('its scales are those of single rows');
}

/** The scales of the result first, then each part with its own. */
const quantizedConcat: Rule = (call) => {
  const parts = call.inputs.filter((_, index) => index >= 2 && (index - 2) % 3 === 0);
  call.inputs.forEach((_, index) => {
    if (index < 2 || (index - 2) % 3 !== 0) scalar(call, index);
  });
  return concat({ ...call, inputs: parts });
};

const quantizedSoftmax: Rule = (call) => {
  for (let index = 1; index < call.inputs.length; index++) if (hasInput(call, index)) scalar(call, index);
  const opset = int(call, 'opset', 13);
  return (reductionRules.Softmax as Rule)({ ...call, opset });
};

const quantizedPooling: Rule = (call) => {
  for (let index = 1; index < call.inputs.length; index++) if (hasInput(call, index)) scalar(call, index);
  const tensor = input(call, 0);
  const rows = firstAxis(tensor);
  return [
    rowsTensor(
      dimsOf(tensor).map((dim, axis) => (axis === 0 ? dim : openSize(call, axis))),
      rows,
    ),
  ];
};

const quantizedEmbedding = embedding(1, 7, 99);

const quantizes: Rule = (call) => {
  if (call.inputs.every((tensor) => !tensor?.rows)) return [{}, {}, {}];
  return refute('it rounds every row by the largest value of all rows of the run');
};

/** Sums a matrix product with what else it is given. */
const productWithBias: Rule = (call) => {
  const whole = product(input(call, 0), input(call, 1));
  return [hasInput(call, 2) ? broadcast([whole, input(call, 2)]) : whole];
};

/** ONNX Runtime's own operators, as its optimiser and its exporters for transformers write them. */
export const runtimeRules: Rules = {
  ...runtimeProductRules,
  Attention: attention,
  MultiHeadAttention: multiHeadAttention,
  QAttention: quantizedAttention,
  EmbedLayerNormalization: embedding(1, 7, 8),
  QEmbedLayerNormalization: quantizedEmbedding,
  SkipLayerNormalization: skipNormalization,
  SkipSimplifiedLayerNormalization: skipNormalization,
  SimplifiedLayerNormalization: reductionRules.LayerNormalization as Rule,
  LayerNormalization: reductionRules.LayerNormalization as Rule,
  BiasGelu: withBias,
  FastGelu: withBias,
  Gelu: withBias,
  QuickGelu: withBias,
  BiasAdd: withBias,
  BiasSplitGelu: halves,
  BiasSoftmax: (call) => {
    if (int(call, 'is_inner_broadcast', 1) !== 0) return unsure('how its bias is laid out is not known');
    const whole = broadcast([input(call, 0), input(call, 1)]);
    const axis = int(call, 'axis', 1);
    const first = axis < 0 ? axis + rankOf(whole) : axis;
    if (whole.rows && whole.rows.axis >= first) return refute(overBatch);
    return [whole];
  },
  RotaryEmbedding: rotary,
  GroupNorm: groupNormalization,
  SkipGroupNorm: groupNormalization,
  GemmFloat8: productWithBias,
  QLinearAdd: quantizedPair,
  QLinearMul: quantizedPair,
  QLinearSigmoid: quantizedUnary,
  QLinearLeakyRelu: quantizedUnary,
  QLinearConcat: quantizedConcat,
  QLinearSoftmax: quantizedSoftmax,
  QLinearAveragePool: quantizedPooling,
  QLinearGlobalAveragePool: quantizedPooling,
  QuantizeLinear: quantize,
  DequantizeLinear: quantize,
  DynamicQuantizeMatMul: quantizes,
  DynamicQuantizeLSTM: quantizes,
};

/** ONNX's own of the same kind. */
export const transformerRules: Rules = {
  Attention: plainAttention,
  RotaryEmbedding: rotary,
  DynamicQuantizeLinear: quantizes,
};
