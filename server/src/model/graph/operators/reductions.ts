import {
  hasInput,
  input,
  int,
  ints,
  numbersOf,
  openSize,
  text,
  weight,
  weightsFrom,
  type Call,
  type Rule,
  type Rules,
} from '../call.ts';
import {
  dependsOnRows,
  isEqual,
  isNumber,
  numberOf,
  one,
  rowCount,
  size,
  times,
  type Size,
} from '../size.ts';
import {
  axisOf,
  dimsOf,
  isPlain,
  rankOf,
  refute,
  rowsTensor,
  unsure,
  valuesOf,
  valuesTensor,
  type GraphTensor,
} from '../tensor.ts';
import { withoutValues } from './elementwise.ts';

const overBatch = 'it goes over the rows of the batch';

/** The axes taken together; all where none are named. */
function reduced(call: Call, tensor: GraphTensor, axes: readonly number[], keeps: boolean): GraphTensor {
  const dims = dimsOf(tensor);
  const { rows, counts } = tensor;
  if (rows && axes.includes(rows.axis)) return refute(overBatch);
  const to = dims.flatMap((dim, axis) => (axes.includes(axis) ? (keeps ? [one] : []) : [dim]));
  if (!rows) return { dims: to, ...(counts ? { counts } : {}) };
  const axis = keeps ? rows.axis : rows.axis - axes.filter((each) => each < rows.axis).length;
  return rowsTensor(to, { ...rows, axis });
}

/** From which version of the operator on the axes are an input. */
const axesInputSince: Readonly<Record<string, number>> = { ReduceSum: 13 };

const reduce: Rule = (call) => {
  const tensor = input(call, 0);
  const rank = rankOf(tensor);
  const isInput = call.opset >= (axesInputSince[call.node.operator] ?? 18);
  const given = isInput
    ? hasInput(call, 1)
      ? numbersOf(input(call, 1), 'axes')
      : undefined
    : ints(call, 'axes');
  const isEmpty = !given || given.length === 0;
  if (isEmpty && isInput && int(call, 'noop_with_empty_axes', 0) !== 0) return [withoutValues(tensor)];
  if (isEmpty && tensor.rows) return refute('it goes over all elements of all rows');
  const axes = isEmpty
    ? Array.from({ length: rank }, (_, axis) => axis)
    : given.map((axis) => axisOf(axis, rank));
  const whole = reduced(call, tensor, axes, int(call, 'keepdims', 1) !== 0);
  if (call.node.operator === 'ReduceProd' && tensor.values && rank === 1)
    return [valuesTensor(dimsOf(whole), [times(one, ...valuesOf(tensor))])];
  return [whole];
};

const argument: Rule = (call) => {
  const tensor = input(call, 0);
  const axis = axisOf(int(call, 'axis', 0), rankOf(tensor));
  return [reduced(call, tensor, [axis], int(call, 'keepdims', 1) !== 0)];
};

/** Each row's own: the axes that are looked along are known, and the rows' is not among them. */
function along(axesOf: (call: Call, rank: number) => readonly number[], outputs = 1): Rule {
  return (call) => {
    const tensor = input(call, 0);
    const rank = rankOf(tensor);
    const axes = axesOf(call, rank).map((axis) => axisOf(axis, rank));
    if (tensor.rows && axes.includes(tensor.rows.axis)) return refute(overBatch);
    return Array.from({ length: outputs }, () => withoutValues(tensor));
  };
}

function from(axis: number, rank: number): readonly number[] {
  return Array.from({ length: rank }, (_, i) => i).slice(axisOf(axis, rank));
}

/** Before version 13 all axes from one on were taken together. */
const softmax = along((call, rank) =>
  call.opset < 13 ? from(int(call, 'axis', 1), rank) : [int(call, 'axis', -1)],
);

const cumulative: Rule = (call) => {
  const tensor = input(call, 0);
  const axes = numbersOf(input(call, 1), 'axis');
  const rank = rankOf(tensor);
  if (tensor.rows && axes.some((axis) => axisOf(axis, rank) === tensor.rows?.axis)) return refute(overBatch);
  return [withoutValues(tensor)];
};

const batchNormalization: Rule = (call) => {
  const tensor = input(call, 0);
  const training =
    call.opset >= 14
      ? int(call, 'training_mode', 0) !== 0
      : call.opset >= 7
        ? call.node.outputs.filter((name) => name !== '').length > 1
        : int(call, 'is_test', 0) === 0;
  if (training) return refute('it takes the mean of the whole batch (it is in training mode)');
  weightsFrom(call, 1);
  if (tensor.rows?.axis === 1) return refute('it has a scale for each place in the batch');
  if (call.opset < 9 && int(call, 'spatial', 1) === 0) return unsure('its version is too old');
  return [withoutValues(tensor)];
};

