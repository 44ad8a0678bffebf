import { readdirSync } from 'node:fs';
import { hostname } from 'node:os';
import { dirname, join, resolve } from 'node:path';
import type { Config } from '../../../schemas/configKeys.ts';
import { messageOf } from '../../../schemas/errors.ts';
import type {
  EngineMessage,
  Heartbeat,
  Registration,
  SharingReport,
  TensorInfo,
  WorkerState,
} from '../../../schemas/jobEvents.ts';
import { createImageDecoder } from '../codec/image/imageThread.ts';
import { effectiveConfig } from '../config/effectiveConfig.ts';
import { findModel } from '../model/findModel.ts';
import type { Model } from '../model/model.ts';
import { readLabels, type Labels } from '../model/labels.ts';
import { loadOnnxModel } from '../model/onnxModel.ts';
import type { Sharing } from '../model/sharing.ts';
import { redisAddress } from '../queue/redis/redisAddress.ts';
import { createRedisQueue, type RedisQueue } from '../queue/redisQueue.ts';
import { configDigest } from '../queue/registry/workerRegistry.ts';
import { loadConfig } from '../workspace/loadConfig.ts';
import { systemClock } from './clock.ts';
import { createDecoder } from './decodeRecord.ts';
import { createEncoder } from './encodeOutputs.ts';
import { createEngine } from './engine.ts';
import type { Log } from './log.ts';
import { createStatistics } from './statistics.ts';
import { createVitalSigns, type VitalSigns } from './vitalSigns.ts';

export interface WorkerOptions {
  readonly configPath: string;
  readonly workerId: string;
  readonly logFile: string;
  /** Overrides threadPerModel, as `cluster-serving-start -o` does. */
  readonly threads: number | undefined;
  /** The bundle of onnxWorker.ts. */
  readonly modelWorkerFile: string;
  /** The bundle of imageWorker.ts. */
  readonly imageWorkerFile: string;
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
  const { config } = loadConfig(configPath);
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
    onRefused: ({ record }, reason) =>
      log.error(`record ${record.id} (uri ${record.uri ?? 'none'}) given up: ${reason}`),
  });
  let signs: VitalSigns | undefined;
  let registration: Registration | undefined;
  const stopping = stopSwitch();
  const progress = { ready: false };
  try {
    await queue.open();
    registration = registrationOf(config, options, queue.now());
    signs = createVitalSigns({ queue, registration, log, onStopAsked: stopping.stop });
    await signs.start();
    tell({ step: 'model' });
    const { modelParallelism, threadPerModel } = effectiveConfig(config, found.type);
    const dying = new AbortController();
    const model = await loadOnnxModel({
      file: join(modelFolder, found.file),
      copies: modelParallelism,
      threads: options.threads ?? threadPerModel,
      batchSize: config.batchSize,
      batching: config.batching,
      workerFile: options.modelWorkerFile,
      onLoaded: () => {
        tell({ step: 'warm-up' });
      },
      onDeath: (error) => {
        dying.abort(error);
      },
    });
    const labels = readLabels(modelFolder, model.outputs, model.labels);
    registration = withLabels(registration, labels, log);
    for (const line of lossyOutputs(model.outputs)) log.warn(line);
    const { shared, reason } = model.sharing;
    const batches = shared ? `batches of up to ${config.batchSize}` : 'one record a run';
    log.info(`model ${join(modelFolder, found.file)} loaded, ${batches}: ${reason}`);
    await serve(
      options,
      config,
      queue,
      model,
      { registration, signs, stopping },
      { type: found.type, file: found.file, labels, dying: dying.signal },
      () => {
        progress.ready = true;
      },
    );
    await queue.trim();
    await model.close();
    await queue.forget(workerId);
  } catch (error) {
    // A beat that is still under way would write again what is taken back here.
    await signs?.end();
    const note =
      progress.ready && registration ? queue.fail(registration, messageOf(error)) : queue.forget(workerId);
    await note.catch(() => undefined);
    throw error;
  } finally {
    await queue.close();
  }
}

/** What a running worker is: as it is registered, how it shows that it lives, and how it is stopped. */
interface Life {
  readonly registration: Registration;
  readonly signs: VitalSigns;
  readonly stopping: StopSwitch;
}

/** A stop may be asked for before there is something to stop. */
interface StopSwitch {
  readonly stop: () => void;
  /** Calls `stop` once, when it is asked for or if it was. */
  onStop(stop: () => void): void;
}

function stopSwitch(): StopSwitch {
  const asked = new AbortController();
  return {
    stop: () => asked.abort(),
    onStop(stop) {
      if (asked.signal.aborted) stop();
      else asked.signal.addEventListener('abort', stop);
    },
  };
}

