import { l10n } from 'vscode';
import type { App, Handler } from '../../app.ts';
import { changeQueue, confirm } from './changeQueue.ts';
import { selectedRecords } from './targetQueue.ts';

/** Takes the selected records out of the queue, or out of the hands of their workers. */
export function killRecord(app: App): Handler {
  return async (argument, selection) => {
    const records = selectedRecords(argument, selection);
    if (!records) return;
    const agreed = await confirm(
      l10n.t('Move {0} records to the dead letters?', records.ids.length),
      l10n.t('Their clients get NaN, and what a worker still makes of them is dropped.'),
      l10n.t('Move'),
    );
    if (agreed) await changeQueue(app, () => app.queues.kill(records.queue, records.ids));
  };
}
