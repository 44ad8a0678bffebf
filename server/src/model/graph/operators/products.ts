import {
  input,
  int,
  openSize,
  text,
  weight,
  weightsFrom,
  type Call,
  type Rule,
  type Rules,
} from '../call.ts';
import { isNumber, numberOf, one, type Size } from '../size.ts';
import { dimsOf, isSameAxis, rankOf, refute, rowsTensor, unsure, type GraphTensor } from '../tensor.ts';
import { broadcast, withoutValues } from './elementwise.ts';

const sumsRows = 'it sums over the rows of the batch';
const everyWithEvery = 'it multiplies every row with every other';

/** A matrix product, with the axes that lie before the last two side by side.
 *  @throws Finding */
export function product(a: GraphTensor, b: GraphTensor): GraphTensor {
  const [left, right] = [dimsOf(a), dimsOf(b)];
  if (!a.rows && !b.rows) {
    const counts = a.counts === true || b.counts === true;
    return { dims: productDims(left, right), ...(counts ? { counts } : {}) };
  }
  if (a.counts || b.counts) return unsure('it mixes the number of rows into every row');
  if (left.length < 2) {
    const isSum = right.length >= 2 && b.rows?.axis === right.length - 2;
    if (a.rows || isSum) return refute(sumsRows);
    return unsure('one of its inputs is a vector');
  }
  if (right.length < 2) {
    if (b.rows || a.rows?.axis === left.length - 1) return refute(sumsRows);
    return rowsTensor(left.slice(0, -1), a.rows ?? unsure('its rows are not known'));
  }
  if (a.rows?.axis === left.length - 1 || b.rows?.axis === right.length - 2) return refute(sumsRows);
  const dims = productDims(left, right);
  const stacked = broadcast([stackOf(a, left), stackOf(b, right)]);
  const isMatrixRow = a.rows?.axis === left.length - 2;
  const isMatrixColumn = b.rows?.axis === right.length - 1;
  if ((isMatrixRow && b.rows) || (isMatrixColumn && a.rows)) return refute(everyWithEvery);
  if (isMatrixRow) return rowsTensor(dims, { ...a.rows, axis: dims.length - 2 });
  if (isMatrixColumn) return rowsTensor(dims, { ...b.rows, axis: dims.length - 1 });
  return rowsTensor(dims, stacked.rows ?? unsure('its rows are not known'));
}

/** The axes before the last two, with the rows where they are among them. */
function stackOf({ rows }: GraphTensor, dims: readonly Size[]): GraphTensor {
  const stack = dims.slice(0, -2);
  return rows && rows.axis < stack.length ? { dims: stack, rows } : { dims: stack };
}

function productDims(left: readonly Size[], right: readonly Size[]): readonly Size[] {
  const [a, b] = [left.length === 1 ? [one, ...left] : left, right.length === 1 ? [...right, one] : right];
  const stack = dimsOf(broadcast([{ dims: a.slice(0, -2) }, { dims: b.slice(0, -2) }]));
  return [
    ...stack,
    ...(left.length === 1 ? [] : [a.at(-2) as Size]),
    ...(right.length === 1 ? [] : [b.at(-1) as Size]),
  ];
}

export const matMul: Rule = (call) => [product(input(call, 0), input(call, 1))];

function turned(tensor: GraphTensor, isTurned: boolean): GraphTensor {
  const dims = dimsOf(tensor);
  if (!isTurned || dims.length < 2) return tensor;
  const [last, before] = [dims.length - 1, dims.length - 2];
  const moved = [...dims.slice(0, -2), dims[last] as Size, dims[before] as Size];
  const { rows, counts } = tensor;
  if (!rows) return { dims: moved, ...(counts ? { counts } : {}) };
  const axis = rows.axis === last ? before : rows.axis === before ? last : rows.axis;
  return { dims: moved, rows: { ...rows, axis } };
}

const gemm: Rule = (call) => {
  const a = turned(input(call, 0), int(call, 'transA', 0) !== 0);
  const b = turned(input(call, 1), int(call, 'transB', 0) !== 0);
  const whole = product(a, b);
  const added = call.inputs[2];
  return [added ? broadcast([whole, added]) : whole];
};

const fusedMatMul: Rule = (call) => {
  if (int(call, 'transBatchA', 0) !== 0 || int(call, 'transBatchB', 0) !== 0)
    return unsure('it turns the axes of the batch');
  const a = turned(input(call, 0), int(call, 'transA', 0) !== 0);
  return [product(a, turned(input(call, 1), int(call, 'transB', 0) !== 0))];
};

