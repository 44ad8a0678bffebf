import type { Backend } from '../backend.ts';
import { diagnoseFlink } from './diagnoseFlink.ts';
import { addFlinkState } from './cluster/flinkStates.ts';
import { openCluster } from './cluster/openCluster.ts';
import { stopFlinkJobs } from './stopFlinkJobs.ts';
import { submitJob } from './submit/submitJob.ts';

/** Jobs on Flink clusters, by their REST interface. */
export const flinkBackend: Backend = {
  async check(options, parallelism, undo) {
    return { startedFlink: (await openCluster(options, parallelism, undo)).started };
  },
  diagnose: (loaded) => [{ check: 'Flink', look: () => diagnoseFlink(loaded) }],
  start: submitJob,
  async stop({ state, redis, workers, flinkJobs: jobs }) {
    return { workers: [], flinkJobs: await stopFlinkJobs({ state, redis, jobs, workers }) };
  },
  report: addFlinkState,
  // It is a part of a TaskManager, whose process shows nothing of it.
  isGone: () => false,
  placesOf: ({ flinkJobs = [] }) =>
    flinkJobs.map(
      ({ flinkRestUrl, jobId, configPath }) =>
        `on the Flink cluster at ${flinkRestUrl} (job ${jobId}) from ${configPath}`,
    ),
  joins: () => false,
};
