import { hostname } from 'node:os';
import {
  flinkLogName,
  type FlinkJobSpec,
  type FlinkModel,
  type FlinkRedis,
  type FlinkTls,
} from '../../../../schemas/flinkJob.ts';
import { effectiveConfig } from '../../config/effectiveConfig.ts';
import type { RedisAddress } from '../../queue/redis/connectRedis.ts';
import { judgeFile } from '../../model/judgeFile.ts';
import { redisAddress } from '../../queue/redis/redisAddress.ts';
import { readTrustStore } from '../../queue/redis/trustStore.ts';
import { configDigest } from '../../queue/registry/workerRegistry.ts';
import type { LoadedConfig } from '../../workspace/loadConfig.ts';
import type { StartOptions } from '../starting.ts';
import { modelSource, type ModelSource } from './modelSource.ts';

/** A model as the job finds it: a local one has been sent to the cluster under a name. */
export type PlacedModel =
  | ModelSource
  | { readonly kind: 'shipped'; readonly model: FlinkModel };

/** Resolves a config into what the job needs of it. @throws ServingError "trust-store-unreadable" */
export async function flinkSpec(
  { loaded, threads }: StartOptions,
  model: PlacedModel,
  jobId: string,
  parallelism: number,
): Promise<FlinkJobSpec> {
  const { config, path, folder } = loaded;
  return {
    jobName: config.jobName,
    jobId,
    logName: flinkLogName(config.jobName),
    configPath: path,
    configDigest: configDigest(config),
    host: hostname(),
    redis: await redisOf(redisAddress(config, folder)),
    model:
      model.kind === 'shipped' ? model.model : { path: model.kind === 'remote' ? model.path : model.file },
    modelParallelism: parallelism,
    threadPerModel: threads ?? effectiveConfig(config, 'onnx').threadPerModel,
    batchSize: config.batchSize,
    batchTimeoutMs: config.batchTimeoutMs,
    batching: await batchingOf(loaded),
    maxDeliveries: config.maxDeliveries,
    claimIdleMs: config.claimIdleMs,
    resultTtlSeconds: config.resultTtlSeconds,
    imageResize: config.imageResize ?? null,
    postProcessing: config.postProcessing ?? null,
    inputAlreadyBatched: config.inputAlreadyBatched,
  };
}

/** On the cluster there are only samples to decide by: what the graph refutes is not left to them. */
async function batchingOf(loaded: LoadedConfig): Promise<FlinkJobSpec['batching']> {
  const { batching } = loaded.config;
  const source = modelSource(loaded);
  if (batching !== 'auto' || source.kind === 'remote') return batching;
  return (await judgeFile(source.file)).kind === 'refuted' ? 'off' : 'auto';
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
