import { messageOf } from '../../../../schemas/errors.ts';
import type { TensorInfo } from '../../../../schemas/jobEvents.ts';
import { relativeDifference } from '../../model/compareRuns.ts';
import type { Model, ModelTensor } from '../../model/model.ts';
import type { FittedRecord } from '../../tensor/fit.ts';
import { isStrings } from '../../tensor/tensor.ts';
import { copyOf } from './lastInputs.ts';

/** How the answers of two models to the same inputs differ. */
export interface Comparison {
  /** Inputs that both have answered. */
  readonly compared: number;
  /** The largest difference of two numbers of an answer, by the largest number of the old answer; 1 where texts differ, and
   *  Infinity where shapes do, or where one of two numbers is not finite. 0 where nothing was compared. */
  readonly difference: number;
  /** Why the new model did not answer what the old one did, once it did not. */
  readonly failure?: string;
}

/** Runs two models on the same inputs, one after the other. An input that the old one does not answer says nothing. */
export async function compareAnswers(
  old: Pick<Model, 'inputs' | 'run'>,
  next: Pick<Model, 'inputs' | 'run'>,
  records: readonly FittedRecord[],
): Promise<Comparison> {
  let compared = 0;
  let difference = 0;
  for (const record of records) {
    const before = await old.run(feeds(record, old.inputs, old.inputs)).catch(() => undefined);
    if (!before) continue;
    try {
      const after = await next.run(feeds(record, old.inputs, next.inputs));
      difference = Math.max(difference, differenceOf(before, after));
      compared += 1;
    } catch (error) {
      return { compared, difference, failure: messageOf(error) };
    }
  }
  return { compared, difference };
}

/** The parts of a record are in the order of the model that it was fitted to. */
function feeds(
  record: FittedRecord,
  fitted: readonly TensorInfo[],
  wanted: readonly TensorInfo[],
): ModelTensor[] {
  const named = copyOf(record).parts.map(({ type, shape, data, name }, i) => ({
    name: fitted[i]?.name ?? name ?? '',
    type,
    shape,
    data,
  }));
  const [only] = wanted;
  if (only && wanted.length === 1) return named.map((tensor) => ({ ...tensor, name: only.name }));
  if (wanted.length === 0) return named;
  return wanted.flatMap(({ name }) => named.find((tensor) => tensor.name === name) ?? []);
}

function differenceOf(before: readonly ModelTensor[], after: readonly ModelTensor[]): number {
  if (before.length !== after.length) return Infinity;
  return Math.max(0, ...before.map((old, i) => ofOutput(old, after[i] as ModelTensor)));
}

function ofOutput(old: ModelTensor, next: ModelTensor): number {
  if (old.type !== next.type || old.shape.join() !== next.shape.join()) return Infinity;
  if (isStrings(old.data)) return old.data.every((text, i) => text === next.data[i]) ? 0 : 1;
  return relativeDifference(next, 0, old, 0, old.data.length);
}
