import { ServingError } from '../../../../schemas/errors.ts';
import { splitNames, withQueue, type QueueOptions } from './options.ts';
import { reportChange } from './report.ts';

export async function killCommand(names: readonly string[], options: QueueOptions): Promise<number> {
  const { jobName: name, ids } = splitNames(names);
  if (ids.length === 0) throw new ServingError('wrong-use', 'Name the records by their ids.');
  return withQueue(name, options, async ({ store, jobName, config }) =>
    reportChange(
      await store.queues.killRecords(jobName, ids, config?.resultTtlSeconds ?? 0),
      'Moved to the dead letters',
      options.json,
    ),
  );
}
