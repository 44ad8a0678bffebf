import type { TensorInfo } from '../../../schemas/jobEvents.ts';

/** Longer examples would hide the error they come with. */
const maxShown = 16;

/** A body that the model accepts, for pages and docs: zeros in the shapes of its inputs, one instance.
 *  @param batched  the first axis of the inputs counts instances and is left out */
export function exampleBody(inputs: readonly TensorInfo[], batched: boolean): Record<string, unknown> {
  const instance = Object.fromEntries(
    inputs.map(({ name, type, shape }) => [
      name,
      filled(rowShape(shape, batched), type === 'string' ? 'text' : 0),
    ]),
  );
  return { instances: [instance] };
}

/** The shape of one instance; axes of any size count 1. */
export function rowShape(shape: readonly (number | null)[], batched: boolean): readonly number[] {
  return (batched ? shape.slice(1) : shape).map((size) => size ?? 1);
}

export function filled(shape: readonly number[], value: unknown): unknown {
  const [size, ...rest] = shape;
  if (size === undefined) return value;
  return Array.from({ length: size }, () => filled(rest, value));
}

/** The form of a body in a line, for messages. */
export function exampleText(inputs: readonly TensorInfo[], batched: boolean): string {
  if (inputs.length === 0) return '{"instances": [{"t": [1.0, 2.0]}]}';
  const parts = inputs.map(({ name, type, shape }) => {
    const row = rowShape(shape, batched);
    const count = row.reduce((product, size) => product * size, 1);
    const value = type === 'string' ? 'text' : 0;
    const shown =
      count <= maxShown ? JSON.stringify(filled(row, value)) : `<numbers of shape [${row.join(', ')}]>`;
    return `${JSON.stringify(name)}: ${shown}`;
  });
  return `{"instances": [{${parts.join(', ')}}]}`;
}
