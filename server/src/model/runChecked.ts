import { messageOf } from '../../../schemas/errors.ts';
import { compareRuns, describeDifference, type AloneRun } from './compareRuns.ts';
import type { ModelTensor } from './model.ts';
import { isModelLost, isProcessDeath } from './modelDeath.ts';

/** Runs records of equal row shapes together. @returns the outputs, with the rows of all records in order */
export type RunRecords<R> = (records: readonly R[]) => Promise<ModelTensor[]>;

export interface CheckedRun {
  /** Of the run of all records; undefined where that failed. */
  readonly together?: readonly ModelTensor[];
  /** Records whose answers in company were compared with those by themselves. */
  readonly compared: number;
  /** Of these, such as differ only because a run of that many rows takes other kernels: whatever their company is, it does not
   *  matter. */
  readonly slight: number;
  /** Why rows must not share runs of this model. */
  readonly trouble?: string;
}

/** Runs records together, and some of them by themselves as well.
 *
 *  Kernels for many rows round in other ways than those for one, and where an answer is decided by a hair, or is close to
 *  nothing, that shows. So a record whose answers differ is run once more, in company of copies of itself: the kernels are
 *  those of the run of all, and if its answer is, too, then its neighbours have no part in it.
 *  @param rowsOf  of a record
 *  @param checked  indices of the records to run by themselves; one that the model refuses proves nothing
 *  @throws what the run of all records throws, unless each of them can be run by itself */
export async function runChecked<R>(
  records: readonly R[],
  rowsOf: (record: R) => number,
  checked: readonly number[],
  run: RunRecords<R>,
): Promise<CheckedRun> {
  const total = records.reduce((sum, record) => sum + rowsOf(record), 0);
  const alone: (AloneRun & { readonly index: number; readonly from: number })[] = [];
  const together = await run(records).catch((error: unknown) => {
    // That says nothing of the records' company; who asked tries each by itself.
    if (isProcessDeath(error) || isModelLost(error)) throw error;
    return { error };
  });
  for (const index of checked) {
    const record = records[index] as R;
    const from = records.slice(0, index).reduce((sum, each) => sum + rowsOf(each), 0);
    try {
      alone.push({ index, from, rows: rowsOf(record), outputs: await run([record]) });
    } catch (error) {
      if (isProcessDeath(error) || isModelLost(error)) throw error;
      // The caller learns why.
    }
  }
  if ('error' in together) {
    if (alone.length < records.length) throw together.error;
    const trouble = `the model takes each record, and not all together: ${messageOf(together.error)}`;
    return { compared: alone.length, slight: 0, trouble };
  }
  let slight = 0;
  for (const { index, from, rows, outputs } of alone) {
    const own = sliceRows(together, from, rows, total);
    const [difference] = compareRuns(own, [{ rows, outputs }]);
    if (!difference) continue;
    const copies = await run(records.map(() => records[index] as R)).catch((error: unknown) => {
      if (isProcessDeath(error) || isModelLost(error)) throw error;
      return undefined;
    });
    const isAlike = records.every((record) => rowsOf(record) === rows);
    const company =
      copies && isAlike
        ? sliceRows(copies, from, rows, total)
        : copies && sliceRows(copies, 0, rows, rows * records.length);
    if (company && compareRuns(own, [{ rows, outputs: company }]).length === 0) slight += 1;
    else
      return {
        together,
        compared: alone.length,
        slight,
        trouble: `in company of other records ${describeDifference(difference)}`,
      };
  }
  return { together, compared: alone.length, slight };
}

/** Some rows of each output; an output that has not as many rows is left as it is, which no comparison takes for them. */
function sliceRows(
  outputs: readonly ModelTensor[],
  from: number,
  rows: number,
  total: number,
): readonly ModelTensor[] {
  return outputs.map((output) => {
    const { data, shape } = output;
    if (shape[0] !== total) return { ...output, shape: [-1] };
    const length = data.length / total;
    return {
      ...output,
      shape: [rows, ...shape.slice(1)],
      data: data.slice(from * length, (from + rows) * length),
    };
  });
}