/** Products of quantised matrices: scales and zero points are weights.
 *  @param ofRows  those of the first matrix and of the result: with more than one number they have one for each row */
export function quantizedProduct(right: number, ofRows: readonly number[]): Rule {
  return (call) => {
    call.inputs.forEach((tensor, index) => {
      if (tensor && index !== 0 && index !== right) weight(call, index);
    });
    const a = input(call, 0);
    for (const index of ofRows) {
      const dims = call.inputs[index]?.dims ?? [];
      const isOne = dims.length === 0 || (dims.length === 1 && isNumber(dims[0] as Size, 1));
      if (a.rows && !isOne) unsure('it has a scale for each place in the batch');
    }
    return [product(a, input(call, right))];
  };
}

/** A window over the image: rows are the first axis, weights are the same for all.
 *  @param weights  the inputs that are weights; the first of them has the number of channels as its first size */
export function overImages(weights: readonly number[], channels: (call: Call) => Size | undefined): Rule {
  return (call) => {
    const tensor = input(call, 0);
    for (const index of weights) if (call.inputs[index]) weight(call, index);
    const dims = dimsOf(tensor);
    const { rows } = tensor;
    if (rows && rows.axis !== 0) return refute('it looks at several rows as at one image');
    const to = dims.map((dim, axis) => {
      if (axis === 0) return dim;
      return axis === 1 ? (channels(call) ?? dim) : openSize(call, axis);
    });
    return [rows ? rowsTensor(to, rows) : { dims: to }];
  };
}

const convolution = overImages([1, 2], (call) => weightSize(call, 1, 0));
const quantizedConvolution = overImages([1, 2, 3, 4, 5, 6, 7, 8], (call) => weightSize(call, 3, 0));
const integerConvolution = overImages([1, 2, 3], (call) => weightSize(call, 1, 0));
const pooling = overImages([], () => undefined);

function weightSize(call: Call, index: number, axis: number): Size {
  return call.inputs[index]?.dims?.[axis] ?? openSize(call, 'channels');
}

/** Places within all rows: they are no answer, but what is unpooled with them stays apart. */
const maxPool: Rule = (call) => {
  const [whole] = pooling(call);
  if (call.node.outputs[1]) return unsure('it gives places within the whole batch');
  return whole ? [whole] : [];
};

const fusedConvolution: Rule = (call) => {
  const [whole] = convolution({ ...call, inputs: call.inputs.slice(0, 3) });
  const added = call.inputs[3];
  if (!whole) return unsure('its rows are not known');
  if (!added) return [whole];
  // The sum has the shape of the convolution.
  if (!added.rows || !whole.rows || !isSameAxis(added.rows, whole.rows))
    return unsure('what it adds is laid out for some rows');
  return [whole];
};

const transposedConvolution: Rule = (call) => {
  const channels = numberOf(call.inputs[1]?.dims?.[1] ?? one);
  const isPlain = int(call, 'group', 1) === 1 && channels !== undefined;
  return overImages([1, 2], () => (isPlain ? call.inputs[1]?.dims?.[1] : openSize(call, 'channels')))(call);
};

/** Over all of an image; what is left has a size of 1 at each of its axes. */
const globalPooling: Rule = (call) => {
  const tensor = input(call, 0);
  const { rows } = tensor;
  if (rows && rows.axis > 1) return refute('it looks at several rows as at one image');
  const to = dimsOf(tensor).map((dim, axis) => (axis > 1 ? one : dim));
  return [rows ? rowsTensor(to, rows) : { dims: to }];
};

const gridSample: Rule = (call) => {
  const [image, grid] = [input(call, 0), input(call, 1)];
  if (!image.rows && !grid.rows) return [{}];
  if (!image.rows || !grid.rows || image.rows.axis !== 0 || !isSameAxis(image.rows, grid.rows))
    return unsure('its grid or its image is laid out for a number of rows');
  const dims = dimsOf(grid);
  return [rowsTensor([...dimsOf(image).slice(0, 2), ...dims.slice(1, -1)], image.rows)];
};

