import { l10n } from 'vscode';
import type { App, Handler } from '../../app.ts';
import { inOrder } from '../../jobs/several/inOrder.ts';
import { confirm } from '../confirm.ts';
import { changeQueue } from './changeQueue.ts';
import { queuesText, targetQueues } from './targetQueue.ts';

/** Forgets what waits in a queue. */
export function clearWaiting(app: App): Handler {
  return (argument, selection) =>
    changeQueue(app, async () => {
      const queues = await targetQueues(app, 'clearWaiting', argument, selection);
      if (queues.length === 0) return;
      const agreed = await confirm(
        l10n.t('Clear the records that wait in {0}?', queuesText(queues)),
        l10n.t('They are gone for good, and their clients get no answer.'),
        l10n.t('Clear'),
      );
      if (agreed) await inOrder(queues, (queue) => app.queues.clear(queue, 'waiting'));
    });
}
