import { readFileSync, readdirSync } from 'node:fs';
import { hostname } from 'node:os';
import { dirname, join, resolve } from 'node:path';
import type { Config } from '../../../schemas/configKeys.ts';
import { ServingError, messageOf } from '../../../schemas/errors.ts';
import type { EngineMessage, Registration } from '../../../schemas/jobEvents.ts';
import { effectiveConfig } from '../config/effectiveConfig.ts';
import { formatProblem, readConfig } from '../config/readConfig.ts';
import { findModel } from '../model/findModel.ts';
import type { Model } from '../model/model.ts';
import { loadOnnxModel } from '../model/onnxModel.ts';
import { redisAddress } from '../queue/redisAddress.ts';
import { createRedisQueue, type RedisQueue } from '../queue/redisQueue.ts';
import { configDigest, register, unregister } from '../queue/workerRegistry.ts';
import { createDecoder } from './decodeRecord.ts';
import { createEncoder } from './encodeOutputs.ts';
import { createEngine } from './engine.ts';
import type { Log } from './log.ts';
import { createStatistics } from './statistics.ts';
import { createVitalSigns } from './vitalSigns.ts';

export interface WorkerOptions {
  readonly configPath: string;
  readonly workerId: string;
  readonly logFile: string;
  /** Overrides threadPerModel, as `cluster-serving-start -o` does. */
  readonly threads: number | undefined;
  /** The bundle of onnxWorker.ts. */
  readonly modelWorkerFile: string;
  readonly log: Log;
  readonly tell: (message: EngineMessage) => void;
  /** Called once with what stops the worker. */
  readonly onStoppable: (stop: () => void) => void;
}

/** How long a stop may take to finish what is in hand before the rest is left to another worker. */
const drainMs = 30_000;

/** Serves a job from its config until it is stopped; then everything it had in hand is answered.
 *  A start that fails leaves nothing behind; a worker that fails later leaves the reason in its registration.
 *  @throws ServingError */
export async function runWorker(options: WorkerOptions): Promise<void> {
  const { configPath, workerId, log, tell } = options;
  tell({ step: 'config' });
  const config = load(configPath);
  const folder = dirname(configPath);
  const modelFolder = resolve(folder, config.modelPath);
  const found = findModel(modelFolder, readdirSync);

  tell({ step: 'redis' });
  const queue = createRedisQueue({
    address: redisAddress(config, folder),
    jobName: config.jobName,
    workerId,
    claimIdleMs: config.claimIdleMs,
    resultTtlSeconds: config.resultTtlSeconds,
    onTrouble: onTrouble(log),
  });
  let registration: Registration | undefined;
  const progress = { ready: false };
  try {
    await queue.open();
    registration = registrationOf(config, options);
    await queue.run((redis) => register(redis, registration as Registration));
    tell({ step: 'model' });
    const { modelParallelism, threadPerModel } = effectiveConfig(config, found.type);
    const dying = new AbortController();
    const model = await loadOnnxModel({
      file: join(modelFolder, found.file),
      copies: modelParallelism,
      threads: options.threads ?? threadPerModel,
      batchSize: config.batchSize,
      workerFile: options.modelWorkerFile,
      onLoaded: () => {
        tell({ step: 'warm-up' });
      },
      onDeath: (error) => {
        dying.abort(error);
      },
    });
    const batches = model.batched ? `batches of up to ${config.batchSize}` : 'one record a run';
    log.info(`model ${join(modelFolder, found.file)} loaded, ${batches}`);
    await serve(
      options,
      config,
      queue,
      model,
      registration,
      { type: found.type, file: found.file, dying: dying.signal },
      () => {
        progress.ready = true;
      },
    );
    await queue.trim();
    await model.close();
    await queue.run((redis) => unregister(redis, workerId));
  } catch (error) {
    const note =
      progress.ready && registration
        ? queue.run((redis) =>
            register(redis, { ...(registration as Registration), failure: messageOf(error) }),
          )
        : queue.run((redis) => unregister(redis, workerId));
    await note.catch(() => undefined);
    throw error;
  } finally {
    await queue.close();
  }
}

interface ServedModel {
  readonly type: string;
  readonly file: string;
  /** Aborted with the reason when the model cannot run any more. */
  readonly dying: AbortSignal;
}

async function serve(
  { workerId, log, tell, onStoppable }: WorkerOptions,
  config: Config,
  queue: RedisQueue,
  model: Model,
  registration: Registration,
  { type, file, dying }: ServedModel,
  onReady: () => void,
): Promise<void> {
  const statistics = createStatistics(registration.startedAt);
  const engine = createEngine({
    queue,
    model,
    decode: createDecoder({
      inputs: model.inputs,
      batched: model.batched,
      inputAlreadyBatched: config.inputAlreadyBatched,
      imageResize: config.imageResize,
    }),
    encode: createEncoder(config.postProcessing),
    batchSize: config.batchSize,
    batchTimeoutMs: config.batchTimeoutMs,
    maxDeliveries: config.maxDeliveries,
    statistics,
    log,
  });
  const signs = createVitalSigns({
    queue,
    log,
    onStopAsked: stop,
    heartbeat: (state) => ({
      workerId,
      jobName: config.jobName,
      at: Date.now(),
      state,
      modelType: type,
      modelFile: file,
      inputs: model.inputs,
      outputs: model.outputs,
      batched: model.batched,
      // A filter makes one text of a record, whatever its rows.
      rowsPerRecord: engine.batched && !config.postProcessing ? config.batchSize : 1,
      ...statistics.report(Date.now()),
      inHand: engine.inHand,
      takenOver: queue.takenOver,
      reconnects: queue.reconnects,
      rssBytes: process.memoryUsage.rss(),
    }),
  });
  let stopped = false;

  function stop(): void {
    if (stopped) return;
    stopped = true;
    log.info(`stopping: ${engine.inHand} records in hand`);
    signs.stopping();
    engine.stop();
    setTimeout(() => {
      log.error(
        `${engine.inHand} records were not finished within ${drainMs} ms; another worker will take them over`,
      );
      process.exit(1);
    }, drainMs).unref();
  }

  await signs.start();
  onStoppable(stop);
  dying.addEventListener('abort', stop);
  dying.throwIfAborted();
  onReady();
  tell({ ready: registration });
  log.info(`ready: job ${config.jobName}, worker ${workerId}, pid ${process.pid}`);
  try {
    await engine.run();
    dying.throwIfAborted();
  } finally {
    signs.end();
  }
  log.info(`stopped after ${statistics.processed} records`);
}

function load(configPath: string): Config {
  const text = readFileSync(configPath, 'utf8');
  const { config, problems } = readConfig(text, { env: (name) => process.env[name] });
  if (config) return config;
  throw new ServingError(
    'config-invalid',
    problems.map((problem) => formatProblem(configPath, text, problem)).join('\n'),
  );
}

function registrationOf(config: Config, { workerId, configPath, logFile }: WorkerOptions): Registration {
  return {
    workerId,
    jobName: config.jobName,
    backend: 'embedded',
    host: hostname(),
    pid: process.pid,
    configPath,
    configDigest: configDigest(config),
    logFile,
    startedAt: Date.now(),
  };
}

/** Trouble is told once when it begins and once when it ends, not at every attempt. */
function onTrouble(log: Log): (message: string | null) => void {
  let last: string | null = null;
  return (message) => {
    if (message === last) return;
    if (message === null) log.info('Redis answers again');
    else log.warn(`waiting for Redis: ${message}`);
    last = message;
  };
}
