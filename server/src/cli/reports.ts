import type { OtherFlinkJob, SharingReport } from '../../../schemas/jobEvents.ts';
import type { Unreachable } from '../jobs/watch/readKnownJobs.ts';
import { paint, print, span } from './output.ts';

/** A Redis that does not answer may have jobs that are not listed. */
export function printErrors(errors: readonly Unreachable[]): void {
  for (const { error } of errors) print(paint('yellow', error));
}

/** What else runs on the same clusters, in a part of its own. */
export function printOtherFlinkJobs(jobs: readonly OtherFlinkJob[]): void {
  if (jobs.length === 0) return;
  print(paint('gray', 'Other jobs on these Flink clusters, which are left alone:'));
  for (const { name, jobId, state, flinkRestUrl, startedAt } of jobs)
    print(paint('gray', `  ${name}  ${state}@${flinkRestUrl}  up ${span(Date.now() - startedAt)}  ${jobId}`));
}

export function sharingText({ shared, reason }: SharingReport): string {
  return `${shared ? 'Records are batched' : 'Records are not batched'}: ${reason}.`;
}

/** @param places  each Redis that is known, as host:port */
export function noJobs(places: readonly string[]): string {
  return places.length === 0 ? 'No jobs are known here.' : `No jobs at ${places.join(', ')}.`;
}
