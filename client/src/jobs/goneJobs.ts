import type { JobReport } from '../../../schemas/jobEvents.ts';
import { jobId } from './jobStore.ts';

/** The jobs that are known and no longer there.
 *  @param listed  the jobs that are there now
 *  @param complete  each Redis all of whose jobs are listed, as host:port */
export function goneJobs(
  known: readonly JobReport[],
  listed: readonly JobReport[],
  complete: readonly string[],
): readonly JobReport[] {
  const there = new Set(listed.map(jobId));
  return known.filter((job) => complete.includes(job.redis) && !there.has(jobId(job)));
}
