import type { ListedState, RecordsTarget } from '../../../../schemas/recordsPage.ts';
import type { App, Handler } from '../../app.ts';
import { createRecordsPanels } from '../../pages/recordsPanels.ts';
import { isJobNode } from '../../views/jobsTree.ts';
import { isQueueNode, type QueueNode } from '../../views/queuesTree.ts';
import { killRecords } from './killRecord.ts';
import { openRecord } from './peekRecord.ts';
import { requeueRecords } from './requeueRecord.ts';
import { targetQueue } from './targetQueue.ts';

/** Opens the table of a queue's records. */
export function openRecords(app: App): Handler {
  const panels = createRecordsPanels(app, {
    open: (queue, id) => openRecord(app, queue, id),
    change: (queue, kind, ids) =>
      (kind === 'requeue' ? requeueRecords : killRecords)(app, { items: [{ queue, ids }], refused: [] }),
  });
  return async (argument) => {
    const queue = isJobNode(argument) ? argument : await targetQueue(app, argument);
    if (!queue) return;
    const { jobName, redis } = queue;
    const state = isQueueNode(argument) ? lists[argument.kind] : undefined;
    const target: RecordsTarget = { jobName, redis, ...(state ? { state } : {}) };
    panels.show(target);
  };
}

/** The list that a row stands for. */
const lists: Partial<Record<QueueNode['kind'], ListedState>> = {
  waitingList: 'waiting',
  pendingList: 'pending',
  deadList: 'dead',
};
