import { mkdirSync, readFileSync, readdirSync } from 'node:fs';
import { hostname } from 'node:os';
import { dirname, join, resolve } from 'node:path';
import { parseArgs } from 'node:util';
import { ServingError, messageOf } from '../../../schemas/errors.ts';
import type { EngineMessage, Heartbeat, Registration, WorkerState } from '../../../schemas/jobEvents.ts';
import { heartbeatIntervalMs } from '../../../schemas/redisKeys.ts';
import { effectiveConfig } from '../config/effectiveConfig.ts';
import { formatProblem, readConfig } from '../config/readConfig.ts';
import { loadOnnxModel } from '../model/onnxModel.ts';
import { findModel } from '../model/findModel.ts';
import { redisAddress } from '../queue/redisAddress.ts';
import { createRedisQueue } from '../queue/redisQueue.ts';
import { beat, configDigest, isFull, register, unregister } from '../queue/workerRegistry.ts';
import { createDecoder } from './decodeRecord.ts';
import { createEncoder } from './encodeOutputs.ts';
import { createEngine } from './engine.ts';
import { openLog, type Log } from './log.ts';
import { createStatistics } from './statistics.ts';

/** One worker of one job: a process of its own, started by the jobs room and stopped by SIGTERM or by a key in Redis.
 *  Until it is ready it tells its steps over IPC; a starter that goes away before that takes it along. */

/** How long a stop may take to finish what is in hand before the rest is left to another worker. */
const drainMs = 30_000;
/** `maxmemory` is looked at every so many heartbeats. */
const beatsPerMemoryCheck = 5;

interface Arguments {
  readonly configPath: string;
  readonly workerId: string;
  readonly logFile: string;
  /** Overrides threadPerModel, as `cluster-serving-start -o` does. */
  readonly threads: number | undefined;
}

function tell(message: EngineMessage): void {
  if (process.connected) process.send?.(message);
}