/** Over each image, or groups of its channels. */
const overImage: Rule = (call) => {
  const tensor = input(call, 0);
  weightsFrom(call, 1);
  if (tensor.rows && tensor.rows.axis !== 0) return refute(overBatch);
  return [withoutValues(tensor)];
};

/** The second and third outputs are the mean and the deviation. */
const layerNormalization: Rule = (call) => {
  const tensor = input(call, 0);
  const rank = rankOf(tensor);
  weightsFrom(call, 1);
  requireNoBatchScale(call, 1, tensor);
  const axis = axisOf(int(call, 'axis', -1), rank);
  if (tensor.rows && tensor.rows.axis >= axis) return refute(overBatch);
  const whole = withoutValues(tensor);
  const mean: GraphTensor = { ...whole, dims: dimsOf(tensor).map((dim, at) => (at >= axis ? one : dim)) };
  return [whole, mean, mean];
};

/** Scales broadcast from the end: one that reaches the axis of the rows must have a size of 1 there. */
function requireNoBatchScale(call: Call, index: number, tensor: GraphTensor): void {
  const scale = call.inputs[index];
  if (!scale || !tensor.rows) return;
  const own = tensor.rows.axis - rankOf(tensor) + rankOf(scale);
  if (own >= 0 && !isNumber(dimsOf(scale)[own] as Size, 1))
    refute('it has a scale for each place in the batch');
}

/** Sizes may be open; that of the rows must be left as it is. */
const resize: Rule = (call) => {
  const tensor = input(call, 0);
  const { rows } = tensor;
  const dims = dimsOf(tensor);
  const [scalesAt, sizesAt] = call.opset < 11 ? [1, 99] : [2, 3];
  if (call.inputs.slice(1).some((each) => each?.rows))
    return refute('its size is computed from what the rows hold');
  if (text(call, 'keep_aspect_ratio_policy', 'stretch') !== 'stretch')
    return unsure('it keeps the ratio of its sides');
  const axes = ints(call, 'axes')?.map((axis) => axisOf(axis, dims.length)) ?? dims.map((_, axis) => axis);
  const sizes = call.inputs[sizesAt];
  const scales = call.inputs[scalesAt];
  const asked = sizes?.values ?? (call.opset >= 9 || hasInput(call, 1) ? scales?.values : undefined);
  if (!rows) return [{}];
  const [roi, given] = [call.inputs[1], sizes ?? scales];
  if (scalesAt !== 1 && roi?.counts) return unsure('what it cuts out depends on the number of rows');
  const place = axes.indexOf(rows.axis);
  if (given?.counts) requireOwnSides(given, place);
  if (place !== -1) {
    const old = call.opset < 9 ? call.node.attributes.get('scales')?.floats?.[place] : undefined;
    const wanted = asked?.[place] ?? (old === undefined ? undefined : size(old));
    if (!wanted) return unsure('its size is not known');
    const keeps = sizes?.values ? isEqual(wanted, dims[rows.axis] as Size) : isNumber(wanted, 1);
    if (!keeps) return refute('it changes the size of the batch');
    if (text(call, 'coordinate_transformation_mode', 'half_pixel') === 'tf_crop_and_resize')
      requireWhole(roi, place);
  }
  const to = dims.map((dim, axis) => {
    const at = axes.indexOf(axis);
    if (axis === rows.axis || at === -1) return dim;
    return sizes?.values?.[at] ?? (asked?.[at] && isNumber(asked[at], 1) ? dim : openSize(call, axis));
  });
  return [rowsTensor(to, rows)];
};

/** A region has where it begins along each axis, then where it ends, as shares of the axis. */
function requireWhole(region: GraphTensor | undefined, place: number): void {
  const values = region?.values ?? unsure('what it cuts out is not known');
  const [begin, end] = [values[place], values[place + values.length / 2]];
  if (!begin || !end) return unsure('what it cuts out is not known');
  if (!isNumber(begin, 0) || !isNumber(end, 1)) refute('it cuts out a part of the batch');
}

/** Sizes or factors of all axes but that of the rows, of which none may depend on the number of rows. */
function requireOwnSides({ values }: GraphTensor, place: number): void {
  if (!values || values.some((value, at) => at !== place && (!value || dependsOnRows(value))))
    unsure('its size depends on the number of rows');
}

const lpNormalization = along((call) => [int(call, 'axis', -1)]);

