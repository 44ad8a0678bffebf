import { env, l10n, window } from 'vscode';
import type { App, Handler } from '../../app.ts';
import { isQueueNode } from '../../views/queuesTree.ts';
import { reportError } from '../report.ts';

/** Copies what is known of a record, decoded, to the clipboard. */
export function copyRecord(app: App): Handler {
  return async (argument) => {
    if (!isQueueNode(argument)) return;
    try {
      const record = await app.queues.peek(argument.queue, argument.recordId);
      if (!record) return;
      await env.clipboard.writeText(JSON.stringify(record, undefined, 2));
      window.setStatusBarMessage(l10n.t('The record is in the clipboard'), 5_000);
    } catch (error) {
      await reportError(app.log, error);
    }
  };
}
