import type { TensorInfo } from '../../../schemas/jobEvents.ts';
import { elementType } from './elementTypes.ts';
import type { ModelTensor } from './model.ts';

/** How a row of a sample is made. */
export interface SampleKind {
  /** Of every dimension that the model leaves open. */
  readonly openSize: number;
  /** Floating elements are of this order; whole ones lie from 0 to it. */
  readonly scale: number;
  readonly wholeLimit: number;
  readonly pattern: 'any' | 'zero' | 'equal' | 'largest';
  readonly seed: number;
}

export const plainSample: SampleKind = { openSize: 1, scale: 1, wholeLimit: 2, pattern: 'any', seed: 1 };

/** Feeds of some rows of plausible numbers. */
export function sampleFeeds(inputs: readonly TensorInfo[], rows: number, kind = plainSample): ModelTensor[] {
  return joinRows(
    Array.from({ length: rows }, (_, seed) => sampleRow(inputs, { ...kind, seed: kind.seed + seed })),
  );
}

/** One row for every input. */
export function sampleRow(inputs: readonly TensorInfo[], kind: SampleKind): ModelTensor[] {
  return inputs.map(({ name, type, shape }, i) => {
    const dims = shape.map((size, axis) => size ?? (axis === 0 ? 1 : kind.openSize));
    const length = dims.reduce((product, size) => product * size, 1);
    const random = randomNumbers(kind.seed * 31 + i);
    if (type === 'string') return { name, type, dims, data: texts(length, kind, random) };
    const { make, write } = elementType(type);
    const data = make(length);
    write(data, 0, numbers(type, length, kind, random));
    return { name, type, dims, data };
  });
}

/** The largest whole number of small types; indices and ids are seldom larger than a few thousand. */
const largest: Readonly<Record<string, number>> = { bool: 1, int8: 127, uint8: 255 };

function numbers(type: string, length: number, kind: SampleKind, random: () => number): Float64Array {
  const { pattern, scale, wholeLimit } = kind;
  if (pattern === 'zero') return new Float64Array(length);
  const limit = Math.min(wholeLimit, (largest[type] ?? Infinity) + 1);
  if (pattern === 'largest')
    return new Float64Array(length).fill(type.startsWith('float') ? scale : limit - 1);
  const next = type.startsWith('float')
    ? () => (random() * 2 - 1) * scale
    : () => Math.floor(random() * limit);
  if (pattern === 'equal') return new Float64Array(length).fill(next());
  return Float64Array.from({ length }, next);
}

const words = ['', 'a', 'one two', 'Three', 'four five six', '7', 'a b c d'];

function texts(length: number, { pattern }: SampleKind, random: () => number): string[] {
  if (pattern === 'zero') return Array.from({ length }, () => '');
  const word = () => words[Math.floor(random() * words.length)] as string;
  if (pattern === 'equal') return Array<string>(length).fill(word());
  return Array.from({ length }, word);
}

/** The same numbers from 0 to 1 for the same seed. @see mulberry32, in the public domain */
function randomNumbers(seed: number): () => number {
  let state = seed | 0;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let t = Math.imul(state ^ (state >>> 15), state | 1);
    t = (t + Math.imul(t ^ (t >>> 7), t | 61)) ^ t;
    return ((t ^ (t >>> 14)) >>> 0) / 2 ** 32;
  };
}

/** Rows laid behind each other. A run takes its feeds' memory with it, so what is given back is always new. */
export function joinRows(rows: readonly (readonly ModelTensor[])[]): ModelTensor[] {
  const [first = []] = rows;
  return first.map((tensor, i) => {
    const parts = rows.map((row) => row[i] as ModelTensor);
    const count = parts.reduce((sum, { dims }) => sum + (dims[0] ?? 1), 0);
    const dims = tensor.dims.length === 0 ? [] : [count, ...tensor.dims.slice(1)];
    if (Array.isArray(tensor.data))
      return { ...tensor, dims, data: parts.flatMap(({ data }) => data as string[]) };
    const data = elementType(tensor.type).make(parts.reduce((sum, part) => sum + part.data.length, 0));
    let at = 0;
    for (const part of parts) {
      (data as Float32Array).set(part.data as Float32Array, at);
      at += part.data.length;
    }
    return { ...tensor, dims, data };
  });
}