async function serve({ configPath, workerId, logFile, threads }: Arguments, log: Log): Promise<void> {
  tell({ step: 'config' });
  const text = readFileSync(configPath, 'utf8');
  const { config, problems } = readConfig(text, { env: (name) => process.env[name] });
  if (!config)
    throw new ServingError(
      'config-invalid',
      problems.map((problem) => formatProblem(configPath, text, problem)).join('\n'),
    );
  const modelFolder = resolve(dirname(configPath), config.modelPath);
  const found = findModel(modelFolder, readdirSync);
  const effective = effectiveConfig(config, found.type);

  tell({ step: 'redis' });
  const queue = createRedisQueue({
    address: redisAddress(config, dirname(configPath)),
    jobName: config.jobName,
    workerId,
    maxDeliveries: config.maxDeliveries,
    claimIdleMs: config.claimIdleMs,
    resultTtlSeconds: config.resultTtlSeconds,
    onTrouble: onTrouble(log),
  });
  await queue.open();
  const startedAt = Date.now();
  const registration: Registration = {
    workerId,
    jobName: config.jobName,
    backend: config.backend,
    host: hostname(),
    pid: process.pid,
    configPath,
    configDigest: configDigest(config),
    logFile,
    startedAt,
  };
  await queue.run((redis) => register(redis, registration));

  let failing: ServingError | undefined;
  let stop: (() => void) | undefined;
  try {
    tell({ step: 'model' });
    const model = await loadOnnxModel({
      file: join(modelFolder, found.file),
      copies: effective.modelParallelism,
      threads: threads ?? effective.threadPerModel,
      workerFile: join(dirname(process.argv[1] ?? ''), 'modelWorker.cjs'),
      onDeath: (error) => {
        failing = error;
        stop?.();
      },
    });
    tell({ step: 'warm-up' });
    log.info(
      `model ${join(modelFolder, found.file)} loaded, ${model.batched ? 'batches of up to ' + String(config.batchSize) : 'one record a run'}`,
    );

    const statistics = createStatistics(startedAt);
    const decode = createDecoder({
      inputs: model.inputs,
      batched: model.batched,
      inputAlreadyBatched: config.inputAlreadyBatched,
      imageResize: config.imageResize,
    });
    const engine = createEngine({
      queue,
      model,
      decode,
      encode: createEncoder(config.postProcessing),
      batchSize: config.batchSize,
      batchTimeoutMs: config.batchTimeoutMs,
      maxDeliveries: config.maxDeliveries,
      statistics,
      log,
    });

    let state: WorkerState = 'ready';
    let beats = 0;
    let trimmedAt = -1;
    const heartbeat = (): Heartbeat => ({
      workerId,
      jobName: config.jobName,
      at: Date.now(),
      state,
      modelType: found.type,
      modelFile: found.file,
      inputs: model.inputs,
      outputs: model.outputs,
      batched: model.batched,
      ...statistics.report(Date.now()),
      inHand: engine.inHand,
      takenOver: queue.takenOver,
      reconnects: queue.reconnects,
      rssBytes: process.memoryUsage.rss(),
    });
    const live = async () => {
      if (state !== 'stopping' && beats++ % beatsPerMemoryCheck === 0) {
        const full = await queue.run(isFull);
        if (full && state !== 'full')
          log.warn(
            'Redis has reached its maxmemory: clients are refused until results are read or the limit is raised.',
          );
        state = full ? 'full' : 'ready';
      }
      const asked = await queue.run((redis) => beat(redis, heartbeat()));
      if (asked) stop?.();
      await queue.keepAlive();
      if (statistics.processed !== trimmedAt) {
        trimmedAt = statistics.processed;
        await queue.trim();
      }
    };
    await live();
    const ticker = setInterval(() => {
      // What goes wrong here goes wrong for the queue's own reads and writes too, which tell it.
      live().catch(() => undefined);
    }, heartbeatIntervalMs);

    stop = () => {
      if (state === 'stopping') return;
      state = 'stopping';
      log.info(`stopping: ${engine.inHand} records in hand`);
      engine.stop();
      setTimeout(() => {
        log.error(
          `${engine.inHand} records could not be finished within ${drainMs} ms; another worker will take them over`,
        );
        process.exit(1);
      }, drainMs).unref();
    };
    process.on('SIGTERM', stop);
    process.on('SIGINT', stop);
    if (failing) stop();

    tell({ ready: registration });
    log.info(`ready: job ${config.jobName}, worker ${workerId}, pid ${process.pid}`);
    process.removeListener('disconnect', leave);
    if (process.connected) process.disconnect();
    await engine.run();
    clearInterval(ticker);
    if (failing) throw failing as Error;
    await queue.run(async (redis) => {
      await beat(redis, heartbeat());
    });
    await queue.trim();
    await model.close();
    await queue.run((redis) => unregister(redis, workerId));
    log.info(`stopped after ${statistics.processed} records`);
  } catch (error) {
    // A start that failed leaves nothing behind; a job that failed leaves the reason.
    const note = stop
      ? queue.run((redis) => register(redis, { ...registration, failure: messageOf(error) }))
      : queue.run((redis) => unregister(redis, workerId));
    await note.catch(() => undefined);
    throw error;
  } finally {
    await queue.close();
  }
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

function leave(): void {
  process.exit(1);
}

function readArguments(): Arguments {
  const { values } = parseArgs({
    options: {
      config: { type: 'string' },
      worker: { type: 'string' },
      log: { type: 'string' },
      threads: { type: 'string' },
    },
  });
  const { config = '', worker = '', log = '', threads } = values;
  return {
    configPath: config,
    workerId: worker,
    logFile: log,
    threads: threads === undefined ? undefined : Number(threads),
  };
}

async function main(): Promise<void> {
  if (process.connected) process.on('disconnect', leave);
  const args = readArguments();
  let log: Log | undefined;
  try {
    mkdirSync(dirname(args.logFile), { recursive: true });
    log = openLog(args.logFile);
    const opened = log;
    process.on('uncaughtException', (error) => {
      opened.error('unexpected error', error);
      tell({ failed: { code: 'job-failed', message: messageOf(error) } });
      process.exit(1);
    });
    await serve(args, log);
    process.exit(0);
  } catch (error) {
    log?.error('ended', error);
    tell({
      failed: { code: error instanceof ServingError ? error.code : 'job-failed', message: messageOf(error) },
    });
    process.exit(1);
  }
}

void main();
