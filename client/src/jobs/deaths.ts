import type { JobReport } from '../../../schemas/jobEvents.ts';
import { jobId } from './jobStore.ts';

/** Which jobs have died since they were last looked at. */
export interface Deaths {
  /** @param isAnnounced  whether a job is being started or stopped from here
   *  @returns those that served at an earlier look and have failed now, each once */
  among(jobs: readonly JobReport[], isAnnounced: (id: string) => boolean): readonly JobReport[];
}

export function createDeaths(): Deaths {
  /** Those that served when they were last seen. What is not seen for a while is not forgotten. */
  const serving = new Set<string>();
  return {
    among(jobs, isAnnounced) {
      const dead: JobReport[] = [];
      for (const job of jobs) {
        const id = jobId(job);
        if (job.state === 'running' || job.state === 'full') serving.add(id);
        else if (job.state === 'stopped' || job.state === 'stopping') serving.delete(id);
        // A start or a stop from here says itself how it ended.
        else if (job.state === 'failed' && serving.delete(id) && !isAnnounced(id)) dead.push(job);
      }
      return dead;
    },
  };
}
