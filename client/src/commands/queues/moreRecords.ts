import type { App, Handler } from '../../app.ts';
import { isQueueNode } from '../../views/queuesTree.ts';
import { reportError } from '../report.ts';

/** Shows the next part of a long list. */
export function moreRecords(app: App): Handler {
  return async (argument) => {
    try {
      if (isQueueNode(argument)) await argument.showMore?.();
    } catch (error) {
      await reportError(app.log, error);
    }
  };
}
