import type { Problem, ProblemCode, TextEdit } from '../../../../schemas/config/problems.ts';
import type { Context } from '../context.ts';

/** What is done about problems of some codes. */
export interface Correction {
  readonly codes: readonly ProblemCode[];
  /** The edits that make a problem go away; none when that needs a human. Bytes outside the edits stay as they are.
   *  @param text  the text that the problem was found in */
  readonly fix?: (problem: Problem, text: string) => TextEdit[];
  /** The fix changes nothing of what is read; all others are guesses, which only a human may take. */
  readonly isSafe?: true;
}

/** What may be wrong with a text that could be read. It reports problems of its codes and no others. */
export interface Rule extends Correction {
  readonly check: (context: Context) => Problem[];
}
