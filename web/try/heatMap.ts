import type { Output } from './outcome.ts';

/** A part of a tensor that is drawn cell by cell. */
export interface Plane {
  /** The place in the axes before the last two, such as `[0, 2]`; empty where there are none. */
  readonly place: readonly number[];
  readonly rows: number;
  readonly columns: number;
  readonly values: readonly (number | null)[];
}

export interface HeatMap {
  readonly planes: readonly Plane[];
  /** How many planes the tensor has; more than those shown. */
  readonly of: number;
  readonly min: number;
  readonly max: number;
}

const shownPlanes = 8;
/** Smaller ones are read as tables; larger ones have more cells than a page shows. */
const cells = { least: 24, most: 512 * 512 };

/** Cuts a tensor of numbers into planes of its last two axes; undefined where a table shows it better.
 *  The colours of all planes share one scale, so that they can be compared. */
export function heatMapOf({ shape, data }: Output): HeatMap | undefined {
  const rows = shape.at(-2) ?? 0;
  const columns = shape.at(-1) ?? 0;
  const size = rows * columns;
  if (rows < 2 || columns < 2 || size < cells.least || size > cells.most) return undefined;
  if (!data.every((value) => typeof value === 'number' || value === null)) return undefined;
  const values = data;
  const of = Math.floor(values.length / size);
  const planes = Array.from({ length: Math.min(of, shownPlanes) }, (_, i) => ({
    place: placeOf(i, shape.slice(0, -2)),
    rows,
    columns,
    values: values.slice(i * size, (i + 1) * size),
  }));
  const range = rangeOf(planes.flatMap((plane) => plane.values));
  return range && { planes, of, ...range };
}

/** The place of the i-th plane in the axes before the last two. */
function placeOf(i: number, axes: readonly number[]): readonly number[] {
  let rest = i;
  return axes
    .toReversed()
    .map((size) => {
      const at = rest % size;
      rest = Math.floor(rest / size);
      return at;
    })
    .reverse();
}

function rangeOf(
  values: readonly (number | null)[],
): { readonly min: number; readonly max: number } | undefined {
  let [min, max] = [Infinity, -Infinity];
  for (const value of values) {
    if (value === null) continue;
    if (value < min) min = value;
    if (value > max) max = value;
  }
  return min <= max ? { min, max } : undefined;
}

/** The strength of a cell's colour, from 0 to 255; a cell without a number has none. */
export function strength(value: number | null, { min, max }: Pick<HeatMap, 'min' | 'max'>): number {
  if (value === null) return 0;
  return max > min ? Math.round((255 * (value - min)) / (max - min)) : 255;
}

/** The figures of a tensor in a line; undefined where it holds no number. */
export function statisticsOf({
  data,
}: Output):
  | { readonly min: number; readonly max: number; readonly mean: number; readonly notFinite: number }
  | undefined {
  const numbers = data.filter((value) => typeof value === 'number');
  const range = rangeOf(numbers);
  if (!range) return undefined;
  const mean = numbers.reduce((sum, value) => sum + value, 0) / numbers.length;
  return { ...range, mean, notFinite: data.filter((value) => value === null).length };
}
