import { l10n } from 'vscode';
import type { App, Handler } from '../../app.ts';
import { changeQueue, confirm } from './changeQueue.ts';
import { targetQueue } from './targetQueue.ts';

/** Puts all dead letters of a queue back. */
export function requeueAll(app: App): Handler {
  return (argument) =>
    changeQueue(app, async () => {
      const queue = await targetQueue(app, argument);
      if (!queue) return undefined;
      const agreed = await confirm(
        l10n.t('Put all dead letters of "{0}" back into the queue?', queue.jobName),
        l10n.t('They are answered again. What kills the worker will kill it again.'),
        l10n.t('Put Back'),
      );
      return agreed ? app.queues.requeue(queue, undefined) : undefined;
    });
}
