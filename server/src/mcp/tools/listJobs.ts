import { readKnownJobs } from '../../jobs/watch/readKnownJobs.ts';
import { config, requireFile } from '../arguments.ts';
import { errorLines, jobLine } from '../lines.ts';
import { defineTool } from '../tool.ts';

export const listJobs = defineTool({ config }, async ({ config: path }) => {
  requireFile(path);
  const { jobs, frontends, otherFlinkJobs, errors, redis } = await readKnownJobs(path);
  const none = redis.length === 0 ? 'No jobs are known here.' : `No jobs at ${redis.join(', ')}.`;
  return {
    text: [
      ...(jobs.length === 0 ? [none] : jobs.map(jobLine)),
      ...frontends.map(({ url, jobNames }) => `HTTP frontend ${url} for ${jobNames.join(', ')}`),
      ...errorLines(errors),
    ],
    data: { jobs, frontends, otherFlinkJobs, errors },
  };
});
