import { ServingError } from '../../../../schemas/errors.ts';
import type { Backend } from '../backend.ts';
import { diagnoseFlink } from './diagnoseFlink.ts';
import { addFlinkState } from './cluster/flinkStates.ts';
import { openCluster } from './cluster/openCluster.ts';
import { jobLogs } from './readJobLog.ts';
import { stopFlinkJobs } from './stopFlinkJobs.ts';
import { submitJob } from './submit/submitJob.ts';

/** Jobs on Flink clusters, by their REST interface. */
export const flinkBackend: Backend = {
  requireSense({ http, foreground, logFormat }) {
    if (http !== undefined && (http.port !== undefined || http.options.length > 0))
      throw new ServingError(
        'wrong-use',
        '--http is for a worker on this machine. For a job on Flink, run "cluster-serving http -c config.yaml" beside it.',
      );
    if (foreground)
      throw new ServingError(
        'wrong-use',
        '--foreground is for the embedded backend; Flink keeps its jobs itself.',
      );
    if (logFormat !== undefined)
      throw new ServingError(
        'wrong-use',
        '--log-format is for workers on this machine. On Flink, its own log4j.properties says how tasks log.',
      );
  },
  async check(options, parallelism, undo) {
    return { startedFlink: (await openCluster(options, parallelism, undo)).started };
  },
  diagnose: (loaded) => [{ check: 'Flink', look: () => diagnoseFlink(loaded) }],
  start: submitJob,
  async stop({ state, store, workers, flinkJobs: jobs }) {
    return { workers: [], flinkJobs: await stopFlinkJobs({ state, registry: store?.registry, jobs, workers }) };
  },
  report: addFlinkState,
  logs: (_, jobs) => ({ files: [], remote: jobLogs(jobs) }),
  // It is a part of a TaskManager, whose process shows nothing of it.
  isGone: () => false,
  placesOf: ({ flinkJobs = [] }) =>
    flinkJobs.map(
      ({ flinkRestUrl, jobId, configPath }) =>
        `on the Flink cluster at ${flinkRestUrl} (job ${jobId}) from ${configPath}`,
    ),
  joins: () => false,
};
