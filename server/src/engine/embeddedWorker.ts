import { dirname, resolve } from 'node:path';
import type { Config } from '../../../schemas/config/configKeys.ts';
import type { LineOutput } from '../http/withinWorker.ts';
import { createQueue } from '../queue/createQueue.ts';
import { storeAddress } from '../queue/storeAddress.ts';
import { onRefused, onTrouble } from './queueLog.ts';
import { createConfigTargets } from './reload/configTargets.ts';
import type { WorkerOptions } from './assignment.ts';
import { runAssignment } from './worker.ts';

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
  const source = createConfigTargets({ configPath, threads, onApply: (config) => queue.apply(config) });
  const first = await source.first();
  const { config, job, model } = first;

  report({ step: 'redis' });
  const queue = await createQueue({
    address: storeAddress(config, dirname(resolve(configPath))),
    jobName: config.jobName,
    workerId,
    consumerSuffix: options.attempt > 1 ? `.${options.attempt}` : '',
    claimIdleMs: config.claimIdleMs,
    resultTtlSeconds: config.resultTtlSeconds,
    onTrouble: onTrouble(log, config.queueUsed === 'kafka' ? 'Kafka' : 'Redis'),
    partitions: Math.max(1, config.modelParallelism),
    onRefused: onRefused(log),
    onLoss: (sentence) => log.error(sentence),
  });
  const serveHttp = httpOf(options, config);
  await runAssignment(
    { ...options, serveHttp },
    {
      job,
      backend: 'embedded',
      model,
      queue,
      leavesFailure: false,
      reloads: { source, first, backlog: () => queue.backlog() },
    },
  );
}

/** Only a worker that answers HTTP loads what that takes. */
function httpOf(
  { http, configPath, tracing }: EmbeddedWorkerOptions,
  config: Config,
): WorkerOptions['serveHttp'] {
  const { port, given, output, programFolder } = http;
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
      tracing,
    });
  };
}
