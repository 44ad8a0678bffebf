import { env, l10n, window } from 'vscode';
import type { RecordPreview } from '../../../../schemas/redis/queueReports.ts';
import type { App, Handler } from '../../app.ts';
import { inOrder } from '../../jobs/several/inOrder.ts';
import { isQueueNode, type QueueNode } from '../../views/queuesTree.ts';
import { reportError } from '../report.ts';
import { selectedRecords } from '../several/selected.ts';

/** Copies what is known of records, decoded, to the clipboard: one as an object, several as an array. */
export function copyRecord(app: App): Handler {
  return async (argument, selection) => {
    if (!isQueueNode(argument)) return;
    try {
      const records = await read(app, argument, selection);
      const [first] = records;
      if (!first) return;
      await env.clipboard.writeText(JSON.stringify(records.length === 1 ? first : records, undefined, 2));
      window.setStatusBarMessage(
        records.length === 1
          ? l10n.t('The record is in the clipboard')
          : l10n.t('{0} records are in the clipboard', records.length),
        5_000,
      );
    } catch (error) {
      await reportError(app.log, error);
    }
  };
}

/** The records that are selected; of the row of a list, its first. */
async function read(app: App, node: QueueNode, selection: unknown): Promise<readonly RecordPreview[]> {
  const selected = selectedRecords('copyRecord', node, selection);
  if (selected)
    return (await inOrder(selected.items, ({ queue, ids }) => app.queues.previews(queue, ids))).flat();
  const first = await app.queues.peek(node.queue, undefined);
  return first ? [first] : [];
}
