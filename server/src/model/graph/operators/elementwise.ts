import { int, input, text, type Call, type Rule, type Rules } from '../call.ts';
import { computed, isEqual, isNumber, numberOf, one, size, times, type Size } from '../size.ts';
import { foldCast, foldElements } from './fold.ts';
import {
  dimsOf,
  isSameAxis,
  refute,
  rowsTensor,
  sized,
  unsure,
  valuesTensor,
  type GraphTensor,
  type RowsAxis,
} from '../tensor.ts';

/** Every element from its own, with weights that are scalars beside it at the most. */
const unary =
  'Abs Acos Acosh Asin Asinh Atan Atanh BitwiseNot Ceil Celu Cos Cosh Elu Erf Exp Floor Gelu HardSigmoid HardSwish ' +
  'Identity IsInf IsNaN LeakyRelu Log Mish Neg Not Reciprocal Relu Round Selu Shrink Sigmoid Sign Sin Sinh Softplus ' +
  'Softsign Sqrt Swish Tan Tanh ThresholdedRelu BitCast RegexFullMatch';

const several =
  'Add And BitShift BitwiseAnd BitwiseOr BitwiseXor Clip Div Equal Greater GreaterOrEqual Less LessOrEqual Max Mean Min ' +
  'Mod Mul Or Pow PRelu StringConcat Sub Sum Where Xor';

/** The shape of what is broadcast together, and where its rows are.
 *  @throws Finding where rows meet the rows of another axis, or what is laid out for some number of rows */
export function broadcast(tensors: readonly GraphTensor[]): GraphTensor {
  const rank = Math.max(...tensors.map((tensor) => dimsOf(tensor).length));
  let rows: RowsAxis | undefined;
  for (const tensor of tensors) {
    if (!tensor.rows) continue;
    const moved = { ...tensor.rows, axis: tensor.rows.axis + rank - dimsOf(tensor).length };
    if (rows && rows.axis !== moved.axis) return refute('it combines every row with every other');
    if (rows && !isSameAxis(rows, moved))
      return unsure('the rows of its inputs are laid out in different ways');
    rows = moved;
  }
  const dims: Size[] = [];
  for (let axis = 0; axis < rank; axis++) {
    const sizes = tensors.flatMap((tensor) => {
      const own = axis - rank + dimsOf(tensor).length;
      if (own < 0) return [];
      if (rows?.axis === axis && !tensor.rows) requireOne(dimsOf(tensor)[own] as Size);
      return [dimsOf(tensor)[own] as Size];
    });
    dims.push(broadcastSize(sizes));
  }
  if (!rows) return tensors.some(({ counts }) => counts) ? { dims, counts: true } : { dims };
  if (tensors.some(({ counts }) => counts)) return unsure('it mixes the number of rows into every row');
  return rowsTensor(dims, rows);
}

function requireOne(own: Size): void {
  const known = numberOf(own);
  if (known === 1) return;
  if (known === undefined) unsure('one of its inputs may be laid out for a number of rows');
  refute(`one of its inputs is laid out for ${known} rows`);
}

/** Of sizes that fit together: the one that is not 1. */
function broadcastSize(sizes: readonly Size[]): Size {
  const others = sizes.filter((each) => !isNumber(each, 1));
  const [first = one] = others;
  const known = others.find((each) => numberOf(each) !== undefined);
  if (known) return known;
  return others.every((each) => isEqual(each, first)) ? first : computed('together', ...others);
}

/** The elements of inputs by their broadcast positions, where they are known. */
const elementwise: Rule = (call) => {
  const tensors = call.inputs.filter((tensor) => tensor !== undefined);
  if (tensors.length === 1) return [call.inputs[0] as GraphTensor];
  const whole = broadcast(tensors);
  const values = whole.rows ? undefined : foldElements(call.node.operator, call.inputs, whole);
  return [values ? valuesTensor(dimsOf(whole), values) : whole];
};

const asItIs: Rule = (call) => {
  const tensor = input(call, 0);
  const values = tensor.values && foldElements(call.node.operator, [tensor], tensor);
  if (values) return [valuesTensor(dimsOf(tensor), values)];
  return [withoutValues(tensor)];
};