interface ServedModel {
  readonly type: string;
  readonly file: string;
  readonly labels: Labels;
  /** Aborted with the reason when the model cannot run any more. */
  readonly dying: AbortSignal;
}

async function serve(
  { workerId, log, tell, onStoppable, imageWorkerFile }: WorkerOptions,
  config: Config,
  queue: RedisQueue,
  model: Model,
  { registration, signs, stopping }: Life,
  { type, file, labels, dying }: ServedModel,
  onReady: () => void,
): Promise<void> {
  const statistics = createStatistics(performance.now());
  const images = createImageDecoder(imageWorkerFile);
  const engine = createEngine({
    queue,
    model,
    decode: createDecoder({
      inputs: model.inputs,
      batched: model.sharing.shared,
      inputAlreadyBatched: config.inputAlreadyBatched,
      imageResize: config.imageResize,
      images,
    }),
    encode: createEncoder(config.postProcessing, model.outputs, config.labelResults ? labels : undefined),
    batchSize: config.batchSize,
    batchTimeoutMs: config.batchTimeoutMs,
    maxDeliveries: config.maxDeliveries,
    statistics,
    log,
    clock: systemClock(() => queue.now()),
  });
  const heartbeat = (state: WorkerState): Heartbeat => ({
    workerId,
    jobName: config.jobName,
    at: Math.round(queue.now()),
    state,
    modelType: type,
    modelFile: file,
    inputs: model.inputs,
    outputs: model.outputs,
    batched: engine.sharing.shared,
    sharing: reportOf(engine.sharing),
    forms: ['original', 'typed'],
    // A filter makes one text of a record, whatever its rows.
    rowsPerRecord: engine.sharing.shared && !config.postProcessing ? config.batchSize : 1,
    ...statistics.report(performance.now()),
    inHand: engine.inFlight,
    takenOver: queue.takenOver,
    reconnects: queue.reconnects,
    rssBytes: process.memoryUsage.rss(),
    clockAheadMs: queue.clockAheadMs,
  });

  function stop(): void {
    log.info(`stopping: ${engine.inFlight} records in flight`);
    signs.stopping();
    engine.stop();
    setTimeout(() => {
      log.error(
        `${engine.inFlight} records were not finished within ${drainMs} ms; another worker will take them over`,
      );
      process.exit(1);
    }, drainMs).unref();
  }

  await signs.ready(heartbeat, registration);
  stopping.onStop(stop);
  onStoppable(stopping.stop);
  dying.addEventListener('abort', stopping.stop);
  dying.throwIfAborted();
  onReady();
  tell({ ready: registration, sharing: reportOf(engine.sharing) });
  log.info(`ready: job ${config.jobName}, worker ${workerId}, pid ${process.pid}`);
  try {
    await engine.run();
    dying.throwIfAborted();
  } finally {
    await signs.end();
    await images.close();
  }
  log.info(`stopped after ${statistics.processed} records`);
}

function reportOf({ shared, reason }: Sharing): SharingReport {
  return { shared, reason };
}

function registrationOf(
  config: Config,
  { workerId, configPath, logFile }: WorkerOptions,
  now: number,
): Registration {
  return {
    workerId,
    jobName: config.jobName,
    backend: 'embedded',
    host: hostname(),
    pid: process.pid,
    configPath,
    configDigest: configDigest(config),
    logFile,
    startedAt: Math.round(now),
  };
}

/** More would make every look at the jobs expensive. */
const maxLabelBytes = 64 * 1024;

function withLabels(registration: Registration, labels: Labels, log: Log): Registration {
  if (labels.size === 0) return registration;
  const byOutput = Object.fromEntries(labels);
  if (JSON.stringify(byOutput).length <= maxLabelBytes) return { ...registration, labels: byOutput };
  log.warn(`the names of the classes are longer than ${maxLabelBytes} bytes: frontends do not get them`);
  return registration;
}

/** Said once at the start: what the original's clients lose. */
function lossyOutputs(outputs: readonly TensorInfo[]): string[] {
  const lossy = new Set(['int32', 'uint32', 'int64', 'uint64', 'float64']);
  return outputs.flatMap(({ name, type }) => {
    if (type === 'string')
      return [
        `output "${name}" holds strings: clients of the original's form do not get it beside other outputs`,
      ];
    if (!lossy.has(type)) return [];
    return [
      `output "${name}" is ${type}: clients of the original's form read float32 and may lose digits; HTTP keeps them`,
    ];
  });
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
