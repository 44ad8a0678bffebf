import type { App, Handler } from '../../app.ts';
import { jobId } from '../../jobs/jobStore.ts';
import { isJobNode } from '../../views/jobsTree.ts';
import { selectedJobs } from '../several/selected.ts';

/** Puts a job back where its name has it. */
export function unpinJob(app: App): Handler {
  return async (argument, selection) => {
    const several = selectedJobs('unpinJob', argument, selection)?.items;
    const one = isJobNode(argument) ? [argument] : [];
    for (const node of several ?? one) await app.pins.remove(jobId(node));
  };
}
