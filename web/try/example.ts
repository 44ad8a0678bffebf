import type { TryModel } from '../../schemas/pages.ts';

/** A longer one would have to be scrolled, and is better replaced than read. */
const longestExample = 2_000;

/** A request that the model takes: zeros in the shapes of its inputs, one record; empty where that would be long, or its
 *  inputs are unknown. */
export function exampleOf({ inputs, batched }: Pick<TryModel, 'inputs' | 'batched'>): string {
  if (inputs.length === 0) return '';
  const shapes = inputs.map(({ shape }) => (batched ? shape.slice(1) : shape).map((size) => size ?? 1));
  const count = shapes.reduce((sum, shape) => sum + shape.reduce((product, size) => product * size, 1), 0);
  if (3 * count > longestExample) return '';
  const instance = inputs.map(({ name, type }, i) => [
    name,
    filled(shapes[i] ?? [], type === 'string' ? 'text' : 0),
  ]);
  return `{"instances": [${JSON.stringify(Object.fromEntries(instance))}]}`;
}

function filled([size, ...rest]: readonly number[], value: unknown): unknown {
  return size === undefined ? value : Array.from({ length: size }, () => filled(rest, value));
}
