import { input, int, ints, intsOrInput, openSize, type Rule, type Rules } from '../call.ts';
import { reshaped } from '../reshape.ts';
import {
  computed,
  dependsOnRows,
  dividedBy,
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
  plainRows,
  rankOf,
  refute,
  rowsTensor,
  sized,
  unsure,
  valuesOf,
  valuesTensor,
  type GraphTensor,
} from '../tensor.ts';
import { withoutValues } from './elementwise.ts';

const shape: Rule = (call) => {
  const tensor = input(call, 0);
  if (!tensor.dims) return [{ counts: true }];
  const rank = tensor.dims.length;
  const [start, end] = [int(call, 'start', 0), int(call, 'end', rank)];
  // Before the first axis is the first, where a slice of a list would begin from the end again.
  const [from, to] = [start, end].map((axis) => Math.max(0, axisOf(axis, rank)));
  const dims = tensor.dims.slice(from, to);
  return [valuesTensor([size(dims.length)], dims)];
};

const sizeOf: Rule = (call) => {
  const { dims } = input(call, 0);
  return [dims ? valuesTensor([], [times(one, ...dims)]) : { counts: true }];
};

const reshape: Rule = (call) => {
  const tensor = input(call, 0);
  if (call.opset < 5) return [reshapedTo(tensor, (ints(call, 'shape') ?? []).map(size), false)];
  const target = input(call, 1);
  if (target.rows) return refute('it makes a shape from what the rows hold');
  if (!tensor.rows && !target.values) return [tensor.counts || target.counts ? { counts: true } : {}];
  return [reshapedTo(tensor, valuesOf(target), int(call, 'allowzero', 0) !== 0)];
};

/** A 0 is the size that was at its place. */
function reshapedTo(tensor: GraphTensor, target: readonly Size[], allowZero: boolean): GraphTensor {
  const to = target.map((dim, i) =>
    isNumber(dim, 0) && !allowZero
      ? (dimsOf(tensor)[i] ?? unsure('the shape that it makes is not known'))
      : dim,
  );
  return reshaped(tensor, to);
}

const flatten: Rule = (call) => {
  const tensor = input(call, 0);
  const dims = dimsOf(tensor);
  const axis = axisOf(int(call, 'axis', 1), dims.length);
  return [reshaped(tensor, [times(one, ...dims.slice(0, axis)), times(one, ...dims.slice(axis))])];
};

const transpose: Rule = (call) => {
  const tensor = input(call, 0);
  const dims = dimsOf(tensor);
  const order = ints(call, 'perm') ?? dims.map((_, i) => dims.length - 1 - i);
  const { rows, counts } = tensor;
  const moved = order.map((axis) => dims[axis] ?? unsure('its order does not fit its input'));
  if (!rows) return [counts ? { dims: moved, counts } : { dims: moved }];
  return [rowsTensor(moved, { ...rows, axis: order.indexOf(rows.axis) })];
};

const squeeze: Rule = (call) => {
  const tensor = input(call, 0);
  const dims = dimsOf(tensor);
  const given = intsOrInput(call, 'axes', 1)?.map((axis) => axisOf(axis, dims.length));
  if (!given && tensor.rows) return refute('without axes it takes the batch away when there is one row');
  if (!given && dims.some((dim) => numberOf(dim) === undefined)) return unsure('what it leaves is not known');
  const axes = given ?? dims.flatMap((dim, axis) => (isNumber(dim, 1) ? [axis] : []));
  if (tensor.rows && axes.includes(tensor.rows.axis))
    return refute('it takes the batch away: it is for one row');
  const left = dims.filter((_, axis) => !axes.includes(axis));
  if (tensor.values && left.length <= 1) return [valuesTensor(left, tensor.values)];
  return [moved(tensor, left, (axis) => axis - axes.filter((taken) => taken < axis).length)];
};

