import type { TensorInfo } from '../../../schemas/jobEvents.ts';
import { convertNumbers } from '../tensor/convert.ts';
import { isElementType, type ElementType } from '../tensor/elementTypes.ts';
import { joinRows } from '../tensor/rows.ts';
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
  return joinSamples(
    Array.from({ length: rows }, (_, seed) => sampleRow(inputs, { ...kind, seed: kind.seed + seed })),
  );
}

/** One row for every input. */
export function sampleRow(inputs: readonly TensorInfo[], kind: SampleKind): ModelTensor[] {
  return inputs.map(({ name, type, shape }, i) => {
    const sizes = shape.map((size, axis) => size ?? (axis === 0 ? 1 : kind.openSize));
    const length = sizes.reduce((product, size) => product * size, 1);
    const random = randomNumbers(kind.seed * 31 + i);
    const known: ElementType = isElementType(type) ? type : 'float32';
    // A whole number by itself is a setting, such as an axis or a length: others than one have hung the runtime.
    const isSetting = sizes.length === 0 && type.includes('int');
    const own: SampleKind = isSetting ? { ...kind, wholeLimit: 2, pattern: 'largest' } : kind;
    const data =
      known === 'string'
        ? texts(length, kind, random)
        : convertNumbers(numbers(type, length, own, random), 'float64', known, 'json');
    return { name, type: known, shape: sizes, data };
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
export function joinSamples(rows: readonly (readonly ModelTensor[])[]): ModelTensor[] {
  const [first = []] = rows;
  return first.map((tensor, i) => {
    if (tensor.shape.length === 0 || rows.length === 1) return { ...tensor, data: tensor.data.slice() };
    return { name: tensor.name, ...joinRows(rows.map((row) => row[i] as ModelTensor)) };
  });
}
