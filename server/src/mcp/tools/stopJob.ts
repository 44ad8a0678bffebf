import * as z from 'zod';
import { drainJobs } from '../../jobs/stop/drainJobs.ts';
import { stopChosen } from '../../jobs/stop/stopChosen.ts';
import { config, jobName, requireFile } from '../arguments.ts';
import { counted } from '../lines.ts';
import { defineTool } from '../tool.ts';

export const stopJob = defineTool(
  {
    jobName,
    config,
    drain: z.boolean().default(false).describe('First answer all waiting records.'),
  },
  async ({ jobName: name, config: path, drain }, { signal, onProgress }) => {
    requireFile(path);
    const stopped = await stopChosen({
      config: path,
      name,
      ...(drain
        ? {
            before: (address, isWanted) =>
              drainJobs(address, isWanted, {
                signal,
                onLeft: (left) => onProgress(`${counted(left, 'record')} left`),
              }),
          }
        : {}),
    });
    const { workers, flinkJobs } = stopped;
    const forced = workers.filter((worker) => worker.forced);
    const job = `"${stopped.jobName ?? ''}"`;
    return {
      text: [
        workers.length + flinkJobs.length === 0
          ? `No job ${job} is running.`
          : [...workers, ...flinkJobs].every(({ wasDead }) => wasDead)
            ? `${job} had already died; it is no longer listed.`
            : `Stopped ${job}.`,
        ...forced.map(
          ({ registration }) =>
            `The worker with pid ${registration.pid} did not end in time and was killed; its records in flight stay in the queue.`,
        ),
      ],
      data: { jobName: stopped.jobName, stopped: workers, flinkJobs },
    };
  },
);
