import { readdirSync } from 'node:fs';
import { hostname } from 'node:os';
import { resolve } from 'node:path';
import type { Redis } from 'ioredis';
import { ServingError, messageOf } from '../../../schemas/errors.ts';
import type { JobReport, Registration } from '../../../schemas/jobEvents.ts';
import { startLockKey } from '../../../schemas/redisKeys.ts';
import { shellWord } from '../../../schemas/shellWord.ts';
import { effectiveConfig } from '../config/effectiveConfig.ts';
import { findModel } from '../model/findModel.ts';
import { runnableTypes, type DetectedModel } from '../model/detectModel.ts';
import { addressText, connectRedis, type RedisAddress } from '../queue/connectRedis.ts';
import { readJobReports } from '../queue/jobReports.ts';
import { redisAddress } from '../queue/redisAddress.ts';
import {
  configDigest,
  forgetFlinkJob,
  readMemoryInfo,
  takeLock,
  unregister,
} from '../queue/workerRegistry.ts';
import { startWorker } from './embedded/embeddedWorker.ts';
import { addFlinkStates } from './flink/flinkStates.ts';
import { isRemotePath } from './flink/modelSource.ts';
import { openCluster } from './flink/openCluster.ts';
import { submitJob } from './flink/submitJob.ts';
import { isGone } from './knownRedis.ts';
import type { LoadedConfig } from './loadConfig.ts';
import { isThisMachine, startOwnRedis, stopOwnRedis, type OwnRedis } from './machine/redisServer.ts';
import type { StartedJob, Starting, StartOptions } from './starting.ts';
import type { StateFolder } from './machine/stateFolder.ts';

const lockMs = 120_000;

/** Starts a job: checks all that can be checked, finds or starts Redis, starts the workers, waits for their first warm
 *  inference. Whatever fails or is aborted on the way leaves nothing behind.
 *  @throws ServingError */
export async function startJob(options: StartOptions): Promise<StartedJob> {
  const { state, loaded, onStep, signal } = options;
  const { config, folder } = loaded;
  const address = redisAddress(config, folder);
  const undo: Starting['undo'] = [];
  const check = () => {
    if (signal.aborted)
      throw new ServingError('job-failed', 'The start was cancelled; nothing was left behind.');
  };
  try {
    onStep('config');
    const found = requireRunnableModel(loaded, options.flink.jar !== undefined);
    const parallelism = options.workers ?? effectiveConfig(config, found?.type ?? 'onnx').modelParallelism;
    const cluster = config.backend === 'flink' ? await openCluster(options, parallelism, undo) : undefined;
    check();
    onStep('redis');
    const { redis, own } = await openRedis(state, loaded, address, signal);
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
    const starting: Starting = { redis, address, undo, check };
    const started =
      config.backend === 'flink'
        ? await submitJob(options, starting, parallelism)
        : await startWorkers(options, starting);
    check();
    await redis.del(lock);
    redis.disconnect();
    return {
      jobName: config.jobName,
      redis: addressText(address),
      startedRedis: own !== undefined,
      startedFlink: cluster?.started ?? false,
      ...started,
    };
  } catch (error) {
    const left = await takeBack(undo);
    if (left.length === 0) {
      check();
      throw error;
    }
    const why = signal.aborted ? 'The start was cancelled.' : messageOf(error);
    const code = error instanceof ServingError ? error.code : 'job-failed';
    throw new ServingError(code, `${why} Not all could be taken back: ${left.join(' ')}`, { cause: error });
  }
}

/** @returns why steps could not be taken back */
async function takeBack(undo: Starting['undo']): Promise<readonly string[]> {
  const left: string[] = [];
  for (const step of undo.reverse())
    await step().catch((error: unknown) => {
      left.push(messageOf(error));
    });
  return left;
}

async function startWorkers(
  options: StartOptions,
  { redis, address, undo, check }: Starting,
): Promise<Pick<StartedJob, 'workers' | 'ended'>> {
  const workers: Registration[] = [];
  let ended: Promise<number> = Promise.resolve(0);
  for (let i = 0; i < (options.workers ?? 1); i++) {
    const worker = startWorker(options, address);
    undo.push(() => worker.kill(redis));
    workers.push(await worker.ready);
    ended = worker.ended;
    check();
  }
  return { workers, ended };
}

/** @throws ServingError "model-…" */
function requireRunnableModel({ config, folder }: LoadedConfig, anyType: boolean): DetectedModel | undefined {
  // Flink's own file systems read these on the cluster.
  if (isRemotePath(config.modelPath)) return undefined;
  const modelFolder = resolve(folder, config.modelPath);
  const found = findModel(modelFolder, readdirSync);
  if (anyType || runnableTypes[config.backend].some((runnable) => runnable === found.type)) return found;
  throw new ServingError(
    'model-unsupported',
    `modelPath ${modelFolder} holds a ${found.type} model; the ${config.backend} backend runs ${runnableTypes[config.backend].join(', ')}. Export the model to ONNX.`,
  );
}

async function openRedis(
  state: StateFolder,
  { config }: LoadedConfig,
  address: RedisAddress,
  signal: AbortSignal,
): Promise<{ redis: Redis; own: OwnRedis | undefined }> {
  try {
    return { redis: await connectRedis(address, signal), own: undefined };
  } catch (error) {
    const absent = error instanceof ServingError && error.code === 'redis-refused';
    if (!absent || !isThisMachine(address.host)) throw error;
  }
  const own = await startOwnRedis(state, config, address);
  // Not to be aborted: the caller takes back what it is given, and only that.
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
  const { jobName, backend } = options.loaded.config;
  const known = await readJobReports(redis, redisText, isGone);
  const [job] = await addFlinkStates(known.filter((report) => report.jobName === jobName));
  if (!job) return;
  if (job.state === 'failed' || job.state === 'stopped')
    for (const { jobId } of job.flinkJobs ?? []) {
      await forgetFlinkJob(redis, jobId);
      options.state.forgetFlinkJob(jobId);
    }
  for (const { registration, heartbeat } of job.workers) {
    if (heartbeat || !(isGone(registration) || job.state === 'failed' || job.state === 'stopped')) continue;
    await unregister(redis, registration.workerId);
    options.state.forgetJob(registration.workerId);
  }
  if (job.state === 'failed' || job.state === 'stopped' || options.workers !== undefined) return;
  const digest = configDigest(options.loaded.config);
  const elsewhere =
    backend === 'embedded' &&
    job.backend === 'embedded' &&
    job.workers.every(({ registration }) => registration.host !== hostname());
  if (elsewhere && job.workers.every(({ registration }) => registration.configDigest === digest)) return;
  throw alreadyRuns(job);
}

function alreadyRuns(job: JobReport): ServingError {
  const places = [
    ...job.workers
      .filter(({ registration }) => registration.backend === 'embedded')
      .map(({ registration: { host, pid, configPath } }) => `on ${host} (pid ${pid}) from ${configPath}`),
    ...(job.flinkJobs ?? []).map(
      ({ flinkRestUrl, jobId, configPath }) =>
        `on the Flink cluster at ${flinkRestUrl} (job ${jobId}) from ${configPath}`,
    ),
  ];
  return new ServingError(
    'job-running',
    `The job "${job.jobName}" already runs ${places.join(' and ')}. Stop it ("cluster-serving stop ${shellWord(job.jobName)}"), choose another jobName, or add workers on purpose with --workers.`,
  );
}
