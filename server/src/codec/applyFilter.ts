import { ServingError } from '../../../schemas/errors.ts';
import { shapeText } from '../tensor/tensor.ts';

export interface Filter {
  readonly kind: 'topN' | 'pickTopN';
  readonly n: number;
}

/** An output as a filter sees it: filters print float32. */
interface FilteredTensor {
  readonly shape: readonly number[];
  readonly data: Float32Array;
}

/** Writes one output of one record as the text that a postProcessing filter stores instead of Arrow.
 *
 *  `topN(n)`: `[[index,value],...]` of the n largest elements of the flattened output, largest first, equal ones by
 *  their index. `pickTopN(n)`: the first n rows of an output of shape [rows, columns] or [1, rows, columns],
 *  `[[a,b,...],...]`. Fewer elements than n give all.
 *
 *  The text is JSON; floats have the fewest digits that give the same float32 back, and at least one decimal. JSON has
 *  no word for NaN and the infinities: they are `null`, and NaN ranks below every number.
 *  @param labels  names of the classes: topN then writes `[[index,value,"name"],...]`
 *  @throws ServingError "not-supported" when the output of pickTopN has another shape
 *  @see BigDL PostProcessing.scala. Unlike it, this writes commas between the pairs. */
export function applyFilter(filter: Filter, output: FilteredTensor, labels?: readonly string[]): string {
  return filter.kind === 'topN' ? topN(filter.n, output.data, labels) : pickTopN(filter.n, output);
}

function topN(n: number, data: Float32Array, labels?: readonly string[]): string {
  const nameOf = (i: number) => (labels ? `,${JSON.stringify(labels[i] ?? '')}` : '');
  return `[${bestOf(data, n)
    .map((i) => `[${i},${floatText(data[i] ?? NaN)}${nameOf(i)}]`)
    .join(',')}]`;
}

/** The indices of the n largest elements, largest first, equal ones in their order, NaN last. */
export function bestOf(data: Float32Array, n: number): readonly number[] {
  // Sorting bare numbers to find the n-th largest, then only the few indices above it, is several times faster than
  // sorting all indices by their values.
  const numbers = data.filter((value) => !Number.isNaN(value)).sort();
  const least = numbers[Math.max(0, numbers.length - n)] ?? Infinity;
  const best: number[] = [];
  const nans: number[] = [];
  for (const [i, value] of data.entries()) {
    if (value >= least) best.push(i);
    else if (Number.isNaN(value)) nans.push(i);
  }
  // Array sorting is stable, so equal values stay in the order of their indices.
  best.sort((a, b) => compareDown(data[a] ?? 0, data[b] ?? 0));
  return [...best, ...nans].slice(0, n);
}

/** A difference would be NaN for two infinities. */
function compareDown(a: number, b: number): number {
  if (a === b) return 0;
  return a < b ? 1 : -1;
}

function pickTopN(n: number, { shape, data }: FilteredTensor): string {
  const matrix = shape.length === 3 && shape[0] === 1 ? shape.slice(1) : shape;
  const [rows, columns] = matrix;
  if (rows === undefined || columns === undefined || matrix.length !== 2)
    throw new ServingError(
      'not-supported',
      `pickTopN needs an output of rows and columns, but the model's has the shape ${shapeText(shape)}.`,
    );
  const picked: string[] = [];
  for (let row = 0; row < Math.min(n, rows); row++) {
    const values = Array.from(data.subarray(row * columns, (row + 1) * columns), floatText);
    picked.push(`[${values.join(',')}]`);
  }
  return `[${picked.join(',')}]`;
}

/** The shortest decimal that reads back as the same float32. */
export function floatText(value: number): string {
  if (!Number.isFinite(value)) return 'null';
  if (Number.isInteger(value)) {
    const digits = Object.is(value, -0) ? '-0' : shortest(value);
    return /[.e]/.test(digits) ? digits : `${digits}.0`;
  }
  return shortest(value);
}

function shortest(value: number): string {
  // Nine digits always suffice for float32, six are always exact in the other direction.
  for (let precision = 1; precision < 9; precision++) {
    const candidate = Number(value.toPrecision(precision));
    if (Math.fround(candidate) === value) return String(candidate);
  }
  return String(Number(value.toPrecision(9)));
}
