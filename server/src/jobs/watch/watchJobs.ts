import type { JobEvent } from '../../../../schemas/jobEvents.ts';
import { storeText } from '../../queue/storeAddress.ts';
import { completeReports, isGone, isStopped } from '../backends.ts';
import { watchRedis, type WatchOptions } from './watchRedis.ts';

/** Reports every change of a Redis's jobs until aborted. */
export async function watchJobs(options: WatchOptions, emit: (event: JobEvent) => void): Promise<void> {
  const redis = storeText(options.address);
  let lastSent = '[]';
  await watchRedis(options, {
    async read({ registry }) {
      const [jobs, frontends] = await Promise.all([
        registry.readJobReports(redis, isGone),
        registry.readFrontends(redis),
      ]);
      const text = JSON.stringify(frontends);
      if (text !== lastSent) emit({ event: 'frontends', at: Date.now(), redis, frontends });
      lastSent = text;
      return jobs;
    },
    complete: async (jobs) => (await completeReports(jobs)).filter((job) => !isStopped(job)),
    // A heartbeat that says nothing new is no change, although its time and the worker's memory are others.
    changesOf: (job) =>
      JSON.stringify(job, (name, value: unknown) =>
        name === 'at' || name === 'rssBytes' ? undefined : value,
      ),
    onChange: (job) => emit({ event: 'job', at: Date.now(), job }),
    onGone: (jobName) => emit({ event: 'gone', at: Date.now(), jobName, redis }),
    onTrouble: (error, code) =>
      emit({ event: 'redis', at: Date.now(), redis, error, ...(code === undefined ? {} : { code }) }),
  });
}
