import { ServingError } from '../../../../schemas/errors.ts';
import { splitNames, withQueue, type QueueOptions } from './options.ts';
import { reportChange } from './report.ts';

export async function requeueCommand(
  names: readonly string[],
  options: QueueOptions & { readonly all?: boolean },
): Promise<number> {
  const { jobName: name, ids } = splitNames(names);
  if (ids.length > 0 === (options.all === true))
    throw new ServingError('wrong-use', 'Name the dead letters by their ids, or say --all.');
  return withQueue(name, options, async ({ store: { queues }, jobName }) =>
    reportChange(
      options.all ? await queues.requeueAll(jobName) : await queues.requeue(jobName, ids),
      'Put back',
      options.json,
    ),
  );
}
