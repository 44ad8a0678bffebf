import type { TensorInfo } from '../../../schemas/jobEvents.ts';
import { toFloat32 } from '../tensor/toFloat32.ts';
import { isElementType, numericType, type ElementType } from '../tensor/elementTypes.ts';
import { convertNumbers } from '../tensor/convert.ts';
import { joinRows } from '../tensor/rows.ts';
import type { Model, ModelTensor } from './model.ts';

const probeRows = 3;
const tolerance = 1e-3;

/** Whether rows of several records may share one run of this model. It doubles as the warm-up.
 *
 *  A dynamic first dimension is not enough: a detection model answers all rows in one list, and rows of one client would
 *  reach another. So three unlike rows are run together and one by one, and must give the same.
 *  A model that says it cannot (or whose other dimensions are not known) is simply run record by record. */
export async function supportsBatches(
  inputs: readonly TensorInfo[],
  outputs: readonly TensorInfo[],
  run: Model['run'],
): Promise<boolean> {
  const dynamic = [...inputs, ...outputs].every(({ shape }) => shape.length > 0 && shape[0] === null);
  const rows = Array.from({ length: probeRows }, (_, row) => inputs.map((input) => sampleRow(input, row)));
  const single: ModelTensor[][] = [];
  try {
    for (const row of rows) single.push(await run(row.map(copyOf)));
    if (!dynamic) return false;
    const together = await run(sampleFeeds(inputs, probeRows));
    return together.every((output, o) =>
      isConcatenation(
        output,
        single.map((outs) => outs[o] as ModelTensor),
      ),
    );
  } catch {
    // The sample did not suit the model (a token id out of range, a length it does not take): that is no fault of the model's.
    return false;
  }
}

/** Feeds of some rows of plausible numbers. */
export function sampleFeeds(inputs: readonly TensorInfo[], rows: number): ModelTensor[] {
  return inputs.map((input) =>
    rows === 1
      ? sampleRow(input, 0)
      : concatenate(Array.from({ length: rows }, (_, i) => sampleRow(input, i))),
  );
}

/** One row of plausible numbers; a dimension that is not known becomes 1. */
function sampleRow({ name, type, shape }: TensorInfo, row: number): ModelTensor {
  const sizes = shape.map((size) => size ?? 1);
  const length = sizes.reduce((product, size) => product * size, 1);
  const known: ElementType = isElementType(type) ? type : 'float32';
  if (known === 'string') return { name, type: known, shape: sizes, data: Array.from({ length }, () => '') };
  const integral = numericType(known).kind !== 'float';
  const numbers = Float32Array.from({ length }, (_, i) =>
    integral ? (i + row) % 2 : Math.sin(i * (row + 1) + row),
  );
  return { name, type: known, shape: sizes, data: convertNumbers(numbers, 'float32', known, 'json') };
}

/** A run takes its feeds' memory with it, so each run gets its own. */
function copyOf(tensor: ModelTensor): ModelTensor {
  return { ...tensor, data: tensor.data.slice() };
}

function concatenate(rows: readonly ModelTensor[]): ModelTensor {
  return { name: rows[0]?.name ?? '', ...joinRows(rows) };
}

function isConcatenation(together: ModelTensor, single: readonly ModelTensor[]): boolean {
  if (together.shape[0] !== single.length || single.some(({ shape }) => shape[0] !== 1)) return false;
  if (together.type === 'string')
    return single.flatMap(({ data }) => data as string[]).join() === (together.data as string[]).join();
  const expected = single.flatMap(({ type, data }) => [...toFloat32(type, data)]);
  const actual = toFloat32(together.type, together.data);
  return (
    actual.length === expected.length &&
    expected.every(
      (value, i) =>
        Math.abs((actual[i] ?? NaN) - value) <= tolerance * (1 + Math.abs(value)) ||
        Object.is(actual[i], value),
    )
  );
}
