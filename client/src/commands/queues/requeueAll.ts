import { l10n } from 'vscode';
import type { App, Handler } from '../../app.ts';
import { confirm } from '../confirm.ts';
import { changeQueue, moveRecords } from './changeQueue.ts';
import { queuesText, targetQueues } from './targetQueue.ts';

/** Puts all dead letters of queues back. */
export function requeueAll(app: App): Handler {
  return (argument, selection) =>
    changeQueue(app, async () => {
      const queues = await targetQueues(app, 'requeueAll', argument, selection);
      if (queues.length === 0) return;
      const agreed = await confirm(
        l10n.t('Put all dead letters of {0} back into the queue?', queuesText(queues)),
        l10n.t('They are answered again. What kills the worker will kill it again.'),
        l10n.t('Put Back'),
      );
      if (!agreed) return;
      const items = queues.map((queue) => ({ queue }));
      await moveRecords(app, items, ({ queue }) => app.queues.requeue(queue, undefined));
    });
}