export function withoutValues({ dims, rows, counts }: GraphTensor): GraphTensor {
  return { ...(dims ? { dims } : {}), ...(rows ? { rows } : {}), ...(counts ? { counts } : {}) };
}

const cast: Rule = (call) => {
  const tensor = input(call, 0);
  const values = tensor.values && foldCast(tensor.values, int(call, 'to', 0));
  return [values ? valuesTensor(dimsOf(tensor), values) : withoutValues(tensor)];
};

/** Bounds are scalars. */
const clip: Rule = (call) => {
  if (call.inputs.length === 1) return [withoutValues(input(call, 0))];
  return elementwise(call);
};

/** Before version 7 a smaller input had to say where it begins. */
function requireNewBroadcast(rule: Rule): Rule {
  return (call) =>
    call.opset < 7 && call.node.attributes.has('axis') ? unsure('its version is too old') : rule(call);
}

const dropout: Rule = (call) => {
  const tensor = withoutValues(input(call, 0));
  if (call.opset < 7) {
    if (int(call, 'is_test', 0) === 0) return refute('it drops values at random (it is in training mode)');
  } else if (call.opset >= 12 && call.inputs[2]) {
    const training = call.inputs[2].values?.[0];
    if (!training || !isNumber(training, 0))
      return refute('it drops values at random (it is in training mode)');
  }
  return [tensor, tensor];
};

/** Scales and zero points are one for all, or for each entry of an axis that is not the rows'. */
export const quantize: Rule = (call) => {
  const tensor = input(call, 0);
  const scale = input(call, 1);
  if (!tensor.rows && !scale.rows) return [withoutValues(tensor)];
  if (scale.rows || call.inputs[2]?.rows) return unsure('its scale is computed from the rows');
  if (scale.counts || call.inputs[2]?.counts) return unsure('its scale depends on the number of rows');
  const scaleDims = dimsOf(scale);
  if (scaleDims.length > 1) return unsure('its scales are those of blocks');
  const isScalar = scaleDims.length === 0 || isNumber(scaleDims[0] as Size, 1);
  const axis = int(call, 'axis', 1);
  const rank = dimsOf(tensor).length;
  if (!isScalar && (axis < 0 ? axis + rank : axis) === tensor.rows?.axis)
    return refute('it has a scale for each place in the batch');
  return [withoutValues(tensor)];
};

const constantOfShape: Rule = (call) => {
  const shape = input(call, 0);
  if (shape.rows) return refute('its size is computed from what the rows hold');
  if (!shape.values) return shape.counts ? [{ counts: true }] : [{}];
  const dims = shape.values.map((value) => value ?? unsure('its size is not known'));
  const whole = sized(dims);
  const length = numberOf(times(...dims));
  const filled = call.node.attributes.get('value')?.tensor;
  const value = call.node.attributes.has('value') ? filled?.values?.[0] : 0;
  if (whole.rows || length === undefined || length > 64 || value === undefined) return [whole];
  return [
    valuesTensor(
      dims,
      Array.from({ length }, () => size(value)),
    ),
  ];
};

/** The attribute `alpha` and its like are one for all. */
export const elementwiseRules: Rules = {
  ...Object.fromEntries(unary.split(' ').map((name) => [name, asItIs])),
  ...Object.fromEntries(several.split(' ').map((name) => [name, requireNewBroadcast(elementwise)])),
  Clip: clip,
  Cast: cast,
  CastLike: (call) => [withoutValues(input(call, 0))],
  Dropout: dropout,
  QuantizeLinear: quantize,
  DequantizeLinear: quantize,
  ConstantOfShape: constantOfShape,
  StringNormalizer: stringNormalizer,
};

/** Stop words are taken out, so rows would move. */
function stringNormalizer(call: Call): readonly GraphTensor[] {
  const changes = text(call, 'case_change_action', 'NONE');
  if (call.node.attributes.has('stopwords')) return refute('it takes texts out, so that rows move');
  return changes === '' ? unsure('its action is not known') : [withoutValues(input(call, 0))];
}
