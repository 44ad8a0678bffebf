import type { App, Handler } from '../../app.ts';
import { jobId } from '../../jobs/jobStore.ts';
import { isJobNode } from '../../views/jobsTree.ts';

/** Puts a job above all others. */
export function pinJob(app: App): Handler {
  return async (argument) => {
    if (isJobNode(argument)) await app.pins.toTop(jobId(argument));
  };
}
