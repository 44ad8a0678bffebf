import { resultPrefix, unanswerable } from '../../../schemas/redis/redisKeys.ts';
import { ServingError } from '../../../schemas/errors.ts';
import { randomUUID } from 'node:crypto';
import type { Content } from '../ask/content.ts';
import { outcomeOf } from '../ask/outcome.ts';
import type { StoreLink } from '../queue/store.ts';
import { steadyClock } from '../queue/steadyClock.ts';
import type { Submission } from '../queue/submitter.ts';
import type { Target } from './target.ts';

/** A record that is to be written. */
interface Item {
  readonly bytes: number;
  readonly submission: Submission;
}

/** Asks through the queue, as clients of the queue do: what is sent at the same time is written together, and results are
 *  waited for by the channel that announces them. Records without a result in time are taken back. */
export function queueTarget(
  link: StoreLink,
  jobName: string,
  contents: readonly Content[],
  timeoutMs: number,
): Target {
  const waiter = link.createResultWaiter(jobName, resultPrefix(jobName), { onTaken: () => undefined });
  const submitter = link.createSubmitter<Item>(jobName, {
    timeWindowMs: 0,
    countWindow: 1,
    recordsOf: (items) => items.map(({ submission }) => submission),
    onWritten: () => undefined,
  });
  const run = randomUUID();
  let asked = 0;

  async function ask(): Promise<string | undefined> {
    const content = contents[asked % contents.length] as Content;
    const uri = `bench-${run}-${asked++}`;
    const deadline = steadyClock.steadyMs() + timeoutMs;
    let entry: string | undefined;
    const result = waiter.wait(uri, deadline);
    submitter.add({
      bytes: content.data.length,
      submission: {
        record: { uri, deadline, ...content },
        onPut: (id) => (entry = id),
        onFailed: (error) => waiter.fail(uri, error),
      },
    });
    try {
      const value = await result;
      if (value === undefined) {
        if (entry !== undefined) await submitter.withdraw([entry]);
        return 'timeout';
      }
      if (value === unanswerable) return 'not-answered';
      const outcome = outcomeOf(value, undefined);
      return 'error' in outcome ? outcome.error : undefined;
    } catch (error) {
      return error instanceof ServingError ? error.code : 'unexpected';
    }
  }

  return {
    ask,
    bytes: contents[0]?.data.length ?? 0,
    close: () => waiter.close(),
  };
}
