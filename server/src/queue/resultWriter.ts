import { messageOf } from '../../../schemas/errors.ts';
import { unanswerable } from '../../../schemas/redis/redisKeys.ts';
import type { Answer } from './recordQueue.ts';
import type { Patience } from './patience.ts';

export interface ResultWriterOptions {
  /** Writes answers and acknowledges their records, or fails: then some may be written.
   *  @throws ServingError "redis-…" or "kafka-…" */
  readonly writeOnce: (answers: readonly Answer[]) => Promise<void>;
  readonly patience: Patience;
  readonly troubles: StoreTroubles;
  /** Called with an answer that the store will never accept, and why. */
  readonly onRefused: (answer: Answer, reason: string) => void;
}

export interface ResultWriter {
  /** Writes answers and acknowledges their records; returns when all are written, or it is closed. */
  write(answers: readonly Answer[]): Promise<void>;
  close(): void;
}

/** A write of one answer that fails so often, while the store can be reached, will never succeed. */
const maxRefusals = 3;
/** Values at least this large, in characters, are suspected first of being too large. */
const largeValue = 65_536;

/** How a store's refusals are judged. */
export interface StoreTroubles {
  /** Its name in sentences. */
  readonly name: string;
  /** Whether it is a trouble of the store as a whole: that is waited out, whatever was to be written. */
  readonly concernAll: (error: unknown) => boolean;
}

/** Writes results until the store has taken them; a write may be repeated. What fails and is no trouble of all is divided, until what cannot be written is alone; that record is given
 *  up, and its neighbours are answered. */
export function createResultWriter(options: ResultWriterOptions): ResultWriter {
  const { writeOnce, patience } = options;
  let closed = false;

  /** @returns what is to be written in place of answers that Redis did not take together */
  function divide(answers: readonly Answer[], error: unknown, refusals: Map<Answer, number>): Answer[][] {
    const [only] = answers as readonly [Answer];
    if (answers.length > 1) {
      const largest = answers.reduce((a, b) => (sizeOf(b) > sizeOf(a) ? b : a));
      if (sizeOf(largest) >= largeValue) return [answers.filter((one) => one !== largest), [largest]];
      const half = Math.ceil(answers.length / 2);
      return [answers.slice(0, half), answers.slice(half)];
    }
    const times = (refusals.get(only) ?? 0) + 1;
    refusals.set(only, times);
    return [[times < maxRefusals ? only : givenUp(only, error)]];
  }

  function givenUp(answer: Answer, error: unknown): Answer {
    // Not even the mark that it has no answer can be written: what is left is to acknowledge the record.
    if (answer.value === unanswerable) return { ...answer, value: undefined };
    const bytes = Buffer.byteLength(answer.value ?? '');
    const reason = `result-refused: ${options.troubles.name} does not take the result of ${bytes} bytes. ${messageOf(error)}`;
    options.onRefused(answer, reason);
    return { record: answer.record, value: answer.value === undefined ? undefined : unanswerable, reason };
  }

  return {
    async write(answers) {
      const refusals = new Map<Answer, number>();
      const parts: (readonly Answer[])[] = [answers];
      for (let part = parts.shift(); part; part = parts.shift()) {
        try {
          await writeOnce(part);
          patience.over();
        } catch (error) {
          if (closed) return;
          await patience.after(error);
          if (options.troubles.concernAll(error)) parts.unshift(part);
          else parts.push(...divide(part, error, refusals));
        }
      }
    },
    close() {
      closed = true;
    },
  };
}

function sizeOf({ value }: Answer): number {
  return value?.length ?? 0;
}
