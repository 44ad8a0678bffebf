import { l10n, window } from 'vscode';
import type { App, Handler } from '../../app.ts';
import type { QueueName } from '../../jobs/queues/queues.ts';
import { isQueueNode } from '../../views/queuesTree.ts';
import { reportError } from '../report.ts';
import { targetQueue } from './targetQueue.ts';

/** Shows a record decoded; without one, the first that waits. */
export function peekRecord(app: App): Handler {
  return async (argument) => {
    try {
      const queue = await targetQueue(app, argument);
      if (queue) await openRecord(app, queue, isQueueNode(argument) ? argument.recordId : undefined);
    } catch (error) {
      await reportError(app.log, error);
    }
  };
}

/** @param id  undefined for the first that waits */
export async function openRecord(app: App, queue: QueueName, id: string | undefined): Promise<void> {
  try {
    const record = await app.queues.peek(queue, id);
    if (record) app.recordPanel.show(record);
    else await window.showInformationMessage(l10n.t('No record waits in "{0}".', queue.jobName));
  } catch (error) {
    await reportError(app.log, error);
  }
}
