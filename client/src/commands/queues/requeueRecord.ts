import type { App, Handler } from '../../app.ts';
import { selectedRecords, type ChosenRecords, type Several } from '../several/selected.ts';
import { moveRecords } from './changeQueue.ts';

/** Puts the selected dead letters back into their queues. */
export function requeueRecord(app: App): Handler {
  return async (argument, selection) => {
    const records = selectedRecords('requeueRecord', argument, selection);
    if (records) await requeueRecords(app, records);
  };
}

export async function requeueRecords(app: App, { items, refused }: Several<ChosenRecords>): Promise<void> {
  await moveRecords(app, items, ({ queue, ids }) => app.queues.requeue(queue, ids), refused);
}
