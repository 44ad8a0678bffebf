import type { TensorInfo } from '../../../schemas/jobEvents.ts';
import { toFloat32 } from '../codec/toFloat32.ts';
import { elementType } from './elementTypes.ts';
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
  const dims = shape.map((size) => size ?? 1);
  const length = dims.reduce((product, size) => product * size, 1);
  if (type === 'string') return { name, type, dims, data: Array.from({ length }, () => '') };
  const { make, write } = elementType(type);
  const data = make(length);
  const integral = !type.startsWith('float');
  write(
    data,
    0,
    Float32Array.from({ length }, (_, i) => (integral ? (i + row) % 2 : Math.sin(i * (row + 1) + row))),
  );
  return { name, type, dims, data };
}

/** A run takes its feeds' memory with it, so each run gets its own. */
function copyOf(tensor: ModelTensor): ModelTensor {
  return { ...tensor, data: tensor.data.slice() };
}

function concatenate(rows: readonly ModelTensor[]): ModelTensor {
  const [first] = rows as [ModelTensor];
  const dims = [rows.length * (first.dims[0] ?? 1), ...first.dims.slice(1)];
  if (Array.isArray(first.data))
    return { ...first, dims, data: rows.flatMap(({ data }) => data as string[]) };
  const data = elementType(first.type).make(first.data.length * rows.length);
  rows.forEach((row, i) => {
    (data as Float32Array).set(row.data as Float32Array, i * first.data.length);
  });
  return { ...first, dims, data };
}

function isConcatenation(together: ModelTensor, single: readonly ModelTensor[]): boolean {
  if (together.dims[0] !== single.length || single.some(({ dims }) => dims[0] !== 1)) return false;
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
