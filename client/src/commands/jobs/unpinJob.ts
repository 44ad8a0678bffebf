import type { App, Handler } from '../../app.ts';
import { jobId } from '../../jobs/jobStore.ts';
import { isJobNode } from '../../views/jobsTree.ts';

/** Puts a job back where its name has it. */
export function unpinJob(app: App): Handler {
  return async (argument) => {
    if (isJobNode(argument)) await app.pins.remove(jobId(argument));
  };
}
