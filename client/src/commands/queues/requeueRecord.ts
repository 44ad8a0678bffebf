import type { App, Handler } from '../../app.ts';
import { changeQueue } from './changeQueue.ts';
import { selectedRecords, type ChosenRecords } from './targetQueue.ts';

/** Puts the selected dead letters back into their queue. */
export function requeueRecord(app: App): Handler {
  return async (argument, selection) => {
    const records = selectedRecords(argument, selection);
    if (records) await requeueRecords(app, records);
  };
}

export async function requeueRecords(app: App, { queue, ids }: ChosenRecords): Promise<void> {
  await changeQueue(app, () => app.queues.requeue(queue, ids));
}
