import { workerJob } from '../config/workerJob.ts';
import { runtimesFolder, stateFolderPath } from '../jobs/machine/stateFolderPath.ts';
import { diskFiles } from '../model/recognise/diskFiles.ts';
import { resolveModel } from '../model/resolveModel.ts';
import { redisAddress } from '../queue/redis/redisAddress.ts';
import { createRedisQueue } from '../queue/redisQueue.ts';
import { configDigest } from '../queue/registry/workerRegistry.ts';
import { loadConfig } from '../workspace/loadConfig.ts';
import { onRefused, onTrouble, runAssignment, type WorkerOptions } from './worker.ts';

/** A worker of the embedded backend, which reads its job's config itself. */
export interface EmbeddedWorkerOptions extends WorkerOptions {
  readonly configPath: string;
  /** Overrides threadPerModel, as `cluster-serving-start -o` does. */
  readonly threads: number | undefined;
}

/** Serves a job from its config until it is stopped; then all its records in flight are answered.
 *  @throws ServingError */
export async function runWorker(options: EmbeddedWorkerOptions): Promise<void> {
  const { configPath, workerId, log, report, threads } = options;
  report({ step: 'config' });
  const { config, folder } = loadConfig(configPath);
  const model = await resolveModel({
    config,
    configFolder: folder,
    files: diskFiles,
    search: { env: process.env, installedIn: runtimesFolder(stateFolderPath()) },
  });
  const job = workerJob(config, {
    configPath,
    configDigest: configDigest(config),
    modelType: model.found.type,
    threads,
  });

  report({ step: 'redis' });
  const queue = createRedisQueue({
    address: redisAddress(config, folder),
    jobName: config.jobName,
    workerId,
    claimIdleMs: config.claimIdleMs,
    resultTtlSeconds: config.resultTtlSeconds,
    onTrouble: onTrouble(log),
    onRefused: onRefused(log),
  });
  await runAssignment(options, { job, backend: 'embedded', model, queue, leavesFailure: false });
}
