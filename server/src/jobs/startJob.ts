import { randomBytes } from 'node:crypto';
import { readdirSync } from 'node:fs';
import { hostname } from 'node:os';
import { resolve } from 'node:path';
import type { Redis } from 'ioredis';
import { ServingError, type ErrorCode } from '../../../schemas/errors.ts';
import type { EngineMessage, JobReport, Registration } from '../../../schemas/jobEvents.ts';
import { startLockKey } from '../../../schemas/redisKeys.ts';
import { findModel } from '../model/findModel.ts';
import { runnableTypes } from '../model/detectModel.ts';
import { addressText, connectRedis, type RedisAddress } from '../queue/connectRedis.ts';
import { readJobReports } from '../queue/jobReports.ts';
import { redisAddress } from '../queue/redisAddress.ts';
import { configDigest, readMemoryInfo, takeLock, unregister } from '../queue/workerRegistry.ts';
import { startDaemon } from './daemon.ts';
import { isGone } from './knownRedis.ts';
import type { LoadedConfig } from './loadConfig.ts';
import { endProcess } from './processes.ts';
import { isThisMachine, startOwnRedis, stopOwnRedis, type OwnRedis } from './redisServer.ts';
import type { StateFolder } from './stateFolder.ts';

export interface StartOptions {
  readonly state: StateFolder;
  readonly loaded: LoadedConfig;
  /** The bundle of the engine's main. */
  readonly engineFile: string;
  /** Overrides threadPerModel. */
  readonly threads?: number | undefined;
  /** Set: so many workers are added, though the job may run already. */
  readonly workers?: number | undefined;
  /** The worker writes to this terminal and ends with this process. */
  readonly foreground: boolean;
  readonly onStep: (step: string) => void;
  /** Told of what works but may lose records. */
  readonly onWarning: (warning: string) => void;
  /** Aborting takes back everything that was started. */
  readonly signal: AbortSignal;
}

export interface StartedJob {
  readonly jobName: string;
  readonly redis: string;
  readonly workers: readonly Registration[];
  readonly startedRedis: boolean;
  /** In the foreground: settles when the worker has ended, with its exit code. */
  readonly ended: Promise<number>;
}

const lockMs = 120_000;

/** Starts a job: checks all that can be checked, finds or starts Redis, starts the workers, waits for their first warm
 *  inference. Whatever fails or is aborted on the way leaves nothing behind.
 *  @throws ServingError */
export async function startJob(options: StartOptions): Promise<StartedJob> {
  const { state, loaded, onStep, signal } = options;
  const { config, folder } = loaded;
  const address = redisAddress(config, folder);
  const undo: (() => Promise<void>)[] = [];
  const check = () => {
    if (signal.aborted)
      throw new ServingError('job-failed', 'The start was cancelled; nothing was left behind.');
  };
  try {
    onStep('config');
    requireRunnableModel(loaded);
    onStep('redis');
    const { redis, own } = await openRedis(state, loaded, address);
    undo.push(async () => {
      redis.disconnect();
      if (own) await stopOwnRedis(own, true);
    });
    check();
    await warnOfEviction(redis, address, options.onWarning);
    const lock = startLockKey(config.jobName);
    if (!(await takeLock(redis, lock, hostname(), lockMs)))
      throw new ServingError(
        'job-running',
        `The job "${config.jobName}" is being started by somebody else just now.`,
      );
    undo.push(async () => {
      await redis.del(lock);
    });
    await makeRoom(redis, options, addressText(address));
    check();
    const workers: Registration[] = [];
    let ended: Promise<number> = Promise.resolve(0);
    for (let i = 0; i < (options.workers ?? 1); i++) {
      const worker = startWorker(options, address);
      undo.push(() => worker.kill(redis));
      workers.push(await worker.ready);
      ended = worker.ended;
      check();
    }
    await redis.del(lock);
    redis.disconnect();
    return {
      jobName: config.jobName,
      redis: addressText(address),
      workers,
      startedRedis: own !== undefined,
      ended,
    };
  } catch (error) {
    for (const step of undo.reverse()) await step().catch(() => undefined);
    check();
    throw error;
  }
}

/** @throws ServingError "model-…" */
function requireRunnableModel({ config, folder }: LoadedConfig): void {
  const modelFolder = resolve(folder, config.modelPath);
  const { type } = findModel(modelFolder, readdirSync);
  if (runnableTypes[config.backend].some((runnable) => runnable === type)) return;
  throw new ServingError(
    'model-unsupported',
    `modelPath ${modelFolder} holds a ${type} model; the ${config.backend} backend runs ${runnableTypes[config.backend].join(', ')}. Export the model to ONNX.`,
  );
}