/** Letters for axes, as in `bij,bjk->bik`. */
const einsum: Rule = (call) => {
  const equation = text(call, 'equation', '').replaceAll(' ', '');
  const [left = '', right] = equation.split('->');
  const terms = left.split(',');
  if (right === undefined || equation.includes('.') || terms.length !== call.inputs.length)
    return unsure('its equation is not understood');
  const sizes = new Map<string, Size>();
  let letter: string | undefined;
  let rows: GraphTensor['rows'];
  terms.forEach((term, i) => {
    const tensor = input(call, i);
    const dims = dimsOf(tensor);
    if (tensor.counts || dims.length !== term.length) return unsure('its equation does not fit its inputs');
    dims.forEach((dim, axis) => {
      const name = term[axis] as string;
      const known = sizes.get(name);
      if (!known || isNumber(known, 1)) sizes.set(name, dim);
    });
    if (!tensor.rows) return undefined;
    const own = term[tensor.rows.axis] as string;
    if (letter !== undefined && own !== letter) return refute(everyWithEvery);
    if (rows && !isSameAxis({ ...rows, axis: 0 }, { ...tensor.rows, axis: 0 }))
      return unsure('the rows of its inputs are laid out in different ways');
    [letter, rows] = [own, tensor.rows];
    return undefined;
  });
  const to = right.split('').map((name) => sizes.get(name) ?? unsure('its equation does not fit its inputs'));
  if (!rows || letter === undefined) return [{ dims: to }];
  const once = letter;
  terms.forEach((term, i) => {
    const places = term.split('').filter((name) => name === once).length;
    if (places > 1) refute('it takes the diagonal of the batch');
    if (places === 1 && !call.inputs[i]?.rows) unsure('one of its inputs is laid out for a number of rows');
  });
  if (!right.includes(once)) return refute(sumsRows);
  return [rowsTensor(to, { ...rows, axis: right.indexOf(once) })];
};

const determinant: Rule = (call) => {
  const tensor = input(call, 0);
  const { rows } = tensor;
  if (rows && rows.axis >= rankOf(tensor) - 2) return refute('it takes the batch for a matrix');
  const to = dimsOf(tensor).slice(0, -2);
  return [rows ? rowsTensor(to, rows) : { dims: to }];
};

export const productRules: Rules = {
  MatMul: matMul,
  Gemm: gemm,
  Einsum: einsum,
  Det: determinant,
  MatMulInteger: quantizedProduct(1, [2]),
  QLinearMatMul: quantizedProduct(3, [1, 2, 6, 7]),
  Conv: convolution,
  ConvInteger: integerConvolution,
  QLinearConv: quantizedConvolution,
  ConvTranspose: transposedConvolution,
  AveragePool: pooling,
  LpPool: pooling,
  MaxPool: maxPool,
  GlobalAveragePool: globalPooling,
  GlobalLpPool: globalPooling,
  GlobalMaxPool: globalPooling,
  GridSample: gridSample,
};

/** The operators of ONNX Runtime's own set that are products. */
export const runtimeProductRules: Rules = {
  FusedMatMul: fusedMatMul,
  FusedMatMulActivation: fusedMatMul,
  TransposeMatMul: fusedMatMul,
  FusedGemm: gemm,
  FusedConv: fusedConvolution,
  NhwcFusedConv: fusedConvolution,
  MatMulIntegerToFloat: quantizedProduct(1, [2, 4]),
  QGemm: (call) => {
    weightsFrom(call, 1);
    return [
      product(
        turned(input(call, 0), int(call, 'transA', 0) !== 0),
        turned(input(call, 3), int(call, 'transB', 0) !== 0),
      ),
    ];
  },
  MatMulNBits: (call) => {
    weightsFrom(call, 1);
    const tensor = input(call, 0);
    if (tensor.rows?.axis === rankOf(tensor) - 1) return refute(sumsRows);
    const columns = openSize(call, 'columns');
    const to = [...dimsOf(tensor).slice(0, -1), columns];
    return [tensor.rows ? rowsTensor(to, tensor.rows) : { dims: to }];
  },
  GridSample: gridSample,
  Inverse: (call) => {
    const tensor = input(call, 0);
    if (tensor.rows && tensor.rows.axis >= rankOf(tensor) - 2)
      return refute('it takes the batch for a matrix');
    return [withoutValues(tensor)];
  },
  CDist: (call) => {
    const [a, b] = [input(call, 0), weight(call, 1)];
    const to = [dimsOf(a)[0] ?? one, dimsOf(b)[0] ?? one];
    if (a.rows && a.rows.axis !== 0) return refute(everyWithEvery);
    return [a.rows ? rowsTensor(to, a.rows) : { dims: to }];
  },
};
