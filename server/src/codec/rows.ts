import type { ResultTensor } from './decodeResult.ts';

/** What something takes up of a batch. */
export interface Rows {
  readonly rows: number;
  /** The client sent no batch axis, so it gets none back. */
  readonly strip: boolean;
}

/** Any array of numbers that can be copied into one of its kind. */
interface Numbers {
  readonly length: number;
  set(from: this, at: number): void;
}

/** Numbers of one type laid behind each other.
 *  @param parts  at least one */
export function joinNumbers<T extends Numbers>(parts: readonly T[]): T {
  const Type = parts[0]?.constructor as new (length: number) => T;
  const joined = new Type(parts.reduce((sum, part) => sum + part.length, 0));
  let at = 0;
  for (const part of parts) {
    joined.set(part, at);
    at += part.length;
  }
  return joined;
}

/** Gives each its rows of every output; undefined if an output's first axis is not the batch after all. */
export function shareOut(
  outputs: readonly ResultTensor[],
  takers: readonly Rows[],
): ResultTensor[][] | undefined {
  const rows = takers.reduce((sum, taker) => sum + taker.rows, 0);
  if (outputs.some(({ shape }) => shape[0] !== rows)) return undefined;
  const whole = outputs.map(({ shape, data }) => ({ data, rowShape: shape.slice(1) }));
  let row = 0;
  return takers.map((taker) => {
    const from = row;
    row += taker.rows;
    return whole.map(({ data, rowShape }) => {
      const rowLength = data.length / rows;
      return {
        shape: taker.strip ? rowShape : [taker.rows, ...rowShape],
        data: data.subarray(from * rowLength, row * rowLength),
      };
    });
  });
}
