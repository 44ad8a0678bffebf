import { l10n } from 'vscode';
import type { App, Handler } from '../../app.ts';
import { confirm } from '../confirm.ts';
import { selectedRecords, type ChosenRecords, type Several } from '../several/selected.ts';
import { moveRecords } from './changeQueue.ts';

/** Takes the selected records out of their queues, or out of the hands of their workers. */
export function killRecord(app: App): Handler {
  return async (argument, selection) => {
    const records = selectedRecords('killRecord', argument, selection);
    if (records) await killRecords(app, records);
  };
}

export async function killRecords(app: App, { items, refused }: Several<ChosenRecords>): Promise<void> {
  const count = items.reduce((sum, { ids }) => sum + ids.length, 0);
  const agreed = await confirm(
    count === 1
      ? l10n.t('Move 1 record to the dead letters?')
      : l10n.t('Move {0} records to the dead letters?', count),
    l10n.t('Their clients get NaN, and what a worker still makes of them is dropped.'),
    l10n.t('Move'),
  );
  if (!agreed) return;
  await moveRecords(app, items, ({ queue, ids }) => app.queues.kill(queue, ids), refused);
}
