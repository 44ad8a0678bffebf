import { existsSync } from 'node:fs';
import { ServingError, messageOf } from '../../../../schemas/errors.ts';
import type { JobReport, OtherFlinkJob } from '../../../../schemas/jobEvents.ts';
import { loadConfig } from '../../workspace/loadConfig.ts';
import { endStates, listJobs } from './flinkJobs.ts';
import { flinkAddress, lookMs } from './cluster/flinkStates.ts';
import { flinkText } from './cluster/rest.ts';

export interface OtherFlinkJobs {
  readonly jobs: readonly OtherFlinkJob[];
  /** Why clusters could not be asked that no known job runs on. */
  readonly errors: readonly string[];
}

/** What else runs on the clusters of these jobs, and on that of the current config. One call for each cluster. */
export async function readOtherFlinkJobs(
  configPath: string,
  known: readonly JobReport[],
): Promise<OtherFlinkJobs> {
  const knownJobs = known.flatMap(({ flinkJobs = [] }) => flinkJobs);
  const ourIds = new Set(knownJobs.map(({ jobId }) => jobId));
  const spokenFor = new Set(knownJobs.map(({ flinkRestUrl }) => flinkRestUrl));
  const clusters = new Set([...spokenFor, ...clusterOf(configPath)]);
  const errors: string[] = [];
  const jobs = await Promise.all(
    [...clusters].map(async (flinkRestUrl) => {
      try {
        const listed = await listJobs(flinkAddress(flinkRestUrl), lookMs);
        return listed
          .filter(({ jobId, state }) => !ourIds.has(jobId) && !endStates.includes(state))
          .map((job) => ({ flinkRestUrl, ...job }));
      } catch (error) {
        if (!(error instanceof ServingError)) throw error;
        if (!spokenFor.has(flinkRestUrl)) errors.push(messageOf(error));
        return [];
      }
    }),
  );
  return { jobs: jobs.flat(), errors };
}

function clusterOf(configPath: string): readonly string[] {
  if (!existsSync(configPath)) return [];
  try {
    const { config } = loadConfig(configPath);
    return config.backend === 'flink' ? [flinkText(config.flinkRestUrl)] : [];
  } catch (error) {
    if (!(error instanceof ServingError)) throw error;
    // A config that cannot be read names no cluster; its start reports why.
    return [];
  }
}
