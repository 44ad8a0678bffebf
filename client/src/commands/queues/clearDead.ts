import { l10n } from 'vscode';
import type { App, Handler } from '../../app.ts';
import { changeQueue, confirm } from './changeQueue.ts';
import { targetQueue } from './targetQueue.ts';

/** Removes the dead letters of a queue. */
export function clearDead(app: App): Handler {
  return (argument) =>
    changeQueue(app, async () => {
      const queue = await targetQueue(app, argument);
      if (!queue) return undefined;
      const agreed = await confirm(
        l10n.t('Clear the dead letters of "{0}"?', queue.jobName),
        l10n.t('They are gone for good. Their clients got NaN when they were given up.'),
        l10n.t('Clear'),
      );
      if (agreed) await app.queues.clear(queue, 'dead');
      return undefined;
    });
}
