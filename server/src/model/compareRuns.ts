import { halfToNumber } from '../tensor/half.ts';
import type { ModelTensor } from './model.ts';

/** The answers of one record, run by itself. */
export interface AloneRun {
  readonly rows: number;
  readonly outputs: readonly ModelTensor[];
}

/** A row that has another answer in company than by itself. */
export interface RowDifference {
  /** The record, by its place in the run. */
  readonly record: number;
  readonly output: string;
  /** The largest difference of two elements, by the largest element of the row by itself; Infinity where the shapes differ,
   *  or where texts or whole numbers do. */
  readonly size: number;
}

/** Kernels for other numbers of rows add in another order: float noise stays far below these, by the largest element of the
 *  row. There is no absolute part: it would hide small rows beside large ones. */
const tolerances: Readonly<Record<string, number>> = { float32: 1e-3, float64: 1e-3, float16: 2e-2 };

/** What differs between one run of several records and a run of each by itself; at most one difference for each record, the
 *  largest. */
export function compareRuns(
  together: readonly ModelTensor[],
  alone: readonly AloneRun[],
): readonly RowDifference[] {
  const rows = alone.reduce((sum, run) => sum + run.rows, 0);
  const differences: RowDifference[] = [];
  let from = 0;
  alone.forEach((run, record) => {
    let largest: RowDifference | undefined;
    together.forEach((output, i) => {
      const single = run.outputs[i];
      const size = single ? differenceOf(output, rows, from, run.rows, single) : Infinity;
      if (size > (largest?.size ?? 0)) largest = { record, output: output.name, size };
    });
    if (largest) differences.push(largest);
    from += run.rows;
  });
  return differences;
}

/** @returns 0 within the tolerance */
function differenceOf(
  whole: ModelTensor,
  wholeRows: number,
  from: number,
  rows: number,
  single: ModelTensor,
): number {
  const isAlike =
    whole.shape[0] === wholeRows &&
    single.shape[0] === rows &&
    whole.shape.length === single.shape.length &&
    whole.shape.every((dim, axis) => axis === 0 || dim === single.shape[axis]);
  if (!isAlike) return Infinity;
  const length = single.data.length / rows;
  const tolerance = tolerances[whole.type];
  let worst = 0;
  for (let row = 0; row < rows; row++) {
    const [at, own] = [(from + row) * length, row * length];
    const size =
      tolerance === undefined
        ? isSame(whole.data, at, single.data, own, length)
          ? 0
          : Infinity
        : relativeDifference(whole, at, single, own, length);
    if (size > (tolerance ?? 0)) worst = Math.max(worst, size);
  }
  return worst;
}

function isSame(
  a: ModelTensor['data'],
  at: number,
  b: ModelTensor['data'],
  own: number,
  length: number,
): boolean {
  for (let i = 0; i < length; i++) if (a[at + i] !== b[own + i]) return false;
  return true;
}

/** The largest difference of two elements of these parts, by the largest element of the second; Infinity where one of two is
 *  not finite. Both are of the type of the first. */
export function relativeDifference(
  a: ModelTensor,
  at: number,
  b: ModelTensor,
  own: number,
  length: number,
): number {
  const isHalf = a.type === 'float16';
  let largest = 0;
  let difference = 0;
  for (let i = 0; i < length; i++) {
    const [one, other] = [Number(a.data[at + i]), Number(b.data[own + i])];
    const [x, y] = isHalf ? [halfToNumber(one), halfToNumber(other)] : [one, other];
    if (Object.is(x, y)) {
      if (Number.isFinite(y)) largest = Math.max(largest, Math.abs(y));
      continue;
    }
    if (!Number.isFinite(x) || !Number.isFinite(y)) return Infinity;
    largest = Math.max(largest, Math.abs(y));
    difference = Math.max(difference, Math.abs(x - y));
  }
  if (difference === 0) return 0;
  return largest === 0 ? Infinity : difference / largest;
}

/** In words: of which output, and by how much. */
export function describeDifference({ output, size }: RowDifference): string {
  const much = Number.isFinite(size)
    ? `by ${Number(size.toPrecision(2))} of the largest value of its row`
    : 'in its shape, its whole numbers or its texts';
  return `output "${output}" differs ${much}`;
}
