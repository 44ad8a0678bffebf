import {
  dependsOnRows,
  dividedBy,
  isEqual,
  isNumber,
  numberOf,
  one,
  times,
  withoutRows,
  type Size,
} from './size.ts';
import {
  isPlain,
  refute,
  rowsTensor,
  sized,
  unsure,
  valuesTensor,
  type GraphTensor,
  type RowsAxis,
} from './tensor.ts';

/** A value laid out in another shape, in the same order.
 *  @param target  the shape asked for; one size may be -1, what is left
 *  @throws Finding where rows do not stay together, or that is not known */
export function reshaped(tensor: GraphTensor, target: readonly Size[]): GraphTensor {
  const { dims: from, rows } = tensor;
  const to = from ? withRest(from, target, rows) : target;
  if (to.some((dim) => isNumber(dim, -1))) return unsure('the shape that it makes is not known');
  if (!rows) {
    const kept = tensor.values && to.length <= 1 ? tensor.values : undefined;
    if (kept) return valuesTensor(to, kept);
    return tensor.counts ? { dims: to, counts: true } : requireNoRows(to);
  }
  if (!from) return unsure('the shape of its input is not known');
  const axis = to.findIndex(dependsOnRows);
  if (axis === -1) {
    const length = numberOf(times(one, ...to));
    return refute(
      length === undefined
        ? 'the shape that it makes has no place for more rows'
        : `the shape that it makes is that of a fixed number of rows (${length} elements)`,
    );
  }
  return rowsTensor(to, rowsAfter(from, rows, to, axis));
}

/** What holds the same for all rows, laid out for them, has as many elements as there are rows: it was so before. */
function requireNoRows(dims: readonly Size[]): GraphTensor {
  return sized(dims).rows ? unsure('the shape that it makes depends on the number of rows') : { dims };
}

/** The shape with its -1 replaced: what is left of all elements. */
function withRest(
  from: readonly Size[],
  target: readonly Size[],
  rows: RowsAxis | undefined,
): readonly Size[] {
  const open = target.findIndex((dim) => isNumber(dim, -1));
  if (open === -1) return target;
  const others = target.filter((_, i) => i !== open);
  const exact = dividedBy(times(one, ...from), times(one, ...others));
  const rest = exact ?? restBeside(from, others, rows, target);
  return target.map((dim, i) => (i === open ? rest : dim));
}

/** The rows stay where they are: then what is left is a part of one row. */
function restBeside(
  from: readonly Size[],
  others: readonly Size[],
  rows: RowsAxis | undefined,
  target: readonly Size[],
): Size {
  const isInPlace = rows && isPlain(rows) && rows.axis === 0 && isEqual(target[0] ?? one, from[0] ?? one);
  if (!isInPlace && (rows || others.some(dependsOnRows)))
    return unsure('the shape that it makes is not known');
  const names = [...from.slice(rows ? 1 : 0), ...others.slice(rows ? 1 : 0)].flatMap((dim) => dim.names);
  return { factor: 1, names: [`rest(${names.join()};${others.length})`] };
}

function rowsAfter(from: readonly Size[], rows: RowsAxis, to: readonly Size[], axis: number): RowsAxis {
  const isInPlace = rows.axis === 0 && axis === 0 && isPlain(rows) && isEqual(to[0] as Size, from[0] as Size);
  // All elements are as many as before: what is behind the rows may be laid out in any way.
  if (isInPlace) return rows;
  const before = times(...from.slice(0, rows.axis), rows.outer);
  const behind = times(rows.inner, ...from.slice(rows.axis + 1));
  const outer = dividedBy(before, times(one, ...to.slice(0, axis)));
  const inner = dividedBy(behind, times(one, ...to.slice(axis + 1)));
  const rest = withoutRows(to[axis] as Size);
  if (outer && inner && rest && isEqual(rest, times(outer, inner))) return { axis, outer, inner };
  const numbers = [...from, ...to].every((dim) => numberOf(dim) !== undefined || dim.names.length === 1);
  return numbers && rest && !from.some((dim) => dim.names.some((name) => name.includes('(')))
    ? refute('the shape that it makes lays several rows together')
    : unsure('the shape that it makes may lay several rows together');
}