const unsqueeze: Rule = (call) => {
  const tensor = input(call, 0);
  const dims = [...dimsOf(tensor)];
  const given = intsOrInput(call, 'axes', 1) ?? unsure('its axes are missing');
  const rank = dims.length + given.length;
  const axes = given.map((axis) => axisOf(axis, rank)).sort((a, b) => a - b);
  const places = Array.from({ length: rank }, (_, axis) => axis).filter((axis) => !axes.includes(axis));
  for (const axis of axes) dims.splice(axis, 0, one);
  if (tensor.values && rank <= 1) return [valuesTensor(dims, tensor.values)];
  return [moved(tensor, dims, (axis) => places[axis] as number)];
};

/** The same elements in order, with the rows' axis at another place. */
function moved(tensor: GraphTensor, dims: readonly Size[], place: (axis: number) => number): GraphTensor {
  const { rows, counts } = tensor;
  if (!rows) return counts ? { dims, counts } : { dims };
  return rowsTensor(dims, { ...rows, axis: place(rows.axis) });
}

const expand: Rule = (call) => {
  const tensor = input(call, 0);
  const target = input(call, 1);
  if (target.rows) return refute('its size is computed from what the rows hold');
  if (!tensor.rows && !target.values) return [tensor.counts || target.counts ? { counts: true } : {}];
  const wanted = valuesOf(target);
  const own = dimsOf(tensor);
  const rank = Math.max(own.length, wanted.length);
  const dims = Array.from({ length: rank }, (_, axis) => {
    const has = own[axis - rank + own.length] ?? one;
    const wants = wanted[axis - rank + wanted.length] ?? one;
    if (isNumber(wants, 1) || isEqual(has, wants)) return has;
    if (isNumber(has, 1)) return wants;
    if (dependsOnRows(has) || dependsOnRows(wants)) return unsure('its size does not fit the number of rows');
    return numberOf(has) === undefined ? computed('together', has, wants) : has;
  });
  if (!tensor.rows) {
    if (tensor.counts) return [{ dims, counts: true }];
    return [sized(dims)];
  }
  return [rowsTensor(dims, { ...tensor.rows, axis: tensor.rows.axis + rank - own.length })];
};

const tile: Rule = (call) => {
  const tensor = input(call, 0);
  const repeats = input(call, 1);
  if (!tensor.rows && !tensor.counts && !repeats.counts && !repeats.rows) return [{}];
  const dims = dimsOf(tensor);
  if (repeats.rows) return refute('its size is computed from what the rows hold');
  const counts = valuesOf(repeats);
  const tiled = dims.map((dim, axis) => times(dim, counts[axis] ?? one));
  const { rows } = tensor;
  if (!rows) return [tensor.counts ? { dims: tiled, counts: true } : sized(tiled)];
  if (counts.some(dependsOnRows)) return refute('it repeats every row as often as there are rows');
  return [rowsTensor(tiled, { ...rows, outer: times(rows.outer, counts[rows.axis] ?? one) })];
};

const range: Rule = (call) => {
  const [start, limit, delta] = [0, 1, 2].map((index) => input(call, index));
  if ([start, limit, delta].some((each) => each?.rows))
    return refute('its size is computed from what the rows hold');
  if ([start, limit, delta].some((each) => each?.counts)) return unsure('it numbers the rows');
  const numbers = [start, limit, delta].map((each) => each?.values?.[0]);
  const [from, to, step] = numbers.map((each) => each && numberOf(each));
  if (from !== undefined && to !== undefined && step !== undefined) {
    const length = Math.max(0, Math.ceil((to - from) / step));
    const dims = [size(length)];
    return [
      length > 64
        ? { dims }
        : valuesTensor(
            dims,
            Array.from({ length }, (_, i) => size(from + i * step)),
          ),
    ];
  }
  const end = numbers[1];
  return [{ dims: [from === 0 && step === 1 && end ? end : openSize(call, 0)] }];
};

