import { dependsOnRows, isEqual, one, withoutRows, type Size } from './size.ts';

/** What is known of a value within the graph. */
export interface GraphTensor {
  /** Undefined where not even the rank is known. Of the sizes, only that of the rows' axis depends on their number. */
  readonly dims?: readonly Size[];
  /** Where the rows are: slice n of this axis depends on row n of the inputs, and on nothing else that differs from run to
   *  run. Without it all of the value is the same whatever the rows hold. */
  readonly rows?: RowsAxis;
  /** Where it is a small one of numbers: its elements, row-major; undefined for one that may depend on the number of rows. */
  readonly values?: readonly (Size | undefined)[];
  /** It has no axis of rows, and yet depends on how many there are. */
  readonly counts?: boolean;
}

/** An axis of outer × rows × inner entries, in this order: reshapes lay it together with its neighbours. */
export interface RowsAxis {
  readonly axis: number;
  readonly outer: Size;
  readonly inner: Size;
}

/** Where the walk cannot go on: across rows, or beyond what it knows. */
export class Finding extends Error {
  readonly kind: 'refuted' | 'unknown';

  constructor(kind: 'refuted' | 'unknown', reason: string) {
    super(reason);
    this.kind = kind;
  }
}

/** @throws Finding */
export function refute(reason: string): never {
  throw new Finding('refuted', reason);
}

/** @throws Finding */
export function unsure(reason: string): never {
  throw new Finding('unknown', reason);
}

export const maxValues = 64;

/** The same in every run, or known by its values; a size that depends on the number of rows is an axis of theirs.
 *  @throws Finding */
export function sized(dims: readonly Size[] | undefined): GraphTensor {
  if (!dims) return {};
  const axes = dims.flatMap((dim, axis) => (dependsOnRows(dim) ? [axis] : []));
  const [axis] = axes;
  if (axis === undefined) return { dims };
  const inner = withoutRows(dims[axis] as Size);
  if (axes.length > 1 || !inner) return refute('its size depends on the number of rows more than once');
  return { dims, rows: { axis, outer: one, inner } };
}

export function valuesTensor(dims: readonly Size[], values: readonly (Size | undefined)[]): GraphTensor {
  const counts = values.some((value) => value === undefined || dependsOnRows(value));
  return { dims, values, ...(counts ? { counts } : {}) };
}

/** A value with an axis of rows.
 *  @throws Finding where another size depends on the number of rows */
export function rowsTensor(dims: readonly Size[], rows: RowsAxis): GraphTensor {
  if (dims.some((dim, axis) => axis !== rows.axis && dependsOnRows(dim)))
    return refute('it combines every row with every other');
  return { dims, rows };
}

/** The axis alone has the rows. */
export function plainRows(axis: number): RowsAxis {
  return { axis, outer: one, inner: one };
}

export function isPlain({ outer, inner }: RowsAxis): boolean {
  return isEqual(outer, one) && isEqual(inner, one);
}

export function isSameAxis(a: RowsAxis, b: RowsAxis): boolean {
  return a.axis === b.axis && isEqual(a.outer, b.outer) && isEqual(a.inner, b.inner);
}

export function rankOf({ dims }: GraphTensor): number {
  return dims ? dims.length : unsure('the rank of its input is not known');
}

export function dimsOf({ dims }: GraphTensor): readonly Size[] {
  return dims ?? unsure('the shape of its input is not known');
}

export function valuesOf({ values }: GraphTensor): readonly Size[] {
  if (!values || values.includes(undefined)) return unsure('a shape that it is given is not known');
  return values as readonly Size[];
}

/** Axes count from the end where they are negative. */
export function axisOf(axis: number, rank: number): number {
  return axis < 0 ? axis + rank : axis;
}
