import { l10n } from 'vscode';
import type { App, Handler } from '../../app.ts';
import { inOrder } from '../../jobs/several/inOrder.ts';
import { confirm } from '../confirm.ts';
import { changeQueue } from './changeQueue.ts';
import { queuesText, targetQueues } from './targetQueue.ts';

/** Removes the dead letters of a queue. */
export function clearDead(app: App): Handler {
  return (argument, selection) =>
    changeQueue(app, async () => {
      const queues = await targetQueues(app, 'clearDead', argument, selection);
      if (queues.length === 0) return;
      const agreed = await confirm(
        l10n.t('Clear the dead letters of {0}?', queuesText(queues)),
        l10n.t('They are gone for good. Their clients got NaN when they were given up.'),
        l10n.t('Clear'),
      );
      if (agreed) await inOrder(queues, (queue) => app.queues.clear(queue, 'dead'));
    });
}
