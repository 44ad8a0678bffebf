import { storeName } from '../../../../schemas/kafka/storeName.ts';
import * as z from 'zod';
import { configKeys } from '../../../../schemas/config/configKeys.ts';
import { openStateFolder } from '../../jobs/machine/stateFolder.ts';
import { programsIn } from '../../jobs/programs.ts';
import { startJob as start } from '../../jobs/start/startJob.ts';
import { loadConfig } from '../../workspace/loadConfig.ts';
import { config, requireFile } from '../arguments.ts';
import { counted } from '../lines.ts';
import { defineTool } from '../tool.ts';

export const startJob = defineTool(
  {
    config,
    workers: z.int().min(1).optional().describe('How many workers to add; also for a job that runs already.'),
    threads: z.int().min(1).optional().describe('Threads for each copy of the model.'),
    backend: z
      .enum(configKeys.backend.values)
      .optional()
      .describe('The backend to run on, in place of that of the config.'),
  },
  async ({ config: path, workers, threads, backend }, { programFolder, signal, onProgress }) => {
    requireFile(path);
    const loaded = loadConfig(path, backend);
    const warnings = [...loaded.warnings];
    const job = await start({
      state: openStateFolder(),
      loaded,
      programs: programsIn(programFolder),
      flink: {
        // A cluster is started by a person's word only.
        mayStartCluster: () => Promise.resolve(false),
      },
      threads,
      workers,
      foreground: false,
      signal,
      onStep: onProgress,
      // An agent cannot be kept waiting for a secret that a person has to send.
      waits: false,
      onNeeds: ({ message }) => onProgress(message),
      onWarning: (warning) => warnings.push(warning),
    });
    const pids = job.workers.map(({ pid }) => pid).join(', ');
    const where = job.flinkJob
      ? `job ${job.flinkJob.jobId} on Flink ${job.flinkJob.flinkRestUrl}`
      : `${counted(job.workers.length, 'worker')} (pid ${pids})`;
    return {
      text: [
        `"${job.jobName}" is serving: ${where}, ${storeName(job.redis)}${job.startedRedis ? ', which was started for it' : ''}.`,
        ...(job.sharing
          ? [`Records ${job.sharing.shared ? 'are batched' : 'are not batched'}: ${job.sharing.reason}.`]
          : []),
        ...warnings,
      ],
      data: { started: { ...job, ended: undefined }, warnings },
    };
  },
);
