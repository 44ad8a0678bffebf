import type { App, Handler } from '../../app.ts';
import { runStart } from './startJob.ts';
import { targetConfig } from '../target.ts';

/** Stops the job of a config, if it runs, and starts it. */
export function restartJob(app: App): Handler {
  return async (argument) => {
    const target = await targetConfig(app, argument);
    if (target) await runStart(app, target, 'restart');
  };
}
