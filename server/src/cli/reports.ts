import type { OtherFlinkJob, SharingReport } from '../../../schemas/jobEvents.ts';
import type { RedisReport } from '../jobs/watch/knownRedis.ts';
import { paint, print, span } from './output.ts';

export interface Unreachable {
  readonly redis?: string;
  readonly error: string;
}

export function errorsOf(reports: readonly RedisReport[]): readonly Unreachable[] {
  return reports.flatMap(({ redis, error }) =>
    error === undefined ? [] : [{ ...(redis === undefined ? {} : { redis }), error }],
  );
}

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

export function noJobs(reports: readonly RedisReport[]): string {
  const places = reports.flatMap(({ redis }) => redis ?? []);
  return places.length === 0 ? 'No jobs are known here.' : `No jobs at ${places.join(', ')}.`;
}
