import { isStrings, type Tensor, type TensorData } from './tensor.ts';

/** What something takes up of a batch. */
export interface Rows {
  readonly rows: number;
  /** The client sent no batch axis, so it gets none back. */
  readonly strip: boolean;
}

/** Elements of one type laid behind each other; those of a single part are not copied.
 *  @param parts  at least one */
export function joinData(parts: readonly TensorData[]): TensorData {
  const [first] = parts as [TensorData];
  if (parts.length === 1) return first;
  if (isStrings(first)) return (parts as readonly (readonly string[])[]).flat();
  const Type = first.constructor as new (length: number) => Float32Array;
  const joined = new Type(parts.reduce((sum, part) => sum + part.length, 0));
  let at = 0;
  for (const part of parts) {
    joined.set(part as Float32Array, at);
    at += part.length;
  }
  return joined;
}

/** Tensors of equal row shape as one, with the rows of all.
 *  @param parts  at least one, none of them without axes unless it is alone */
export function joinRows(parts: readonly Tensor[]): Tensor {
  const [first] = parts as [Tensor];
  if (parts.length === 1) return first;
  const rows = parts.reduce((sum, { shape }) => sum + (shape[0] ?? 1), 0);
  return {
    type: first.type,
    shape: [rows, ...first.shape.slice(1)],
    data: joinData(parts.map(({ data }) => data)),
  };
}

/** One row of a tensor, as a batch of one. */
export function rowOf({ type, shape, data }: Tensor, row: number): Tensor {
  const length = data.length / (shape[0] ?? 1);
  return { type, shape: [1, ...shape.slice(1)], data: part(data, row * length, (row + 1) * length) };
}

/** Gives each taker its rows of every output; undefined if an output's first axis is not the batch after all. */
export function shareOut<T extends Tensor>(
  outputs: readonly T[],
  takers: readonly Rows[],
): T[][] | undefined {
  const rows = takers.reduce((sum, taker) => sum + taker.rows, 0);
  if (outputs.some(({ shape }) => shape[0] !== rows)) return undefined;
  const whole = outputs.map((output) => ({ output, rowShape: output.shape.slice(1) }));
  let row = 0;
  return takers.map((taker) => {
    const from = row;
    row += taker.rows;
    return whole.map(({ output, rowShape }) => {
      const rowLength = rows === 0 ? 0 : output.data.length / rows;
      return {
        ...output,
        shape: taker.strip ? rowShape : [taker.rows, ...rowShape],
        data: part(output.data, from * rowLength, row * rowLength),
      };
    });
  });
}

function part(data: TensorData, from: number, to: number): TensorData {
  return isStrings(data) ? data.slice(from, to) : data.subarray(from, to);
}

/** The outputs of a run that held one taker only. */
export function wholeOutputs<T extends Tensor>(outputs: readonly T[], { strip }: Rows): T[] {
  return outputs.map((output) => {
    const { shape } = output;
    return { ...output, shape: strip && shape[0] === 1 ? shape.slice(1) : shape };
  });
}
