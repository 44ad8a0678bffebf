import type { Heartbeat, TensorInfo } from '../../../../schemas/jobEvents.ts';
import { datatypeOfModel } from '../../tensor/elementTypes.ts';

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

/** How a protocol's bodies are spoken of in messages. */
export interface Wording {
  /** The record of this number. */
  readonly place: (i: number) => string;
  /** The form of a right body, in a line. */
  readonly form: (model: Pick<Heartbeat, 'inputs' | 'batched'> | undefined) => string;
}

/** The original's protocol. */
export const instancesWording: Wording = {
  place: (i) => `instances[${i}]`,
  form: (model) => instancesForm(model?.inputs ?? [], model?.batched ?? false),
};

/** The Open Inference Protocol. */
export const tensorsWording: Wording = {
  place: () => 'inputs',
  form: (model) => tensorsForm(model?.inputs ?? []),
};

function tensorsForm(inputs: readonly TensorInfo[]): string {
  const known = inputs.length > 0 ? inputs : [{ name: 'x', type: 'float32', shape: [1, 2] }];
  const parts = known.map(({ name, type, shape }) => {
    const sizes = shape.map((size) => size ?? 1);
    return `{"name": ${JSON.stringify(name)}, "shape": [${sizes.join(', ')}], "datatype": "${datatypeOfModel(type)}", "data": [...]}`;
  });
  return `{"inputs": [${parts.join(', ')}]}`;
}

function instancesForm(inputs: readonly TensorInfo[], batched: boolean): string {
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
