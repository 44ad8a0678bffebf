import { l10n } from 'vscode';
import type { App, Handler } from '../../app.ts';
import { changeQueue, confirm } from './changeQueue.ts';
import { selectedRecords, type ChosenRecords } from './targetQueue.ts';

/** Takes the selected records out of the queue, or out of the hands of their workers. */
export function killRecord(app: App): Handler {
  return async (argument, selection) => {
    const records = selectedRecords(argument, selection);
    if (records) await killRecords(app, records);
  };
}

export async function killRecords(app: App, { queue, ids }: ChosenRecords): Promise<void> {
  const agreed = await confirm(
    ids.length === 1
      ? l10n.t('Move 1 record to the dead letters?')
      : l10n.t('Move {0} records to the dead letters?', ids.length),
    l10n.t('Their clients get NaN, and what a worker still makes of them is dropped.'),
    l10n.t('Move'),
  );
  if (agreed) await changeQueue(app, () => app.queues.kill(queue, ids));
}