const oneHot: Rule = (call) => {
  const indices = input(call, 0);
  const depth = input(call, 1);
  if (depth.rows) return refute('its size is computed from what the rows hold');
  const dims = [...dimsOf(indices)];
  const axis = axisOf(int(call, 'axis', -1), dims.length + 1);
  const known = depth.values?.[0];
  if (depth.counts || call.inputs[2]?.rows) return unsure('its size depends on the number of rows');
  if (call.inputs[2]?.counts) return unsure('what it writes depends on the number of rows');
  dims.splice(axis, 0, known ?? openSize(call, 'depth'));
  return [moved(withoutValues(indices), dims, (at) => (at >= axis ? at + 1 : at))];
};

const triangle: Rule = (call) => {
  const tensor = input(call, 0);
  if (call.inputs[1]?.rows) return refute('it cuts every row by what the rows hold');
  if (tensor.rows && tensor.rows.axis >= rankOf(tensor) - 2)
    return refute('it cuts a triangle out of the batch');
  if (tensor.rows && call.inputs[1]?.counts) return unsure('where it cuts depends on the number of rows');
  return [withoutValues(tensor)];
};

/** Blocks of the image become channels, or channels blocks: the first axis stays. */
function depthAndSpace(change: (block: number) => readonly [channels: number, side: number]): Rule {
  return (call) => {
    const tensor = input(call, 0);
    const { rows } = tensor;
    const dims = dimsOf(tensor);
    const [channels, side] = change(int(call, 'blocksize', 1));
    const scaled = (dim: Size | undefined, by: number, what: number) =>
      by >= 1
        ? times(dim ?? one, size(by))
        : (dividedBy(dim ?? one, size(Math.round(1 / by))) ?? openSize(call, what));
    const to = dims.map((dim, axis) => (axis === 0 ? dim : scaled(dim, axis === 1 ? channels : side, axis)));
    if (!rows) return [{ dims: to }];
    if (rows.axis !== 0) return unsure('it moves the axis of the rows');
    return [rowsTensor(to, rows)];
  };
}

const reverseSequence: Rule = (call) => {
  const tensor = input(call, 0);
  const lengths = input(call, 1);
  const { rows } = tensor;
  if (!rows) return lengths.rows ? unsure('its lengths are those of rows') : [withoutValues(tensor)];
  if (rows.axis === int(call, 'time_axis', 0)) return refute('it turns the order of the rows around');
  if (rows.axis !== int(call, 'batch_axis', 1)) return unsure('it turns another axis around');
  if (!lengths.rows || !isPlain(rows)) return refute('its lengths are those of a fixed number of rows');
  return [tensor];
};

const eyeLike: Rule = (call) => {
  const { dims, rows } = input(call, 0);
  if (rows) return refute('what it makes depends on the place in the batch');
  return [dims ? { dims } : {}];
};

const affineGrid: Rule = (call) => {
  const { rows } = input(call, 0);
  const dims = valuesOf(input(call, 1));
  if (!rows) return [{}];
  if (rows.axis !== 0 || !isPlain(rows) || !isEqual(dims[0] ?? one, rowCount))
    return unsure('its size does not fit the number of rows');
  const to = [rowCount, ...dims.slice(2), size(dims.length - 2)];
  return [rowsTensor(to, plainRows(0))];
};

export const shapeRules: Rules = {
  Shape: shape,
  Size: sizeOf,
  Reshape: reshape,
  Flatten: flatten,
  Transpose: transpose,
  Squeeze: squeeze,
  Unsqueeze: unsqueeze,
  Expand: expand,
  Tile: (call) => (call.opset < 6 ? unsure('its version is too old') : tile(call)),
  Range: range,
  OneHot: oneHot,
  Trilu: triangle,
  DepthToSpace: depthAndSpace((block) => [1 / (block * block), block]),
  SpaceToDepth: depthAndSpace((block) => [block * block, 1 / block]),
  ReverseSequence: reverseSequence,
  EyeLike: eyeLike,
  AffineGrid: affineGrid,
};
