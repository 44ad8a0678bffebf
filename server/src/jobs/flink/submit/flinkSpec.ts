import { hostname } from 'node:os';
import {
  flinkLogName,
  type FlinkJobSpec,
  type FlinkModel,
  type FlinkProgram,
  type FlinkRedis,
  type FlinkTls,
} from '../../../../../schemas/flinkJob.ts';
import type { ModelType } from '../../../../../schemas/runtimes.ts';
import { workerJob } from '../../../config/workerJob.ts';
import type { RedisAddress } from '../../../queue/redis/redisAddress.ts';
import { redisAddress } from '../../../queue/redis/redisAddress.ts';
import { readTrustStore } from '../../../queue/redis/trustStore.ts';
import { configDigest } from '../../../queue/registry/workerRegistry.ts';
import type { StartOptions } from '../../start/starting.ts';

export interface FlinkSpecOptions {
  readonly model: FlinkModel;
  /** As detectModel names it; undefined where only the cluster reads it. */
  readonly modelType: ModelType | undefined;
  readonly program: FlinkProgram;
  readonly jobId: string;
  readonly parallelism: number;
}

/** Resolves a config into what the job needs of it. @throws ServingError "trust-store-unreadable" */
export async function flinkSpec(
  { loaded, threads }: StartOptions,
  { model, modelType, program, jobId, parallelism }: FlinkSpecOptions,
): Promise<FlinkJobSpec> {
  const { config, path, folder } = loaded;
  const job = workerJob(config, { configPath: path, configDigest: configDigest(config), modelType, threads });
  return {
    jobName: config.jobName,
    jobId,
    logName: flinkLogName(config.jobName),
    configPath: path,
    host: hostname(),
    redis: await redisOf(redisAddress(config, folder)),
    model,
    program,
    parallelism,
    batchSize: config.batchSize,
    claimIdleMs: config.claimIdleMs,
    resultTtlSeconds: config.resultTtlSeconds,
    // Each part of the job has a worker with one copy.
    worker: { ...job, copies: 1 },
  };
}

async function redisOf({
  host,
  port,
  timeoutMs,
  username,
  password,
  tls,
}: RedisAddress): Promise<FlinkRedis> {
  return {
    host,
    port,
    timeoutMs,
    username: username ?? null,
    password: password ?? null,
    tls: tls ? await tlsOf(tls) : null,
  };
}

/** Read here, so that every program takes the same stores for trusted. */
async function tlsOf({
  trustStorePath,
  trustStorePassword,
}: NonNullable<RedisAddress['tls']>): Promise<FlinkTls> {
  if (!trustStorePath) return { certificates: null };
  return { certificates: (await readTrustStore(trustStorePath, trustStorePassword)).join('\n') };
}
