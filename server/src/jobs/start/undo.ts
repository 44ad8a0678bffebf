import { ServingError, messageOf } from '../../../../schemas/errors.ts';

/** Takes back one thing that a start has made. A sentence as the result says what was left on purpose. */
export type UndoStep = () => Promise<unknown>;

/** Runs a start. If it fails, or is aborted, what it has pushed is taken back in reverse order.
 *  @param start  is given the steps, and a check that throws once the start is cancelled
 *  @throws ServingError that says what was left, if anything was */
export async function withUndo<T>(
  signal: AbortSignal,
  start: (undo: UndoStep[], check: () => void) => Promise<T>,
): Promise<T> {
  const undo: UndoStep[] = [];
  const check = () => {
    if (signal.aborted)
      throw new ServingError('job-failed', 'The start was cancelled; nothing was left behind.');
  };
  try {
    return await start(undo, check);
  } catch (error) {
    const { left, failed } = await takeBack(undo);
    const rest = [...left, ...(failed.length > 0 ? ['Not all could be taken back:', ...failed] : [])];
    if (rest.length === 0) {
      check();
      throw error;
    }
    const why = signal.aborted ? 'The start was cancelled.' : messageOf(error);
    const code = error instanceof ServingError ? error.code : 'job-failed';
    throw new ServingError(code, [why, ...rest].join(' '), { cause: error });
  }
}

async function takeBack(undo: UndoStep[]): Promise<{ left: readonly string[]; failed: readonly string[] }> {
  const left: string[] = [];
  const failed: string[] = [];
  for (const step of undo.reverse())
    try {
      const sentence = await step();
      if (typeof sentence === 'string') left.push(sentence);
    } catch (error) {
      failed.push(messageOf(error));
    }
  return { left, failed };
}
