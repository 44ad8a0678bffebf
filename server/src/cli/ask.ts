import { askRecords } from '../ask/askRecords.ts';
import { outcomeText, readableOutcome } from '../ask/outcome.ts';
import type { Question } from '../ask/questions.ts';
import { isGone } from '../jobs/backends.ts';
import type { OpenQueue } from '../jobs/redis/openQueue.ts';
import { paint, print, printJson, type JsonOption } from './output.ts';

/** Sends records through a job's queue and prints the results.
 *  @returns the exit code: 1 if one has no prediction */
export async function askAndPrint(
  { store, jobName }: Pick<OpenQueue, 'store' | 'jobName'>,
  questions: readonly Question[],
  { json, timeout }: JsonOption & { readonly timeout: number },
): Promise<number> {
  const { answers, summary } = await askRecords({ store, jobName }, questions, {
    timeoutMs: timeout * 1000,
    isGone,
  });
  for (const { question, outcome } of answers) {
    const { name } = question;
    if (json) {
      printJson({ name, ...readableOutcome(outcome) });
      continue;
    }
    const text = outcomeText(outcome, { jobName, seconds: timeout });
    print(`${name}: ${'error' in outcome ? paint('red', text) : text}`);
  }
  if (json) printJson({ summary });
  else if (questions.length > 1)
    print(`${summary.records} records in ${summary.seconds} s (${summary.recordsPerSecond}/s)`);
  return summary.failed > 0 ? 1 : 0;
}
