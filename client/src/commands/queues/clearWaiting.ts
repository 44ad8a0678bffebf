import { l10n } from 'vscode';
import type { App, Handler } from '../../app.ts';
import { changeQueue, confirm } from './changeQueue.ts';
import { targetQueue } from './targetQueue.ts';

/** Forgets what waits in a queue. */
export function clearWaiting(app: App): Handler {
  return (argument) =>
    changeQueue(app, async () => {
      const queue = await targetQueue(app, argument);
      if (!queue) return undefined;
      const agreed = await confirm(
        l10n.t('Clear the records that wait in "{0}"?', queue.jobName),
        l10n.t('They are gone for good, and their clients get no answer.'),
        l10n.t('Clear'),
      );
      if (agreed) await app.queues.clear(queue, 'waiting');
      return undefined;
    });
}
