import { ServingError, messageOf } from '../../../schemas/errors.ts';
import { unanswerable } from '../../../schemas/redis/redisKeys.ts';
import { shellWord } from '../../../schemas/programs/shellWord.ts';
import type { Payload } from '../queue/payload.ts';
import { elementsOf } from '../tensor/elementsOf.ts';
import type { Tensor } from '../tensor/tensor.ts';
import { failureOf, predictionOf, type Prediction } from './prediction.ts';

/** What became of a question: its prediction, or why it has none. */
export type Outcome =
  { readonly prediction: Prediction } | { readonly error: string; readonly reason?: string };

export const lateOutcome: Outcome = { error: 'no result in time' };

/** What the record's sender can correct before it is sent. */
export function refusal(error: unknown): Outcome {
  if (!(error instanceof ServingError)) throw error;
  return { error: error.code, reason: error.message };
}

/** @param value  what a worker has written; undefined where that did not come in time
 *  @param reason  of the record's dead letter */
export function outcomeOf(value: Payload | undefined, reason: string | undefined): Outcome {
  if (value === undefined) return lateOutcome;
  try {
    if (value !== unanswerable) return { prediction: predictionOf(value) };
    return reason === undefined ? { error: unanswerable } : refusal(failureOf(reason));
  } catch (error) {
    return error instanceof ServingError ? refusal(error) : { error: messageOf(error) };
  }
}

/** An outcome as JSON shows it: tensors, the filter's list, or the error with its reason. */
export function readableOutcome(outcome: Outcome): Record<string, unknown> {
  if ('error' in outcome) return outcome;
  const { prediction } = outcome;
  if (typeof prediction === 'string') return { filtered: JSON.parse(prediction) as unknown };
  return { outputs: prediction.map((output) => ({ shape: output.shape, data: elementsOf(output) })) };
}

/** An outcome in a line, for people.
 *  @param seconds  how long the result was waited for */
export function outcomeText(
  outcome: Outcome,
  { jobName, seconds }: { readonly jobName: string; readonly seconds: number },
): string {
  if ('error' in outcome) {
    if (outcome.reason !== undefined) return outcome.reason;
    if (outcome.error === unanswerable) return "not answered; the job's log has the reason";
    return `no result within ${seconds} s; if no worker has it yet it was taken back. Does the job run? ("cluster-serving status ${shellWord(jobName)}")`;
  }
  const { prediction } = outcome;
  if (typeof prediction === 'string') return prediction;
  return prediction.map(outputText).join('; ');
}

const shownValues = 10;

function outputText(output: Tensor): string {
  const elements = elementsOf(output);
  const shown = elements.slice(0, shownValues).map(elementText).join(', ');
  const rest = elements.length > shownValues ? ', …' : '';
  const shape = `[${output.shape.join('×')}]`;
  if (output.type === 'string') return `${shape} ${shown}${rest}`;
  const best = elements.reduce<number>((at, x, i) => (Number(x) > Number(elements[at] ?? NaN) ? i : at), 0);
  const highest = elements.length > 1 ? ` highest at ${best} (${elementText(elements[best] ?? NaN)})` : '';
  return `${shape}${highest}: ${shown}${rest}`;
}

function elementText(element: number | string | boolean): string {
  if (typeof element === 'number' && !Number.isInteger(element)) return element.toPrecision(4);
  return String(element);
}
