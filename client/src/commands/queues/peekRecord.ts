import { l10n, window } from 'vscode';
import type { App, Handler } from '../../app.ts';
import { createRecordPanel } from '../../views/recordPanel.ts';
import { isQueueNode } from '../../views/queuesTree.ts';
import { reportError } from '../report.ts';
import { targetQueue } from './targetQueue.ts';

/** Shows a record decoded; without one, the first that waits. */
export function peekRecord(app: App): Handler {
  const panel = createRecordPanel();
  return async (argument) => {
    try {
      const queue = await targetQueue(app, argument);
      if (!queue) return;
      const record = await app.queues.peek(queue, isQueueNode(argument) ? argument.recordId : undefined);
      if (record) panel.show(record);
      else await window.showInformationMessage(l10n.t('No record waits in "{0}".', queue.jobName));
    } catch (error) {
      await reportError(app.log, error);
    }
  };
}
