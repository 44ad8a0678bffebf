import { ServingError } from '../../../../schemas/errors.ts';
import { openQueue, type OpenQueue } from '../../jobs/redis/openQueue.ts';
import { isRecordId } from '../../queue/recordId.ts';
import type { ConfigOption, JsonOption } from '../output.ts';

export interface QueueOptions extends ConfigOption, JsonOption {
  readonly redis?: string;
}

export interface PageOptions extends QueueOptions {
  readonly count: number;
  readonly after?: string;
}

export interface ListOptions extends PageOptions {
  /** Part of the uri or id. */
  readonly uri?: string;
}

/** Opens the queue that is meant, and closes it whatever happens. */
export async function withQueue<T>(
  jobName: string | undefined,
  { config, redis }: QueueOptions,
  use: (queue: OpenQueue) => Promise<T>,
): Promise<T> {
  const queue = await openQueue({ config, jobName, ...(redis === undefined ? {} : { redis }) });
  try {
    return await use(queue);
  } finally {
    queue.store.close();
  }
}

/** What stands on the command line of a change: a job's name may come before the ids.
 *  @throws ServingError "wrong-use" for what is no id */
export function splitNames(names: readonly string[]): {
  readonly jobName: string | undefined;
  readonly ids: readonly string[];
} {
  const [first, ...rest] = names;
  const isJob = first !== undefined && !isRecordId(first);
  const ids = isJob ? rest : names;
  const wrong = ids.find((id) => !isRecordId(id));
  if (wrong !== undefined)
    throw new ServingError('wrong-use', `"${wrong}" is no id of a record, which looks like 1700000000000-0.`);
  return { jobName: isJob ? first : undefined, ids };
}