const localResponse: Rule = (call) => {
  const tensor = input(call, 0);
  if (tensor.rows?.axis === 1) return refute(overBatch);
  return [withoutValues(tensor)];
};

/** Signals of [rows, length, …]. */
const fourier: Rule = (call) => {
  const tensor = input(call, 0);
  const rank = rankOf(tensor);
  if (hasInput(call, 1)) weight(call, 1);
  const axis =
    call.opset >= 20
      ? hasInput(call, 2)
        ? (numbersOf(input(call, 2), 'axis')[0] ?? -2)
        : -2
      : int(call, 'axis', 1);
  if (tensor.rows && [axisOf(axis, rank), rank - 1].includes(tensor.rows.axis)) return refute(overBatch);
  const to = dimsOf(tensor).map((dim, at) => (at === tensor.rows?.axis ? dim : openSize(call, at)));
  return [{ ...withoutValues(tensor), dims: to }];
};

const shortFourier: Rule = (call) => {
  const tensor = input(call, 0);
  weightsFrom(call, 1);
  if (!tensor.rows) return [{}];
  if (tensor.rows.axis !== 0) return refute(overBatch);
  return [rowsTensor([dimsOf(tensor)[0] ?? one, openSize(call, 1), openSize(call, 2), size(2)], tensor.rows)];
};

/** X [time, rows, …] → Y [time, directions, rows, hidden], and the last states [directions, rows, hidden]; with layout 1 the
 *  rows come first. */
function recurrent(states: readonly number[], outputs: number): Rule {
  return (call) => {
    const tensor = input(call, 0);
    const isRowsFirst = int(call, 'layout', 0) === 1;
    const [place, statePlace] = isRowsFirst ? [0, 0] : [1, 1];
    const { rows } = tensor;
    for (const index of [1, 2, 3, 7]) if (call.inputs[index]) weight(call, index);
    if (!rows)
      return call.inputs.some((each) => each?.rows)
        ? unsure('it has states of rows, and no rows')
        : [{}, {}, {}];
    if (rows.axis !== place) return refute('it goes from row to row, as through time');
    if (!isPlain(rows)) return unsure('several axes of its input are the batch');
    const lengths = call.inputs[4];
    if (lengths && lengths.rows?.axis !== 0) return refute('its lengths are laid out for a number of rows');
    for (const index of states) {
      const state = call.inputs[index];
      if (!state) continue;
      if (!state.rows)
        return refute(`its initial state is laid out for ${stateSize(state, statePlace)} rows`);
      if (state.rows.axis !== statePlace || !isPlain(state.rows))
        return refute('it goes from row to row, as through time');
    }
    const directions = size(text(call, 'direction', 'forward') === 'bidirectional' ? 2 : 1);
    const hidden = size(int(call, 'hidden_size', 0));
    const time = dimsOf(tensor)[isRowsFirst ? 1 : 0] ?? one;
    const all = isRowsFirst ? [rowCount, time, directions, hidden] : [time, directions, rowCount, hidden];
    const last = isRowsFirst ? [rowCount, directions, hidden] : [directions, rowCount, hidden];
    const end = rowsTensor(last, { ...rows, axis: statePlace });
    const whole = rowsTensor(all, { ...rows, axis: isRowsFirst ? 0 : 2 });
    return [whole, ...Array.from({ length: outputs - 1 }, () => end)];
  };
}

function stateSize({ dims }: GraphTensor, axis: number): string {
  const known = dims?.[axis] && numberOf(dims[axis]);
  return known === undefined ? 'a number of' : String(known);
}

const reduceNames = 'L1 L2 LogSum LogSumExp Max Mean Min Prod Sum SumSquare';

export const reductionRules: Rules = {
  ...Object.fromEntries(reduceNames.split(' ').map((name) => [`Reduce${name}`, reduce])),
  ArgMax: argument,
  ArgMin: argument,
  Softmax: softmax,
  LogSoftmax: softmax,
  Hardmax: softmax,
  CumSum: cumulative,
  CumProd: cumulative,
  BatchNormalization: batchNormalization,
  InstanceNormalization: overImage,
  GroupNormalization: overImage,
  LayerNormalization: layerNormalization,
  RMSNormalization: layerNormalization,
  SimplifiedLayerNormalization: layerNormalization,
  LpNormalization: lpNormalization,
  MeanVarianceNormalization: along((call) => ints(call, 'axes') ?? [0, 2, 3]),
  LRN: localResponse,
  Resize: resize,
  Upsample: resize,
  DFT: fourier,
  STFT: shortFourier,
  LSTM: recurrent([5, 6], 3),
  GRU: recurrent([5], 2),
  RNN: recurrent([5], 2),
};