async function openRedis(
  state: StateFolder,
  { config }: LoadedConfig,
  address: RedisAddress,
): Promise<{ redis: Redis; own: OwnRedis | undefined }> {
  try {
    return { redis: await connectRedis(address), own: undefined };
  } catch (error) {
    const absent = error instanceof ServingError && error.code === 'redis-refused';
    if (!absent || !isThisMachine(address.host)) throw error;
  }
  const own = await startOwnRedis(state, config, address);
  return { redis: await connectRedis(address), own };
}

/** A Redis that evicts keys loses records and results in silence. It is the user's, so it is left as it is. */
async function warnOfEviction(
  redis: Redis,
  address: RedisAddress,
  warn: (warning: string) => void,
): Promise<void> {
  const info = await readMemoryInfo(redis);
  if (info.maxBytes === 0 || info.policy === 'noeviction') return;
  warn(
    `Redis at ${addressText(address)} drops keys when it is full (maxmemory-policy ${info.policy}), records and results among them. ` +
      `To keep them: redis-cli -h ${address.host} -p ${address.port} config set maxmemory-policy noeviction`,
  );
}

/** Takes note of workers that died, and refuses a job name that is in use, unless workers are added on purpose: by
 *  `--workers`, or by the same config on another machine. */
async function makeRoom(redis: Redis, options: StartOptions, redisText: string): Promise<void> {
  const jobs = await readJobReports(redis, redisText, isGone);
  const job = jobs.find(({ jobName }) => jobName === options.loaded.config.jobName);
  if (!job) return;
  for (const { registration, heartbeat } of job.workers) {
    if (heartbeat || !(isGone(registration) || job.state === 'failed')) continue;
    await unregister(redis, registration.workerId);
    options.state.forgetJob(registration.workerId);
  }
  if (job.state === 'failed' || options.workers !== undefined) return;
  const digest = configDigest(options.loaded.config);
  const elsewhere = job.workers.every(({ registration }) => registration.host !== hostname());
  if (elsewhere && job.workers.every(({ registration }) => registration.configDigest === digest)) return;
  throw alreadyRuns(job);
}

function alreadyRuns(job: JobReport): ServingError {
  const places = job.workers.map(
    ({ registration: { host, pid, configPath } }) => `on ${host} (pid ${pid}) from ${configPath}`,
  );
  return new ServingError(
    'job-running',
    `The job "${job.jobName}" already runs ${places.join(' and ')}. Stop it ("cluster-serving stop ${job.jobName}"), choose another jobName, or add workers on purpose with --workers.`,
  );
}

interface StartedWorker {
  readonly ready: Promise<Registration>;
  readonly ended: Promise<number>;
  kill(redis: Redis): Promise<void>;
}

function startWorker(
  { state, loaded, engineFile, threads, foreground, onStep, signal }: StartOptions,
  address: RedisAddress,
): StartedWorker {
  const { config } = loaded;
  const workerId = `${hostname()}-${randomBytes(4).toString('hex')}`;
  const logFile = state.logFile(config.jobName, workerId);
  const args = ['--config', loaded.path, '--worker', workerId, '--log', logFile];
  if (threads !== undefined) args.push('--threads', String(threads));
  const daemon = startDaemon({
    program: process.execPath,
    args: [engineFile, ...args],
    logFile: foreground ? undefined : logFile,
    ipc: true,
  });
  const { process: child, pid, ended } = daemon;

  const ready = new Promise<Registration>((resolveReady, reject) => {
    const fail = (code: string, message: string) => {
      reject(new ServingError(code as ErrorCode, message));
    };
    child.on('message', (raw) => {
      const message = raw as EngineMessage;
      if ('step' in message) {
        if (message.step === 'model' || message.step === 'warm-up') onStep(message.step);
      } else if ('failed' in message) fail(message.failed.code, message.failed.message);
      else {
        state.saveJob({ ...message.ready, redis: { host: address.host, port: address.port } });
        if (!foreground) child.unref();
        resolveReady(message.ready);
      }
    });
    void ended.then((code) => {
      fail('job-failed', `The worker ended with code ${code} before it was ready. Its log: ${logFile}`);
    });
    signal.addEventListener('abort', () => {
      fail('job-failed', 'The start was cancelled.');
    });
  });
  return {
    ready,
    ended,
    async kill(redis) {
      await endProcess(pid, workerId, 2_000);
      await unregister(redis, workerId);
      state.forgetJob(workerId);
    },
  };
}
