import { anyType, type TensorInfo } from '../../../../schemas/jobEvents.ts';

/** What clients of a model rely on. */
export interface Shapes {
  /** None where the model does not say them. */
  readonly inputs: readonly TensorInfo[];
  readonly outputs: readonly TensorInfo[];
}

/** Why a model cannot take the place of another without a change of its clients: whatever the old one takes, the new one must
 *  take, and whatever the new one answers, the old one must be able to answer.
 *  @returns undefined where it can; else one sentence without its full stop */
export function shapeTrouble(old: Shapes, next: Shapes): string | undefined {
  return inputTrouble(old.inputs, next.inputs) ?? outputTrouble(old.outputs, next.outputs);
}

function inputTrouble(old: readonly TensorInfo[], next: readonly TensorInfo[]): string | undefined {
  // A model that does not say its inputs takes what is sent.
  if (next.length === 0) return undefined;
  if (old.length === 0) return 'the new model says its inputs, and the old one takes any';
  // A single input may have any name.
  const isOnly = old.length === 1 && next.length === 1;
  for (const info of next) {
    const before = isOnly ? old[0] : old.find(({ name }) => name === info.name);
    if (!before) return `the new model wants an input "${info.name}", which the old one does not have`;
    if (!takes(info, before))
      return `the input "${before.name}" is ${text(before)} in the old model and ${text(info)} in the new one`;
  }
  const gone = isOnly ? undefined : old.find(({ name }) => !next.some((info) => info.name === name));
  return gone && `the new model has no input "${gone.name}"`;
}

function outputTrouble(old: readonly TensorInfo[], next: readonly TensorInfo[]): string | undefined {
  if (old.length === 0) return undefined;
  if (next.length === 0) return 'the new model does not say its outputs, and the old one does';
  // Results of the original's form have no names: the order counts.
  for (const [i, before] of old.entries()) {
    const info = next[i];
    if (info?.name !== before.name) return `the new model has no output "${before.name}" at its place`;
    if (!takes(before, info))
      return `the output "${before.name}" is ${text(before)} in the old model and ${text(info)} in the new one`;
  }
  const more = next[old.length];
  return more && `the new model has an output "${more.name}" that the old one does not have`;
}

/** Whether everything that is of one kind is of another, too. */
function takes(wide: TensorInfo, narrow: TensorInfo): boolean {
  if (wide.type !== anyType && wide.type !== narrow.type) return false;
  // Without axes: a single value, or as many axes as one likes.
  if (wide.shape.length === 0 && wide.openRank !== false) return true;
  if (wide.shape.length !== narrow.shape.length) return false;
  if (wide.shape.length === 0 && narrow.openRank !== false) return false;
  return wide.shape.every((size, axis) => size === null || size === narrow.shape[axis]);
}

function text({ type, shape }: TensorInfo): string {
  return `${type}[${shape.map((size) => size ?? '?').join(',')}]`;
}
