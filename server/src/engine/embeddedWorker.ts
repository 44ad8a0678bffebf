import type { Config } from '../../../schemas/config/configKeys.ts';
import { workerJob } from '../config/workerJob.ts';
import type { LineOutput } from '../http/withinWorker.ts';
import { runtimesFolder, stateFolderPath } from '../jobs/machine/stateFolderPath.ts';
import { diskFiles } from '../model/recognise/diskFiles.ts';
import { resolveModel } from '../model/resolveModel.ts';
import { redisAddress } from '../queue/redis/redisAddress.ts';
import { createRedisQueue } from '../queue/redisQueue.ts';
import { configDigest } from '../queue/registry/workerRegistry.ts';
import { loadConfig } from '../workspace/loadConfig.ts';
import { onRefused, onTrouble } from './queueLog.ts';
import { runAssignment, type WorkerOptions } from './worker.ts';

/** A worker of the embedded backend, which reads its job's config itself. */
export interface EmbeddedWorkerOptions extends WorkerOptions {
  readonly configPath: string;
  /** Overrides threadPerModel, as `cluster-serving-start -o` does. */
  readonly threads: number | undefined;
  readonly http: HttpSettings;
  /** 1 for the first process of this worker, and so on: what an earlier one left is taken over as from any dead worker. */
  readonly attempt: number;
}

/** How the worker answers HTTP, if it does. */
export interface HttpSettings {
  /** Overrides httpPort. */
  readonly port: number | undefined;
  /** Options of the frontend, each `name=value`. */
  readonly given: readonly string[];
  /** Takes the lines of its log. */
  readonly output: () => LineOutput;
  /** Where the bundles are. */
  readonly programFolder: string;
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
    consumerSuffix: options.attempt > 1 ? `.${options.attempt}` : '',
    claimIdleMs: config.claimIdleMs,
    resultTtlSeconds: config.resultTtlSeconds,
    onTrouble: onTrouble(log),
    onRefused: onRefused(log),
  });
  const serveHttp = httpOf(options.http, config, configPath);
  await runAssignment(
    { ...options, serveHttp },
    { job, backend: 'embedded', model, queue, leavesFailure: false },
  );
}

/** Only a worker that answers HTTP loads what that takes. */
function httpOf(
  { port, given, output, programFolder }: HttpSettings,
  config: Config,
  configPath: string,
): WorkerOptions['serveHttp'] {
  const wanted = port ?? config.httpPort;
  if (wanted < 0) return undefined;
  return async (worker) => {
    const { serveWithin } = await import('../http/withinWorker.ts');
    return serveWithin({
      config,
      configPath,
      port: wanted,
      given,
      worker,
      programFolder,
      output: output(),
    });
  };
}
