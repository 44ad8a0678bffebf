import * as z from 'zod';
import { findLogs, lastLines, lastRemoteLines } from '../../jobs/readLogs.ts';
import { config, jobName, requireFile } from '../arguments.ts';
import { defineTool } from '../tool.ts';

const maxLines = 2_000;

export const jobLogs = defineTool(
  {
    jobName,
    config,
    lines: z.int().min(1).max(maxLines).default(100).describe('How many of the last lines of each log.'),
  },
  async ({ jobName: name, config: path, lines: most }) => {
    requireFile(path);
    const found = await findLogs(path, name);
    const logs = found.files.map((file) => ({ file, lines: lastLines(file, most) }));
    const onFlink = await Promise.all(
      found.remote.map(async (log) => ({
        cluster: log.place,
        lines: await lastRemoteLines(log, most),
      })),
    );
    return {
      text: [
        ...logs.flatMap(({ file, lines }) => [`${file}:`, ...lines]),
        ...onFlink.flatMap(({ cluster, lines }) => [`Flink at ${cluster}:`, ...lines]),
      ],
      data: { jobName: found.jobName, logs: [...logs, ...onFlink] },
    };
  },
);
