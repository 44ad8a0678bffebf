import { loadJobAddress } from '../../jobs/loadJobAddress.ts';
import { frontendsOf, readKnownJobs } from '../../jobs/watch/readKnownJobs.ts';
import { config, jobName, requireFile } from '../arguments.ts';
import { errorLines, jobLine, workerLines } from '../lines.ts';
import { defineTool } from '../tool.ts';

export const jobStatus = defineTool({ jobName, config }, async ({ jobName: name, config: path }) => {
  requireFile(path);
  const known = await readKnownJobs(path, name ?? loadJobAddress(path).jobName);
  const { jobs, errors } = known;
  const frontends = [...new Set(jobs.flatMap((job) => frontendsOf(job, known.frontends)))];
  return {
    text: [
      ...jobs.flatMap((job) => [
        jobLine(job),
        ...frontendsOf(job, frontends).map(({ url }) => `  HTTP frontend ${url}`),
        ...(job.flinkJobs ?? []).map(
          ({ jobId, state, flinkRestUrl }) => `  Flink job ${jobId}, ${state}, at ${flinkRestUrl}`,
        ),
        ...job.workers.flatMap(workerLines),
      ]),
      ...errorLines(errors),
    ],
    data: { jobs, frontends, errors },
  };
});
