import type { App, Handler } from '../../app.ts';
import { reportError } from '../report.ts';
import { showPrediction } from './showPrediction.ts';
import { targetQueue } from '../queues/targetQueue.ts';

/** Sends a record of the right shape through a queue and shows the prediction. */
export function sendTestRecord(app: App): Handler {
  return async (argument) => {
    try {
      const queue = await targetQueue(app, argument);
      if (queue) await showPrediction(app, queue, (signal) => app.queues.sendTest(queue, signal));
    } catch (error) {
      await reportError(app.log, error);
    }
  };
}
