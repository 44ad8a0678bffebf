import { statSync } from 'node:fs';
import * as z from 'zod';
import { ServingError } from '../../../schemas/errors.ts';
import { openQueue, type OpenQueue } from '../jobs/redis/openQueue.ts';
import { isRecordId } from '../queue/recordId.ts';

/* Arguments that several tools take. */

export const config = z
  .string()
  .min(1)
  .default('config.yaml')
  .describe('The config file; a relative path starts from the working folder of the server.');

export const jobName = z.string().min(1).optional().describe('The job; by default that of the config.');

export const recordId = z.string().refine(isRecordId, {
  error: 'it is no id of a record, which looks like 1700000000000-0',
});

/** What names a queue. */
export const ofQueue = {
  jobName,
  config,
  redis: z.string().optional().describe('host:port of the Redis to use, if several have a job of this name.'),
};

interface QueueArguments {
  readonly jobName?: string | undefined;
  readonly config: string;
  readonly redis?: string | undefined;
}

/** Opens the queue that is meant, and closes it whatever happens. */
export async function withQueue<T>(
  { config: path, jobName: name, redis }: QueueArguments,
  use: (queue: OpenQueue) => Promise<T>,
): Promise<T> {
  requireFile(path);
  const queue = await openQueue({
    config: path,
    jobName: name,
    ...(redis === undefined ? {} : { redis }),
  });
  try {
    return await use(queue);
  } finally {
    queue.store.close();
  }
}

/** A device or a pipe would be read for ever. What is not there is left to what reads it.
 *  @throws ServingError "wrong-use" */
export function requireFile(path: string): void {
  const stats = statSync(path, { throwIfNoEntry: false });
  if (stats && !stats.isFile() && !stats.isDirectory())
    throw new ServingError('wrong-use', `${path} is neither a file nor a folder.`);
}
